// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// clusterDataSource reads the status of one of the configured clusters.
type clusterDataSource struct {
	dataSourceBase
}

func newClusterDataSource() datasource.DataSource {
	return &clusterDataSource{dataSourceBase{name: "cluster"}}
}

type clusterDataModel struct {
	Name       types.String `tfsdk:"name"`
	ID         types.String `tfsdk:"id"`
	Home       types.Bool   `tfsdk:"home"`
	Reachable  types.Bool   `tfsdk:"reachable"`
	Reason     types.String `tfsdk:"reason"`
	APIVersion types.String `tfsdk:"api_version"`
}

// clusterAttributes are computed, but for the name where one cluster is asked for.
func clusterAttributes(name schema.Attribute) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": name,
		"id":   computedText("Identity of the cluster: the UID of its namespace `kube-system`. Null if it cannot be read."),
		"home": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether this cluster keeps the organization's records."},
		"reachable": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the API server answers requests with the " +
			"provider's credentials."},
		"reason": computedText("Why the cluster is not reachable, or what is missing in it. Otherwise null."),
		"api_version": computedText("The version of `external-secrets.io` that the provider uses in this cluster, `v1` or `v1beta1`. " +
			"Null if External Secrets Operator is not installed, or if the version is not known."),
	}
}

func (d *clusterDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One of the clusters of the provider block, and whether it can be used. An unavailable cluster is not an error.",
		Attributes: clusterAttributes(schema.StringAttribute{Required: true,
			MarkdownDescription: "Name of the cluster in the provider block; `default` for a single cluster without a name."}),
	}
}

func (d *clusterDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m clusterDataModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	clusters := d.settings.clustersFor(diags)
	if diags.HasError() {
		return
	}
	chosen, err := clusters.Select([]string{m.Name.ValueString()})
	if err != nil {
		diags.AddAttributeError(path.Root("name"), fmt.Sprintf("Cluster %q is not configured", m.Name.ValueString()), messageOf(err).Detail)
		return
	}
	if refuseUnknown(chosen[0].Unknown(), diags) {
		return
	}
	m = clusterData(ctx, chosen[0], clusters)
	diags.Append(resp.State.Set(ctx, &m)...)
}

// clusterData asks a cluster what it is and what it serves.
func clusterData(ctx context.Context, c *cluster.Cluster, clusters *cluster.Clusters) clusterDataModel {
	home, _ := clusters.Home()
	m := clusterDataModel{Name: types.StringValue(c.Name()), Home: types.BoolValue(c == home)}
	version, err := c.APIVersion(ctx)
	answered := !cluster.IsUnanswered(err) && !cluster.IsUnconfigured(err) && cluster.Classify(err) != cluster.Interrupted
	m.Reachable, m.APIVersion = types.BoolValue(answered), optional(version)
	if m.Reachable.ValueBool() {
		id, unknown := c.ID(ctx)
		m.ID = optional(id)
		err = errors.Join(err, unknown)
	}
	if err != nil {
		m.Reason = types.StringValue(cluster.ErrorText(err))
	}
	return m
}

// clustersDataSource reads the status of all configured clusters.
type clustersDataSource struct {
	dataSourceBase
}

func newClustersDataSource() datasource.DataSource {
	return &clustersDataSource{dataSourceBase{name: "clusters"}}
}

type clustersDataModel struct {
	Clusters []clusterDataModel `tfsdk:"clusters"`
}

func (d *clustersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All clusters of the provider block, and whether they can be used. An unavailable cluster is not an error.",
		Attributes: map[string]schema.Attribute{
			"clusters": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The clusters, sorted by name.",
				NestedObject: schema.NestedAttributeObject{
					Attributes: clusterAttributes(computedText("Name of the cluster in the provider block; `default` for a single cluster without a name.")),
				},
			},
		},
	}
}

func (d *clustersDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	clusters := d.settings.allClusters(&resp.Diagnostics)
	if clusters == nil {
		return
	}
	all := clusters.All()
	m := clustersDataModel{Clusters: []clusterDataModel{}}
	for _, read := range cluster.Gather(len(all), all, func(c *cluster.Cluster) (clusterDataModel, error) {
		return clusterData(ctx, c, clusters), nil
	}) {
		m.Clusters = append(m.Clusters, read.Value)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// warnUnavailable warns of the unavailable clusters.
func warnUnavailable(found cluster.Inventory, diags *diag.Diagnostics) {
	if len(found.Unavailable) > 0 {
		diags.AddWarning("Not all clusters could be asked", found.UnavailableText()+"\n\nThe result lacks the objects of these clusters.")
	}
}
