package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// providerModel is the provider block.
type providerModel struct {
	Host                  types.String `tfsdk:"host"`
	Token                 types.String `tfsdk:"token"`
	TokenFile             types.String `tfsdk:"token_file"`
	Username              types.String `tfsdk:"username"`
	Password              types.String `tfsdk:"password"`
	ClientCertificate     types.String `tfsdk:"client_certificate"`
	ClientKey             types.String `tfsdk:"client_key"`
	ClusterCACertificate  types.String `tfsdk:"cluster_ca_certificate"`
	Insecure              types.Bool   `tfsdk:"insecure"`
	TLSServerName         types.String `tfsdk:"tls_server_name"`
	ProxyURL              types.String `tfsdk:"proxy_url"`
	ConfigPath            types.String `tfsdk:"config_path"`
	ConfigPaths           types.List   `tfsdk:"config_paths"`
	ConfigContext         types.String `tfsdk:"config_context"`
	ConfigContextAuthInfo types.String `tfsdk:"config_context_auth_info"`
	ConfigContextCluster  types.String `tfsdk:"config_context_cluster"`
	Exec                  types.Object `tfsdk:"exec"`
	PlatformNamespace     types.String `tfsdk:"platform_namespace"`
	ProjectSelector       types.String `tfsdk:"project_selector"`
	ForceConflicts        types.Bool   `tfsdk:"force_conflicts"`
	Owner                 types.String `tfsdk:"owner"`
}

type execModel struct {
	APIVersion types.String `tfsdk:"api_version"`
	Command    types.String `tfsdk:"command"`
	Args       types.List   `tfsdk:"args"`
	Env        types.Map    `tfsdk:"env"`
}

// settings are what resources and data sources need of the provider block.
type settings struct {
	cluster         *cluster.Cluster
	namespace       string // the platform namespace
	projectSelector labels.Selector
	forceConflicts  bool
	owner           string
	unknown         []string // arguments that will be known only after apply
}

// clusterFor gives the cluster; it is an error that it cannot be known yet.
func (s *settings) clusterFor(diags *diag.Diagnostics) *cluster.Cluster {
	if len(s.unknown) > 0 {
		diags.AddError("The provider's configuration is not known yet", fmt.Sprintf(
			"The argument %s of the provider block will be known only after apply, and this cannot be done without the cluster. "+
				"Let it wait with depends_on on what makes the cluster, or apply that first.", strings.Join(s.unknown, ", ")))
		return nil
	}
	return s.cluster
}

func (m *providerModel) settings(ctx context.Context, version string, getenv func(string) string) (*settings, diag.Diagnostics) {
	var diags diag.Diagnostics
	s := &settings{forceConflicts: m.ForceConflicts.ValueBool(), owner: m.Owner.ValueString()}
	if s.owner == "" {
		s.owner = getenv("TFC_WORKSPACE_SLUG")
	}
	if s.namespace = m.PlatformNamespace.ValueString(); s.namespace == "" {
		s.namespace = secrets.DefaultPlatformNamespace
	}
	selector, err := m.selector()
	if err != nil {
		diags.Append(invalid(path.Root("project_selector"), err).diagnostic())
	}
	s.projectSelector = selector
	connection, connected := m.connection(ctx)
	diags.Append(connected...)
	s.cluster = cluster.New("default", connection.WithEnvironment(getenv), cluster.Options{
		UserAgent:       secrets.FieldManager + "/" + version,
		ProjectSelector: selector,
	})
	return s, diags
}

func (m *providerModel) selector() (labels.Selector, error) {
	text := m.ProjectSelector.ValueString()
	if m.ProjectSelector.IsNull() || m.ProjectSelector.IsUnknown() {
		text = secrets.DefaultProjectSelector
	}
	selector, err := labels.Parse(text)
	if err == nil && selector.Empty() {
		err = fmt.Errorf("it selects every namespace, so that every namespace would be a project: name a label")
	}
	return selector, err
}

func (m *providerModel) connection(ctx context.Context) (cluster.Config, diag.Diagnostics) {
	paths := stringsIn(m.ConfigPaths)
	if path := m.ConfigPath.ValueString(); path != "" {
		paths = []string{path}
	}
	config := cluster.Config{
		Host:                 m.Host.ValueString(),
		Token:                m.Token.ValueString(),
		TokenFile:            m.TokenFile.ValueString(),
		Username:             m.Username.ValueString(),
		Password:             m.Password.ValueString(),
		ClientCertificate:    m.ClientCertificate.ValueString(),
		ClientKey:            m.ClientKey.ValueString(),
		ClusterCACertificate: m.ClusterCACertificate.ValueString(),
		Insecure:             m.Insecure.ValueBool(),
		TLSServerName:        m.TLSServerName.ValueString(),
		ProxyURL:             m.ProxyURL.ValueString(),
		ConfigPaths:          paths,
		ConfigContext:        m.ConfigContext.ValueString(),
		ConfigContextUser:    m.ConfigContextAuthInfo.ValueString(),
		ConfigContextCluster: m.ConfigContextCluster.ValueString(),
	}
	if m.Exec.IsNull() || m.Exec.IsUnknown() {
		return config, nil
	}
	var exec execModel
	diags := m.Exec.As(ctx, &exec, basetypes.ObjectAsOptions{UnhandledUnknownAsEmpty: true})
	config.Exec = &cluster.Exec{
		APIVersion: exec.APIVersion.ValueString(),
		Command:    exec.Command.ValueString(),
		Args:       stringsIn(exec.Args),
		Env:        stringsOf(exec.Env),
	}
	return config, diags
}

// problems are arguments that contradict each other.
func (m *providerModel) problems() []problem {
	problems := checkString(m.PlatformNamespace, "platform_namespace", secrets.CheckProject)
	exclusive := func(with string, set attr.Value, others map[string]attr.Value, why string) {
		if !set.IsNull() {
			problems = append(problems, conflicting(with, others, why)...)
		}
	}
	exclusive("config_path", m.ConfigPath, map[string]attr.Value{"config_paths": m.ConfigPaths}, "Name one kubeconfig, or a list of them.")
	exclusive("token", m.Token, map[string]attr.Value{"token_file": m.TokenFile, "username": m.Username}, "One way to authenticate is needed, not two.")
	exclusive("cluster_ca_certificate", m.ClusterCACertificate, map[string]attr.Value{"insecure": onlyTrue(m.Insecure)}, "A certificate that is not checked needs no authority.")
	if _, err := m.selector(); err != nil {
		problems = append(problems, invalid(path.Root("project_selector"), err))
	}
	return problems
}

func onlyTrue(value types.Bool) types.Bool {
	if value.ValueBool() {
		return value
	}
	return types.BoolNull()
}

// topLevel gives the arguments that attribute paths belong to, each once.
func topLevel(paths []string) []string {
	var names []string
	for _, p := range paths {
		name := p[:len(p)-len(strings.TrimLeft(p, "abcdefghijklmnopqrstuvwxyz_"))]
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
