// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// storeKinds are the kinds of stores.
var storeKinds = []string{airm.KindClusterSecretStore, airm.KindSecretStore}

// providerStoresDataSource lists stores.
type providerStoresDataSource struct {
	dataSourceBase
}

func newProviderStoresDataSource() datasource.DataSource {
	return &providerStoresDataSource{dataSourceBase{name: "provider_stores"}}
}

type providerStoresDataModel struct {
	Project types.String             `tfsdk:"project"`
	Stores  []providerStoreDataEntry `tfsdk:"stores"`
}

type providerStoreDataEntry struct {
	ID           types.String `tfsdk:"id"`
	Project      types.String `tfsdk:"project"`
	Name         types.String `tfsdk:"name"`
	Cluster      types.String `tfsdk:"cluster"`
	Kind         types.String `tfsdk:"kind"`
	Backend      types.String `tfsdk:"backend"`
	Status       types.String `tfsdk:"status"`
	StatusReason types.String `tfsdk:"status_reason"`
	Capabilities types.String `tfsdk:"capabilities"`
}

func (d *providerStoresDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All stores in all clusters, including those of other tools. An unavailable cluster causes a warning, or " +
			"an error if all clusters are unavailable.",
		Attributes: map[string]schema.Attribute{
			"project": schema.StringAttribute{Optional: true, MarkdownDescription: "Only stores of this project. " +
				"Defaults to the stores of the organization and of all projects."},
			"stores": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The stores, sorted by ID and cluster. Stores of the organization come first.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":            computedText("`name`, or `project/name`."),
					"project":       computedText("The project that it belongs to, null for a store of the organization."),
					"name":          computedText("Name of the store."),
					"cluster":       computedText("The cluster that it is in, by its name in the provider block."),
					"kind":          computedText("`SecretStore` or `ClusterSecretStore`, for `store.kind` of secrets."),
					"backend":       computedText("Which backend it reads from, by External Secrets Operator's name: `vault`, `aws`, `gcpsm`, `azurekv`, `kubernetes` and so on."),
					"status":        computedText("Status of the validation: `Pending`, `Synced`, `SyncedError`, `Deleting`."),
					"status_reason": computedText("Why the store is not valid, or a restriction if it is valid. Otherwise null."),
					"capabilities":  computedText("`ReadOnly`, `WriteOnly` or `ReadWrite`; null until it was validated."),
				}},
			},
		},
	}
}

func (d *providerStoresDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m providerStoresDataModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	clusters := d.settings.allClusters(diags)
	if diags.HasError() {
		return
	}
	kinds := storeKinds
	if !m.Project.IsNull() {
		kinds = []string{airm.KindSecretStore}
	}
	found, err := clusters.Inventory(ctx, kinds, m.Project.ValueString(), nil)
	if err != nil {
		addError(diags, err)
		return
	}
	warnUnavailable(found, diags)
	m.Stores = make([]providerStoreDataEntry, 0, len(found.Found))
	for _, store := range found.Found {
		m.Stores = append(m.Stores, providerStoreEntry(ctx, store))
	}
	diags.Append(resp.State.Set(ctx, &m)...)
}

func providerStoreEntry(ctx context.Context, store cluster.Found) providerStoreDataEntry {
	ref, sync := store.Ref(), eso.StoreSync(store.Object.Object, store.Cluster.Now())
	entry := providerStoreDataEntry{
		ID:           types.StringValue(ref.ID()),
		Project:      optional(ref.Project),
		Name:         types.StringValue(ref.Name),
		Cluster:      types.StringValue(store.Cluster.Name()),
		Kind:         types.StringValue(ref.Kind),
		Status:       types.StringValue(string(sync.Status)),
		StatusReason: optional(store.Cluster.Reason(ctx, store.Object, sync)),
		Capabilities: optional(eso.Capabilities(store.Object.Object)),
	}
	for backend := range jsonvalue.MapAt(store.Object.Object, "spec", "provider") {
		entry.Backend = types.StringValue(backend)
	}
	return entry
}
