// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

var (
	_ resource.ResourceWithConfigure      = (*providerStoreResource)(nil)
	_ resource.ResourceWithIdentity       = (*providerStoreResource)(nil)
	_ resource.ResourceWithImportState    = (*providerStoreResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*providerStoreResource)(nil)
	_ resource.ResourceWithValidateConfig = (*providerStoreResource)(nil)
)

// providerStoreResource is one SecretStore or ClusterSecretStore.
type providerStoreResource struct {
	objectResource
}

func newProviderStoreResource() resource.Resource {
	return &providerStoreResource{newObjectResource("provider_store", providerStoreKind{})}
}

func (r *providerStoreResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := mergeAttributes(storeMapping.Describe(airm.KindSecretStore, storeAttributes()), credentialsAttributes())
	maps.Copy(attributes, map[string]schema.Attribute{
		"name":     nameAttribute(),
		"clusters": clustersAttribute("every cluster, or every one that holds the project"),
		"project": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Project of the store. With it, the store is a SecretStore, which only secrets of this project can " +
				"use. Without it, the store is a ClusterSecretStore for the whole organization. Changing it replaces the resource.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"kind": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "`SecretStore` or `ClusterSecretStore`, for `store.kind` of secrets.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"capabilities": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Capability of the store that External Secrets Operator reports: `ReadOnly`, `WriteOnly` or `ReadWrite`.",
		},
	})
	resp.Schema = schema.Schema{
		Version: schemaVersion(r.name),
		MarkdownDescription: "The connection of External Secrets Operator to a backend with secret values: a SecretStore of one " +
			"project, or a ClusterSecretStore for the organization. Set exactly one backend. A store that is still used is not " +
			"deleted: the error lists the secrets that use it. After a change of the store, ESO syncs secrets of this provider again " +
			"if they use the store and are not synced.",
		Attributes: commonAttributes(ctx, attributes),
	}
}

// ValidateConfig also checks the credentials: plan and state do not have them.
func (r *providerStoreResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	r.objectResource.ValidateConfig(ctx, req, resp)
	var config providerStoreModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		return // reported already
	}
	planning := r.settings != nil && r.settings.run.planning.Load()
	for _, p := range knownProblems(config.credentialsProblems(config.CredentialsWO), req.Config.Raw) {
		if !p.later || !planning {
			resp.Diagnostics.Append(p.diagnostic())
		}
	}
}

type providerStoreKind struct{}

func (providerStoreKind) newModel() kindModel { return &providerStoreModel{} }

func (providerStoreKind) parseID(id string) (airm.Ref, error) {
	return airm.ParseProviderStoreID(id)
}

func (providerStoreKind) clusterWide() bool { return true }
