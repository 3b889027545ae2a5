// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// organizationSecretsDataSource lists the organization secrets.
type organizationSecretsDataSource struct {
	dataSourceBase
}

func newOrganizationSecretsDataSource() datasource.DataSource {
	return &organizationSecretsDataSource{dataSourceBase{name: "organization_secrets"}}
}

type organizationSecretsDataModel struct {
	UseCase types.String                `tfsdk:"use_case"`
	Status  types.String                `tfsdk:"status"`
	Secrets []organizationSecretSummary `tfsdk:"secrets"`
}

func (d *organizationSecretsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All organization secrets and their statuses.",
		Attributes: map[string]schema.Attribute{
			"use_case": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(airm.UseCases()...)},
				MarkdownDescription: "Only secrets with this use case.",
			},
			"status": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(airm.Statuses()...)},
				MarkdownDescription: "Only secrets with this status.",
			},
			"secrets": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The organization secrets, sorted by name.",
				NestedObject:        schema.NestedAttributeObject{Attributes: organizationSecretAttributes()},
			},
		},
	}
}

func (d *organizationSecretsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m organizationSecretsDataModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	reader := d.settings.recordReader(diags)
	if diags.HasError() {
		return
	}
	secrets, err := reader.StatusOfAll(ctx)
	if err != nil {
		addError(diags, err)
		return
	}
	secrets = slices.DeleteFunc(secrets, func(secret *organization.SecretStatus) bool {
		return !m.UseCase.IsNull() && string(secret.Definition.Definition.UseCase) != m.UseCase.ValueString() ||
			!m.Status.IsNull() && string(secret.Status) != m.Status.ValueString()
	})
	m.Secrets = make([]organizationSecretSummary, 0, len(secrets))
	for _, secret := range secrets {
		m.Secrets = append(m.Secrets, summarize(ctx, secret))
	}
	diags.Append(resp.State.Set(ctx, &m)...)
}
