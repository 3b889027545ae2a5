// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// actionBase is what actions have in common: name, settings and checks.
type actionBase struct {
	name     string
	newModel func() actionModel
	settings *providerSettings
}

// actionModel is the configuration of an action.
type actionModel interface {
	problems() []problem
	ids() map[string]types.String // the arguments whose ids may name clusters
}

func (b *actionBase) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + b.name
}

func (b *actionBase) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	b.settings, _ = req.ProviderData.(*providerSettings)
}

// ValidateConfig reports what is wrong with the arguments, as far as they are known.
func (b *actionBase) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	b.check(ctx, req.Config, &resp.Diagnostics)
}

// ModifyPlan checks again what the plan knows more of, and which clusters the provider block has. It makes no request.
func (b *actionBase) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	m := b.check(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	for argument, id := range m.ids() {
		for _, p := range b.settings.unconfigured(id, argument) {
			resp.Diagnostics.Append(p.diagnostic())
		}
	}
}

func (b *actionBase) check(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) actionModel {
	m := b.newModel()
	diags.Append(config.Get(ctx, m)...)
	if diags.HasError() {
		return m
	}
	for _, p := range m.problems() {
		diags.Append(p.diagnostic())
	}
	return m
}

func optionalActionText(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

// actionTimeout describes the argument that waitLimit reads.
func actionTimeout() schema.Attribute {
	return optionalActionText("Maximum time to wait, such as `90s`. Defaults to `5m`.")
}

// needsAction says which CLI knows actions, and what there is for the others.
const needsAction = "\n\nNeeds Terraform 1.14. With older versions and OpenTofu, change a value of `sync_triggers` of the resource."

// ofClusters says what the id of a resource means for clusters.
func ofClusters(address string) string {
	return " It stands for the object in every cluster that has it. To select some of these clusters, append `@` and their names, as " +
		"in `\"${" + address + ".id}@east\"`."
}
