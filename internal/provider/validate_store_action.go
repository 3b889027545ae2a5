// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

var (
	_ action.ActionWithConfigure      = (*validateStoreAction)(nil)
	_ action.ActionWithValidateConfig = (*validateStoreAction)(nil)
	_ action.ActionWithModifyPlan     = (*validateStoreAction)(nil)
)

// validateStoreAction has External Secrets Operator validate a store now.
type validateStoreAction struct {
	actionBase
}

func newValidateStoreAction() action.Action {
	return &validateStoreAction{actionBase{name: "validate_store", newModel: func() actionModel { return &validateStoreModel{} }}}
}

type validateStoreModel struct {
	StoreID types.String `tfsdk:"store_id"`
	Timeout types.String `tfsdk:"timeout"`
}

func (m *validateStoreModel) problems() []problem {
	return append(checkObjectID(m.StoreID, "store_id", airm.ParseProviderStoreID), timeoutProblems(m.Timeout)...)
}

func (m *validateStoreModel) ids() map[string]types.String {
	return map[string]types.String{"store_id": m.StoreID}
}

func (a *validateStoreAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes External Secrets Operator validate a store at once, in every cluster that has the store, and fails " +
			"with ESO's reason if the store is not valid. For some backends, External Secrets Operator reports a store as valid " +
			"without sending a request to the backend." + needsAction,
		Attributes: map[string]schema.Attribute{
			"store_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The `id` of an `airm_provider_store`." + ofClusters("airm_provider_store.vault"),
			},
			"timeout": actionTimeout(),
		},
	}
}

func (a *validateStoreAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m validateStoreModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	limit, _ := waitLimit(m.Timeout, diags)
	clusters := a.settings.clustersFor(diags)
	if diags.HasError() {
		return
	}
	ctx, cancel := withWarnings(ctx, limit, diags)
	defer cancel()
	t, err := parseObjectID(m.StoreID.ValueString(), airm.ParseProviderStoreID)
	if err != nil {
		diags.Append(invalidArgument(path.Root("store_id"), err).diagnostic())
		return
	}
	var targets []syncTarget
	for _, f := range t.locate(ctx, clusters, diags) {
		targets = append(targets, syncTarget{f.cluster, t.Ref})
	}
	if !diags.HasError() {
		run := syncRun{reader: eso.RequestedStoreSync, progress: resp.SendProgress, limit: limit}
		run.run(ctx, targets, diags)
	}
}
