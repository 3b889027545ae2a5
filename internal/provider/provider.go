// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package provider is the Terraform layer: schemas, models and the life of resources. It reads like
// the interface that users see, and knows nothing of HTTP.
package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// New returns the provider of that version; the version goes into the user agent.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &airmProvider{version: version} }
}

type airmProvider struct {
	version  string
	settings *providerSettings // none before it is configured
	shapes   validShapes
}

var (
	_ provider.ProviderWithValidateConfig     = (*airmProvider)(nil)
	_ provider.ProviderWithFunctions          = (*airmProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*airmProvider)(nil)
	_ provider.ProviderWithListResources      = (*airmProvider)(nil)
	_ provider.ProviderWithActions            = (*airmProvider)(nil)
)

func (p *airmProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "airm"
	resp.Version = p.version
}

func (p *airmProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the secrets of AMD Resource Manager (AIRM) projects as External Secrets Operator (ESO) objects. " +
			"It talks to the Kubernetes API, not to AIRM's API. Its organization secrets do not appear in AIRM's UI, and no AIRM " +
			"storage can use them. The connection arguments are those of the `kubernetes` provider. It connects lazily: `validate` and " +
			"the plan of a new resource need no cluster.",
		Attributes: mergeAttributes(connectionAttributes(fromEnvironment), map[string]schema.Attribute{
			"clusters": schema.MapNestedAttribute{
				Optional: true,
				MarkdownDescription: "Connection arguments of several clusters, by names of your choice. " +
					"A name has 1 to 63 letters, digits, `-`, `_` or `.`, and begins with a letter or a digit. " +
					"Of the environment variables, only `KUBE_CONFIG_PATH`, `KUBE_CONFIG_PATHS` and `KUBECONFIG` are used.",
				NestedObject: schema.NestedAttributeObject{Attributes: connectionAttributes(notFromEnvironment)},
			},
			"home_cluster": optionalText("Which of the `clusters` keeps the organization's records. Defaults to the only one. " +
				"Needed for organization secrets and their assignments. Set the same in every workspace, and do not change it later: records are not migrated, and existing copies would be orphaned."),
			"platform_namespace": optionalText("Namespace of the organization's records, created with the first one. Defaults to `airm-secrets`. " +
				"Do not change it, and do not delete the namespace, while secrets are assigned or stores have `credentials_wo`."),
			"project_selector": optionalText("Label selector of the namespaces that are projects. Defaults to `airm.silogen.ai/project-id` (namespaces with this label, whatever its value)."),
			"force_conflicts": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether resources take over fields that " +
				"another field manager sets to a different value. The argument `force_conflicts` of a resource takes precedence. " +
				"Defaults to `false`."},
			"owner": optionalText("Name of this workspace, shown in other workspaces' error messages; not used for access control. The next run with the same name continues an interrupted create. Defaults to the environment variable `TFC_WORKSPACE_SLUG`."),
		}),
	}
}

// ValidateConfig refuses arguments that contradict each other.
func (p *airmProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, rejected := range knownProblems(m.problems(ctx), req.Config.Raw) {
		resp.Diagnostics.Append(rejected.diagnostic())
	}
}

// Configure makes no request and reads no file, so the cluster need not exist yet.
func (p *airmProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	keepLoggers(ctx)
	settings, diags := m.settings(ctx, p.version, os.Getenv, unknownPaths(req.Config.Raw))
	resp.Diagnostics.Append(diags...)
	p.settings = settings
	resp.ResourceData = settings
	resp.DataSourceData = settings
	resp.EphemeralResourceData = settings
	resp.ListResourceData = settings
	resp.ActionData = settings
}

func (p *airmProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		newOrganizationSecretResource, newSecretAssignmentResource, newSecretAssignmentsResource,
		newProjectSecretResource, newProviderStoreResource,
	}
}

func (p *airmProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newClusterDataSource, newClustersDataSource,
		newOrganizationSecretDataSource, newOrganizationSecretsDataSource,
		newProjectDataSource, newProjectsDataSource,
		newProjectSecretDataSource, newProjectSecretsDataSource,
		newProviderStoreDataSource, newProviderStoresDataSource,
	}
}

func (p *airmProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newAggregateStatusFunction, newParseIDFunction, newParseManifestFunction}
}

func (p *airmProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newSyncedSecretEphemeral}
}

func (p *airmProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		newOrganizationSecretList, newSecretAssignmentList, newSecretAssignmentsList,
		newProjectSecretList, newProviderStoreList,
	}
}

func (p *airmProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newSyncSecretAction, newValidateStoreAction}
}
