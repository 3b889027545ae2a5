package provider

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// projectSecretsDataSource lists everything that is in a project.
type projectSecretsDataSource struct {
	dataSourceBase
}

func newProjectSecretsDataSource() datasource.DataSource {
	return &projectSecretsDataSource{dataSourceBase{name: "project_secrets"}}
}

type projectSecretsDataModel struct {
	Project types.String             `tfsdk:"project"`
	Secrets []projectSecretDataEntry `tfsdk:"secrets"`
}

type projectSecretDataEntry struct {
	Name         types.String `tfsdk:"name"`
	Scope        types.String `tfsdk:"scope"`
	Type         types.String `tfsdk:"type"`
	Status       types.String `tfsdk:"status"`
	StatusReason types.String `tfsdk:"status_reason"`
	LastSyncedAt types.String `tfsdk:"last_synced_at"`
	UpdatedAt    types.String `tfsdk:"updated_at"`
}

func (d *projectSecretsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All secrets of a project, its own and those of the organization that are shared with it, whoever made them.",
		Attributes: map[string]schema.Attribute{
			"project": schema.StringAttribute{Required: true, MarkdownDescription: "The project."},
			"secrets": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The secrets, in the order of their names.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":           computedText("Name of the secret."),
					"scope":          computedText("`Project`, or `Organization` for a secret that is shared with the project."),
					"type":           computedText("The use case, null where none is set."),
					"status":         computedText("How the synchronization stands: `Pending`, `Synced`, `SyncedError`, `Deleting`."),
					"status_reason":  computedText("Why it is not synced, otherwise null."),
					"last_synced_at": computedText("When its values were last fetched (RFC 3339), null if never."),
					"updated_at":     computedText("When it was last changed (RFC 3339)."),
				}},
			},
		},
	}
}

func (d *projectSecretsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m projectSecretsDataModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	c := d.settings.homeFor(diags)
	if diags.HasError() {
		return
	}
	if _, err := c.Project(ctx, m.Project.ValueString()); err != nil {
		addError(diags, err)
		return
	}
	objects, err := c.List(ctx, secrets.KindExternalSecret, m.Project.ValueString(), "")
	if err != nil {
		addError(diags, err)
		return
	}
	m.Secrets = make([]projectSecretDataEntry, 0, len(objects))
	for i := range objects {
		m.Secrets = append(m.Secrets, projectSecretEntry(ctx, c, &objects[i]))
	}
	slices.SortFunc(m.Secrets, func(a, b projectSecretDataEntry) int {
		return strings.Compare(a.Name.ValueString(), b.Name.ValueString())
	})
	diags.Append(resp.State.Set(ctx, &m)...)
}

func projectSecretEntry(ctx context.Context, c *cluster.Cluster, object *unstructured.Unstructured) projectSecretDataEntry {
	sync := lookAtSecret(object.Object, time.Now())
	return projectSecretDataEntry{
		Name:         types.StringValue(object.GetName()),
		Scope:        types.StringValue(secrets.Scope(object.Object)),
		Type:         optional(object.GetLabels()[secrets.LabelUseCase]),
		Status:       types.StringValue(string(sync.Status)),
		StatusReason: optional(c.Reason(ctx, object, sync)),
		LastSyncedAt: moment(sync.LastSynced),
		UpdatedAt:    moment(secrets.UpdatedAt(object.Object)),
	}
}
