// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// providerStoreDataSource reports whether a store works.
type providerStoreDataSource struct {
	dataSourceBase
}

func newProviderStoreDataSource() datasource.DataSource {
	return &providerStoreDataSource{dataSourceBase{name: "provider_store"}}
}

type providerStoreDataModel struct {
	ID           types.String `tfsdk:"id"`
	Project      types.String `tfsdk:"project"`
	Name         types.String `tfsdk:"name"`
	Kind         types.String `tfsdk:"kind"`
	Backend      types.String `tfsdk:"backend"`
	Capabilities types.String `tfsdk:"capabilities"`
	objectStatusModel
}

func (d *providerStoreDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := objectStatusAttributes()
	maps.Copy(attributes, map[string]schema.Attribute{
		"project": schema.StringAttribute{Optional: true, MarkdownDescription: "The project of a SecretStore. If it is not set, " +
			"the store is a ClusterSecretStore."},
		"name":         schema.StringAttribute{Required: true, MarkdownDescription: "Name of the store."},
		"id":           computedText("`name`, or `project/name`."),
		"kind":         computedText("`SecretStore` or `ClusterSecretStore`, for `store.kind` of secrets."),
		"backend":      computedText("Which backend it reads from, by External Secrets Operator's name: `vault`, `aws`, `gcpsm`, `azurekv`, `kubernetes` and so on."),
		"capabilities": computedText("`ReadOnly`, `WriteOnly` or `ReadWrite`."),
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "One store, and whether External Secrets Operator reports it as valid. Other tools may have created the " +
			"store. For some backends, External Secrets Operator reports a store as valid without sending a request to the backend.",
		Attributes: attributes,
	}
}

func (d *providerStoreDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m providerStoreDataModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	if diags.HasError() {
		return
	}
	ref := storeRef(m.Project, m.Name)
	object := m.read(ctx, d.settings, ref, eso.RequestedStoreSync, diags)
	if object == nil {
		return
	}
	m.ID = types.StringValue(ref.ID())
	m.Kind = types.StringValue(ref.Kind)
	m.Capabilities = optional(eso.Capabilities(object.Object))
	for backend := range jsonvalue.MapAt(object.Object, "spec", "provider") {
		m.Backend = types.StringValue(backend)
	}
	diags.Append(resp.State.Set(ctx, &m)...)
}
