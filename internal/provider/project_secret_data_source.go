// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// projectSecretDataSource reads the status of one secret of a project.
type projectSecretDataSource struct {
	dataSourceBase
}

func newProjectSecretDataSource() datasource.DataSource {
	return &projectSecretDataSource{dataSourceBase{name: "project_secret"}}
}

type projectSecretDataModel struct {
	ID           types.String `tfsdk:"id"`
	Project      types.String `tfsdk:"project"`
	Name         types.String `tfsdk:"name"`
	Scope        types.String `tfsdk:"scope"`
	Type         types.String `tfsdk:"type"`
	SecretName   types.String `tfsdk:"secret_name"`
	LastSyncedAt types.String `tfsdk:"last_synced_at"`
	UpdatedAt    types.String `tfsdk:"updated_at"`
	MadeBy       types.String `tfsdk:"made_by"`
	AIRMID       types.String `tfsdk:"airm_id"`
	objectStatusModel
}

func (d *projectSecretDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := objectStatusAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"project":        schema.StringAttribute{Required: true, MarkdownDescription: "The project that the secret is in."},
		"name":           schema.StringAttribute{Required: true, MarkdownDescription: "Name of the secret."},
		"id":             computedText("`project/name`."),
		"scope":          computedText("`Project`, or `Organization` for a secret that is shared with the project."),
		"type":           computedText("The use case, or null."),
		"secret_name":    computedText("Name of the Kubernetes Secret, null if ESO writes an object of another kind."),
		"last_synced_at": computedText("When its values were last fetched (RFC 3339), null if never."),
		"updated_at":     computedText("When it was last changed (RFC 3339)."),
		"made_by":        madeByAttribute(),
		"airm_id":        airmIDAttribute(),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "One secret of a project and the status of its sync. Other tools may have created the secret.",
		Attributes:          attributes,
	}
}

func (d *projectSecretDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m projectSecretDataModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	if diags.HasError() {
		return
	}
	ref := airm.Ref{Kind: airm.KindExternalSecret, Project: m.Project.ValueString(), Name: m.Name.ValueString()}
	object := m.read(ctx, d.settings, ref, eso.ExternalSecretSync, diags)
	if object == nil {
		return
	}
	m.ID = types.StringValue(ref.ID())
	m.Scope = types.StringValue(airm.Scope(object.Object))
	m.Type = optional(string(airm.UseCaseOf(jsonvalue.MapAt(object.Object, "metadata", "labels"))))
	m.SecretName = targetSecretName(ref, jsonvalue.MapAt(object.Object, "spec"))
	m.LastSyncedAt = moment(eso.ExternalSecretSync(object.Object, time.Time{}, time.Time{}).LastSynced)
	m.UpdatedAt = moment(airm.UpdatedAt(object.Object))
	m.MadeBy = types.StringValue(airm.MadeBy(object.Object))
	m.AIRMID = optional(airm.ProjectSecretID(object.Object))
	diags.Append(resp.State.Set(ctx, &m)...)
}

func madeByAttribute() schema.Attribute {
	return computedText("Who created it: `AIRM` (its API), `terraform-provider-airm` (also if it took the object over) or `other`. The " +
		"provider reads this from annotations of the object, which everyone with write access to the object can forge.")
}

func airmIDAttribute() schema.Attribute {
	return computedText("The ID by which AIRM knows it (the label `" + airm.LabelProjectSecretID + "`), null where it has none.")
}
