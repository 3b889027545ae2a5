// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// projectsDataSource lists the projects.
type projectsDataSource struct {
	dataSourceBase
}

func newProjectsDataSource() datasource.DataSource {
	return &projectsDataSource{dataSourceBase{name: "projects"}}
}

type projectsDataModel struct {
	Projects []projectDataModel `tfsdk:"projects"`
}

func (d *projectsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All projects: the namespaces that the provider's `project_selector` selects.",
		Attributes: map[string]schema.Attribute{
			"projects": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The projects, sorted by name. Namespaces of one name with different `project_id` are different projects, each with its own `clusters`.",
				NestedObject:        schema.NestedAttributeObject{Attributes: projectAttributes()},
			},
		},
	}
}

func (d *projectsDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	diags := &resp.Diagnostics
	clusters := d.settings.allClusters(diags)
	if diags.HasError() {
		return
	}
	projects, err := clusters.Projects(ctx)
	if err != nil {
		addError(diags, err)
		return
	}
	m := projectsDataModel{Projects: make([]projectDataModel, 0, len(projects))}
	for _, held := range projects {
		m.Projects = append(m.Projects, projectData(held))
	}
	diags.Append(resp.State.Set(ctx, &m)...)
}
