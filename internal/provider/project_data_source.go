package provider

import (
	"context"

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
}

func (d *projectDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One project: a namespace that the provider's `project_selector` selects. Any other namespace is an error.",
		Attributes: map[string]schema.Attribute{
			"name":       schema.StringAttribute{Required: true, MarkdownDescription: "Name of the project, which is that of its namespace."},
			"id":         computedText("The name."),
			"project_id": computedText("AIRM's own id of the project, null where AIRM did not label the namespace."),
			"labels":     schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Labels of the namespace."},
		},
	}
}

func (d *projectDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m projectDataModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	c := d.settings.homeFor(diags)
	if diags.HasError() {
		return
	}
	project, err := c.Project(ctx, m.Name.ValueString())
	if err != nil {
		addError(diags, err)
		return
	}
	m = projectData(project)
	diags.Append(resp.State.Set(ctx, &m)...)
}

func projectData(project cluster.Project) projectDataModel {
	return projectDataModel{
		ID:        types.StringValue(project.Name),
		Name:      types.StringValue(project.Name),
		ProjectID: optional(project.ID),
		Labels:    stringMap(project.Labels, types.MapNull(types.StringType)),
	}
}
