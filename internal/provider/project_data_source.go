// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// projectDataSource is one project.
type projectDataSource struct {
	dataSourceBase
}

func newProjectDataSource() datasource.DataSource {
	return &projectDataSource{dataSourceBase{name: "project"}}
}

type projectDataModel struct {
	ID        types.String `tfsdk:"id"`
	Name      types.String `tfsdk:"name"`
	ProjectID types.String `tfsdk:"project_id"`
	Labels    types.Map    `tfsdk:"labels"`
	Clusters  types.List   `tfsdk:"clusters"`
}

func (d *projectDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One project: a namespace that the provider's `project_selector` selects. Any other namespace is an error.",
		Attributes: mergeAttributes(projectAttributes(), map[string]schema.Attribute{
			"name": schema.StringAttribute{Required: true, MarkdownDescription: "Name of the project, which is the name of its namespace."},
		}),
	}
}

func (d *projectDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m projectDataModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	clusters := d.settings.allClusters(diags)
	if diags.HasError() {
		return
	}
	located, err := clusters.LocateProject(ctx, m.Name.ValueString(), nil)
	if err != nil {
		addError(diags, err)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(located.Unavailable)) { // what it has would be taken for what does not exist
		addError(diags, located.Unavailable[name])
	}
	if diags.HasError() {
		return
	}
	var projects []cluster.Project
	for _, c := range located.Clusters {
		project, err := c.Project(ctx, m.Name.ValueString())
		if err != nil {
			addError(diags, err)
			return
		}
		projects = append(projects, project)
	}
	m = projectData(projects)
	diags.Append(resp.State.Set(ctx, &m)...)
}

// projectAttributes are the attributes of projectDataModel.
func projectAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":         computedText("The name."),
		"name":       computedText("Name of the project, which is the name of its namespace."),
		"project_id": computedText("AIRM's own ID of the project, null where AIRM did not label the namespace."),
		"labels": schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Labels of the " +
			"namespace. If several clusters have the project, these are the labels in the first one."},
		"clusters": schema.ListAttribute{Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Clusters that have the project, by their names in the provider block; `default` if it has only one."},
	}
}

// projectData describes one project by what the clusters that hold it say.
func projectData(projects []cluster.Project) projectDataModel {
	first := projects[0]
	var clusters []string
	for _, project := range projects {
		clusters = append(clusters, project.Cluster)
	}
	return projectDataModel{
		ID:        types.StringValue(first.Name),
		Name:      types.StringValue(first.Name),
		ProjectID: optional(first.ID),
		Labels:    stringMap(first.Labels, types.MapNull(types.StringType)),
		Clusters:  stringList(clusters),
	}
}
