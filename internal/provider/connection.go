// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// connectionModel says how to connect to one cluster.
type connectionModel struct {
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
	Kubeconfig            types.String `tfsdk:"kubeconfig"`
	ConfigPath            types.String `tfsdk:"config_path"`
	ConfigPaths           types.List   `tfsdk:"config_paths"`
	ConfigContext         types.String `tfsdk:"config_context"`
	ConfigContextAuthInfo types.String `tfsdk:"config_context_auth_info"`
	ConfigContextCluster  types.String `tfsdk:"config_context_cluster"`
	Exec                  types.Object `tfsdk:"exec"`
}

type execModel struct {
	APIVersion types.String `tfsdk:"api_version"`
	Command    types.String `tfsdk:"command"`
	Args       types.List   `tfsdk:"args"`
	Env        types.Map    `tfsdk:"env"`
}

func optionalText(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

// fromEnvironment returns the description of an argument of the provider block, which also comes from a variable.
func fromEnvironment(variable, description string) string {
	return description + " Environment: " + variable + "."
}

// notFromEnvironment returns the description of an argument of one of several clusters.
func notFromEnvironment(_, description string) string { return description }

// connectionAttributes are the arguments of connectionModel; from describes those that may also come from a variable.
func connectionAttributes(from func(variable, description string) string) map[string]schema.Attribute {
	secret := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"host":                   optionalText(from("`KUBE_HOST`", "Address of the Kubernetes API.")),
		"token":                  secret(from("`KUBE_TOKEN`", "Bearer token.")),
		"token_file":             optionalText("File with a bearer token, read again when it changes, such as a workload identity token."),
		"username":               optionalText(from("`KUBE_USER`", "User name for basic authentication.")),
		"password":               secret(from("`KUBE_PASSWORD`", "Password for basic authentication.")),
		"client_certificate":     optionalText(from("`KUBE_CLIENT_CERT_DATA`", "Client certificate (PEM).")),
		"client_key":             secret(from("`KUBE_CLIENT_KEY_DATA`", "Key of the client certificate (PEM).")),
		"cluster_ca_certificate": optionalText(from("`KUBE_CLUSTER_CA_CERT_DATA`", "Certificate authority of the API server (PEM).")),
		"insecure": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: from("`KUBE_INSECURE`", "Whether to accept any certificate of the API server."),
		},
		"tls_server_name": optionalText(from("`KUBE_TLS_SERVER_NAME`", "Name to expect in the API server's certificate.")),
		"proxy_url":       secret(from("`KUBE_PROXY_URL`", "Proxy for all requests (`http`, `https` or `socks5`); sensitive, since it may have a password.")),
		"kubeconfig": secret("Text of a kubeconfig (YAML or JSON), such as a CI variable or the output of a cluster's resource; instead of `config_path`. `config_context` and the other `config_…` arguments select from it. " +
			"Paths in it are relative to the working directory; a plugin (`exec`) in it is run. Credentials in environment variables, such as `KUBE_TOKEN`, are ignored beside it."),
		"config_path":              optionalText("Path of a kubeconfig file. Environment: `KUBE_CONFIG_PATH`, then `KUBECONFIG`; neither is read if `host` is set."),
		"config_paths":             schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Several kubeconfig files that are merged. Environment: `KUBE_CONFIG_PATHS`."},
		"config_context":           optionalText(from("`KUBE_CTX`", "Context of the kubeconfig. Defaults to the current context.")),
		"config_context_auth_info": optionalText(from("`KUBE_CTX_AUTH_INFO`", "User of the kubeconfig. Defaults to that of the context.")),
		"config_context_cluster":   optionalText(from("`KUBE_CTX_CLUSTER`", "Cluster of the kubeconfig. Defaults to that of the context.")),
		"exec":                     execAttribute(),
	}
}

// execAttribute is the argument of execModel.
func execAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Credential plugin that is run for a token or a client certificate, such as `aws eks get-token`.",
		Attributes: map[string]schema.Attribute{
			"api_version": schema.StringAttribute{Required: true, MarkdownDescription: "`client.authentication.k8s.io/v1` or " +
				"`/v1beta1`, depending on the plugin."},
			"command": schema.StringAttribute{Required: true, MarkdownDescription: "The command."},
			"args":    schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Arguments of the command."},
			"env":     schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Environment variables of the command, in addition to those of Terraform."},
		},
	}
}

// arguments are those of the connection, by name.
func (m *connectionModel) arguments() map[string]attr.Value {
	return map[string]attr.Value{
		"host": m.Host, "token": m.Token, "token_file": m.TokenFile, "username": m.Username, "password": m.Password,
		"client_certificate": m.ClientCertificate, "client_key": m.ClientKey, "cluster_ca_certificate": m.ClusterCACertificate,
		"insecure": m.Insecure, "tls_server_name": m.TLSServerName, "proxy_url": m.ProxyURL,
		"kubeconfig": m.Kubeconfig, "config_path": m.ConfigPath, "config_paths": m.ConfigPaths, "config_context": m.ConfigContext,
		"config_context_auth_info": m.ConfigContextAuthInfo, "config_context_cluster": m.ConfigContextCluster, "exec": m.Exec,
	}
}

func (m *connectionModel) config(ctx context.Context) (cluster.Config, diag.Diagnostics) {
	paths := stringsIn(m.ConfigPaths)
	if file := m.ConfigPath.ValueString(); file != "" {
		paths = []string{file}
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
		Insecure:             m.Insecure.ValueBoolPointer(),
		TLSServerName:        m.TLSServerName.ValueString(),
		ProxyURL:             m.ProxyURL.ValueString(),
		Kubeconfig:           m.Kubeconfig.ValueString(),
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

// problems are connection arguments that contradict each other; at is where they stand.
func (m *connectionModel) problems(at path.Path) []problem {
	var problems []problem
	exclusive := func(with, other, why string) {
		values := m.arguments()
		if !unset(values[with]) && !unset(values[other]) {
			problems = append(problems, problem{paths: []path.Path{at.AtName(other), at.AtName(with)},
				summary: fmt.Sprintf("%s and %s exclude each other", other, with), detail: why})
		}
	}
	exclusive("config_path", "config_paths", "Set one of them: config_path for one kubeconfig, config_paths for several.")
	exclusive("kubeconfig", "config_path", "Set one of them: kubeconfig for the content of a kubeconfig, config_path for its path.")
	exclusive("kubeconfig", "config_paths", "Set one of them: kubeconfig for the content of a kubeconfig, config_paths for paths.")
	exclusive("token", "token_file", "Set only one way to authenticate.")
	exclusive("token", "username", "Set only one way to authenticate.")
	exclusive("cluster_ca_certificate", "insecure", "With insecure, the certificate is not verified, so the certificate authority has no effect. Remove one of them.")
	if !m.Kubeconfig.IsNull() && !m.Kubeconfig.IsUnknown() && strings.TrimSpace(m.Kubeconfig.ValueString()) == "" {
		problems = append(problems, problem{paths: []path.Path{at.AtName("kubeconfig")}, summary: "kubeconfig is empty",
			detail: "The environment is not used instead, so no cluster is configured. Set the variable that the value comes from, or leave the argument out (null)."})
	}
	return problems
}

// unset reports whether an argument says nothing; false is the same as absent here.
func unset(value attr.Value) bool {
	flag, isFlag := value.(types.Bool)
	return value.IsNull() || isFlag && !flag.IsUnknown() && !flag.ValueBool()
}
