package provider

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-validators/ephemeralvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure        = (*syncedSecretEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithConfigValidators = (*syncedSecretEphemeral)(nil)
)

// syncedSecretEphemeral is what is in the Kubernetes Secret of a synced secret: for a run, and in no state.
type syncedSecretEphemeral struct {
	settings *settings
}

func newSyncedSecretEphemeral() ephemeral.EphemeralResource { return &syncedSecretEphemeral{} }

type syncedSecretModel struct {
	ProjectSecretID types.String `tfsdk:"project_secret_id"`
	AssignmentID    types.String `tfsdk:"assignment_id"`
	Cluster         types.String `tfsdk:"cluster"`
	SecretName      types.String `tfsdk:"secret_name"`
	Data            types.Map    `tfsdk:"data"`
	BinaryData      types.Map    `tfsdk:"binary_data"`
}

func (e *syncedSecretEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_synced_secret"
}

func (e *syncedSecretEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.settings, _ = req.ProviderData.(*settings)
}

func (e *syncedSecretEphemeral) ConfigValidators(context.Context) []ephemeral.ConfigValidator {
	return []ephemeral.ConfigValidator{ephemeralvalidator.ExactlyOneOf(path.MatchRoot("project_secret_id"), path.MatchRoot("assignment_id"))}
}

func (e *syncedSecretEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	values := func(description string) schema.Attribute {
		return schema.MapAttribute{Computed: true, Sensitive: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The values of a secret that is synced, read from its Kubernetes Secret whenever they are needed, and kept in no plan and no state: " +
			"for provider blocks, provisioners and write-only arguments. It takes the `id` of a resource, which is not known before that exists, so that a first plan does not " +
			"look for it. A secret that is not `Synced` is an error.\n\nNeeds Terraform 1.10 or OpenTofu 1.11, and the right to `get` the Kubernetes Secret.",
		Attributes: map[string]schema.Attribute{
			"project_secret_id": text("The `id` of an `airm_project_secret`. Exactly one of this and `assignment_id` is needed."),
			"assignment_id":     text("The `id` of an `airm_secret_assignment`."),
			"cluster":           text("The cluster to read from, by its name in the provider block. Needed where the project is in several."),
			"secret_name":       schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the Kubernetes Secret."},
			"data":              values("The values that are text, by their keys."),
			"binary_data":       values("The values that are no text (UTF-8), in Base64."),
		},
	}
}

func (e *syncedSecretEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m syncedSecretModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	clusters := e.settings.clustersFor(diags)
	if diags.HasError() {
		return
	}
	t := targetOf(m.ProjectSecretID, m.AssignmentID, diags)
	if !m.Cluster.IsNull() {
		t.clusters = []string{m.Cluster.ValueString()}
	}
	if diags.HasError() {
		return
	}
	c := onlyOne(t, t.placed(ctx, clusters, diags), diags)
	if c == nil {
		return
	}
	m.read(ctx, c, t, diags)
	if !diags.HasError() {
		diags.Append(resp.Result.Set(ctx, &m)...)
	}
}

// onlyOne gives the cluster of a target; several may hold different values.
func onlyOne(t target, placed []*cluster.Cluster, diags *diag.Diagnostics) *cluster.Cluster {
	if len(placed) == 1 && !diags.HasError() {
		return placed[0]
	}
	var names []string
	for _, c := range placed {
		names = append(names, c.Name())
	}
	if len(names) > 1 {
		diags.AddAttributeError(path.Root("cluster"), fmt.Sprintf("Project %q is in several clusters", t.Project),
			"They are "+strings.Join(names, ", ")+", and each has a Kubernetes Secret of its own. Name one of them with cluster.")
	}
	return nil
}

// read fills the values from the Kubernetes Secret of a target that is synced.
func (m *syncedSecretModel) read(ctx context.Context, c *cluster.Cluster, t target, diags *diag.Diagnostics) {
	object, err := t.live(ctx, c)
	if err != nil {
		addError(diags, err)
		return
	}
	if sync := lookNow(object.Object); sync.Status != secrets.Synced {
		diags.AddError(fmt.Sprintf("%s is not synced", t.Ref), fmt.Sprintf("Cluster %q, status %s: %s Its Kubernetes Secret may hold old values or none, so it is not read.",
			c.Name(), sync.Status, c.Reason(ctx, object, sync)))
		return
	}
	secret := secrets.Ref{Kind: secrets.KindSecret, Project: t.Project, Name: secrets.TargetSecretName(t.Ref, nested(object.Object, "spec"))}
	values, err := c.SecretValues(ctx, secret)
	if err != nil {
		addError(diags, err)
		return
	}
	text, binary := map[string]string{}, map[string]string{}
	for key, value := range values {
		if utf8.Valid(value) {
			text[key] = string(value)
		} else {
			binary[key] = base64.StdEncoding.EncodeToString(value)
		}
	}
	empty := types.MapValueMust(types.StringType, nil)
	m.SecretName, m.Data, m.BinaryData = types.StringValue(secret.Name), stringMap(text, empty), stringMap(binary, empty)
}
