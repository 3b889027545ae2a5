package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// validateStoreAction has External Secrets Operator validate a store now.
type validateStoreAction struct {
	actionBase
}

func newValidateStoreAction() action.Action {
	return &validateStoreAction{actionBase{name: "validate_store"}}
}

type validateStoreModel struct {
	StoreID types.String `tfsdk:"store_id"`
	Timeout types.String `tfsdk:"timeout"`
}

func (a *validateStoreAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes External Secrets Operator validate a store now, in every cluster where it is, and fails with its reason where the store is not valid. " +
			"How much that says depends on the backend: some are found valid without being asked." + needsAction,
		Attributes: map[string]schema.Attribute{
			"store_id": schema.StringAttribute{Required: true, MarkdownDescription: "The `id` of an `airm_provider_store`."},
			"timeout":  actionTimeout(),
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
	rest, narrowed, err := secrets.SplitClusters(m.StoreID.ValueString())
	t := target{clusters: narrowed}
	if err == nil {
		t.Ref, err = secrets.ParseProviderStoreID(rest)
	}
	if err != nil {
		diags.Append(invalid(path.Root("store_id"), err).diagnostic())
		return
	}
	var places []place
	for _, c := range t.placed(ctx, clusters, diags) {
		places = append(places, place{c, t.Ref})
	}
	if !diags.HasError() {
		syncNow(ctx, places, secrets.RequestedStoreSync, resp.SendProgress, diags)
	}
}
