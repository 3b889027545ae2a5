// Package provider is the Terraform layer: schemas, models and the life of resources. It reads like
// the interface that users see, and knows nothing of HTTP.
package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// New gives the provider of that version; the version goes into the user agent.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &airmProvider{version: version} }
}

type airmProvider struct {
	version string
}

var (
	_ provider.ProviderWithValidateConfig = (*airmProvider)(nil)
	_ provider.ProviderWithFunctions      = (*airmProvider)(nil)
)

func (p *airmProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "airm"
	resp.Version = p.version
}

func (p *airmProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	secret := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Secrets of AMD Resource Manager as objects of External Secrets Operator. " +
			"The connection arguments are those of the `kubernetes` provider. Nothing is connected before it is needed: " +
			"`validate` and the plan of a create work without a cluster.",
		Attributes: map[string]schema.Attribute{
			"host":                     text("Address of the Kubernetes API. Environment: `KUBE_HOST`."),
			"token":                    secret("Bearer token. Environment: `KUBE_TOKEN`."),
			"token_file":               text("File with a bearer token, read again when it changes, such as a workload identity token."),
			"username":                 text("User name for basic authentication. Environment: `KUBE_USER`."),
			"password":                 secret("Password for basic authentication. Environment: `KUBE_PASSWORD`."),
			"client_certificate":       text("Client certificate (PEM). Environment: `KUBE_CLIENT_CERT_DATA`."),
			"client_key":               secret("Key of the client certificate (PEM). Environment: `KUBE_CLIENT_KEY_DATA`."),
			"cluster_ca_certificate":   text("Certificate authority of the API server (PEM). Environment: `KUBE_CLUSTER_CA_CERT_DATA`."),
			"insecure":                 schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether to accept any certificate of the API server. Environment: `KUBE_INSECURE`."},
			"tls_server_name":          text("Name to expect in the API server's certificate. Environment: `KUBE_TLS_SERVER_NAME`."),
			"proxy_url":                text("Proxy for all requests (`http`, `https` or `socks5`). Environment: `KUBE_PROXY_URL`."),
			"config_path":              text("A kubeconfig file. Environment: `KUBE_CONFIG_PATH`, then `KUBECONFIG`; neither is read where `host` is set."),
			"config_paths":             schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Several kubeconfig files that are merged. Environment: `KUBE_CONFIG_PATHS`."},
			"config_context":           text("Context of the kubeconfig. Default: its current one. Environment: `KUBE_CTX`."),
			"config_context_auth_info": text("User of the kubeconfig, instead of the context's. Environment: `KUBE_CTX_AUTH_INFO`."),
			"config_context_cluster":   text("Cluster of the kubeconfig, instead of the context's. Environment: `KUBE_CTX_CLUSTER`."),
			"exec": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Credential plugin that is run for a token or a client certificate, such as `aws eks get-token`.",
				Attributes: map[string]schema.Attribute{
					"api_version": schema.StringAttribute{Required: true, MarkdownDescription: "`client.authentication.k8s.io/v1` or `/v1beta1`, as the plugin speaks."},
					"command":     schema.StringAttribute{Required: true, MarkdownDescription: "The command."},
					"args":        schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Its arguments."},
					"env":         schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Environment variables for it, besides those of Terraform."},
				},
			},
			"platform_namespace": text("Namespace that keeps the organization's records, made when the first is written. Default: `airm-secrets`. " +
				"Who may write ConfigMaps there is a platform admin."),
			"project_selector": text("Label selector of the namespaces that are projects. Default: `airm.silogen.ai/project-id` (the label is there)."),
			"force_conflicts": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether resources take over fields that another field manager set to another value, " +
				"unless they say so themselves. Default: `false`."},
			"owner": text("Who writes, as a hint for people: error messages of other workspaces show it. Default: the environment variable `TFC_WORKSPACE_SLUG`."),
		},
	}
}

// ValidateConfig refuses arguments that contradict each other.
func (p *airmProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, problem := range known(m.problems(), req.Config.Raw) {
		resp.Diagnostics.Append(problem.diagnostic())
	}
}

// Configure makes no request and reads no file, so the cluster need not exist yet.
func (p *airmProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	settings, diags := m.settings(ctx, p.version, os.Getenv)
	settings.unknown = topLevel(unknownPaths(req.Config.Raw))
	resp.Diagnostics.Append(diags...)
	resp.ResourceData = settings
	resp.DataSourceData = settings
}

func (p *airmProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		newOrganizationSecretResource, newSecretAssignmentResource, newSecretAssignmentsResource,
		newProjectSecretResource, newProviderStoreResource,
	}
}

func (p *airmProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newOrganizationSecretDataSource, newOrganizationSecretsDataSource,
		newProjectDataSource, newProjectsDataSource,
		newProjectSecretDataSource, newProjectSecretsDataSource,
		newProviderStoreDataSource,
	}
}

func (p *airmProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newAggregateStatusFunction}
}
