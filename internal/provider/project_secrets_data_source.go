// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
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
	Cluster      types.String `tfsdk:"cluster"`
	Scope        types.String `tfsdk:"scope"`
	Type         types.String `tfsdk:"type"`
	Status       types.String `tfsdk:"status"`
	StatusReason types.String `tfsdk:"status_reason"`
	LastSyncedAt types.String `tfsdk:"last_synced_at"`
	UpdatedAt    types.String `tfsdk:"updated_at"`
	MadeBy       types.String `tfsdk:"made_by"`
	AIRMID       types.String `tfsdk:"airm_id"`
}

func (d *projectSecretsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All secrets of a project: its own, the copies of organization secrets, and those of other tools.",
		Attributes: map[string]schema.Attribute{
			"project": schema.StringAttribute{Required: true, MarkdownDescription: "The project."},
			"secrets": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The secrets, sorted by name, with one entry for each cluster.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":           computedText("Name of the secret."),
					"cluster":        computedText("The cluster, by its name in the provider block; `default` where that has only one."),
					"scope":          computedText("`Project`, or `Organization` for a secret that is shared with the project."),
					"type":           computedText("The use case, or null."),
					"status":         computedText("Status of the sync: `Pending`, `Synced`, `SyncedError`, `Deleting`."),
					"status_reason":  computedText("Why the secret is not synced, otherwise null."),
					"last_synced_at": computedText("When its values were last fetched (RFC 3339), null if never."),
					"updated_at":     computedText("When it was last changed (RFC 3339)."),
					"made_by":        madeByAttribute(),
					"airm_id":        airmIDAttribute(),
				}},
			},
		},
	}
}

func (d *projectSecretsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m projectSecretsDataModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	clusters := d.settings.allClusters(diags)
	if diags.HasError() {
		return
	}
	located, err := clusters.LocateProject(ctx, m.Project.ValueString(), nil)
	if err != nil {
		addError(diags, err)
		return
	}
	listed, failed := cluster.GatherFrom(located.Clusters, func(c *cluster.Cluster) ([]projectSecretDataEntry, error) {
		objects, err := c.List(ctx, airm.KindExternalSecret, m.Project.ValueString(), "")
		entries := make([]projectSecretDataEntry, len(objects))
		for i := range objects {
			entries[i] = projectSecretEntry(ctx, c, &objects[i])
		}
		return entries, err
	})
	maps.Copy(failed, located.Unavailable)
	m.Secrets = slices.Concat(slices.Collect(maps.Values(listed))...)
	if m.Secrets == nil {
		m.Secrets = []projectSecretDataEntry{}
	}
	for _, name := range slices.Sorted(maps.Keys(failed)) {
		addError(diags, failed[name])
	}
	slices.SortFunc(m.Secrets, func(a, b projectSecretDataEntry) int {
		byName := strings.Compare(a.Name.ValueString(), b.Name.ValueString())
		return cmp.Or(byName, strings.Compare(a.Cluster.ValueString(), b.Cluster.ValueString()))
	})
	diags.Append(resp.State.Set(ctx, &m)...)
}

func projectSecretEntry(ctx context.Context, c *cluster.Cluster, object *unstructured.Unstructured) projectSecretDataEntry {
	sync := eso.ExternalSecretSync(object.Object, time.Time{}, c.Now())
	return projectSecretDataEntry{
		Name:         types.StringValue(object.GetName()),
		Cluster:      types.StringValue(c.Name()),
		Scope:        types.StringValue(airm.Scope(object.Object)),
		Type:         optional(string(airm.UseCaseOf(jsonvalue.MapAt(object.Object, "metadata", "labels")))),
		Status:       types.StringValue(string(sync.Status)),
		StatusReason: optional(c.Reason(ctx, object, sync)),
		LastSyncedAt: moment(sync.LastSynced),
		UpdatedAt:    moment(airm.UpdatedAt(object.Object)),
		MadeBy:       types.StringValue(airm.MadeBy(object.Object)),
		AIRMID:       optional(airm.ProjectSecretID(object.Object)),
	}
}
