// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"strings"
	"testing"
)

// bad are configurations that validate refuses, without any cluster, with the text of the error.
var bad = []struct{ name, kind, body, text string }{
	{"name", "project_secret", `project = "team-a"` + "\n" + `name = "Not_Valid"` + secretBody, "not a valid name"},
	{"project", "project_secret", `project = "team.a"` + "\n" + `name = "db"` + secretBody, "not a valid project name"},
	{"day", "project_secret", validSecret(secretBody + `refresh_interval = "1d"`), "is not a Go duration"},
	{"enum", "project_secret", validSecret(secretBody + `refresh_policy = "Sometimes"`), "Use one of"},
	{"creation_policy", "project_secret", validSecret(secretBody + `target = { creation_policy = "owner" }`), "write Owner"},
	{"decoding", "project_secret",
		validSecret(`store = { name = "s" }` + "\n" + `data = { x = { key = "k", decoding_strategy = "Rot13" } }`), "Use one of"},
	{"contradiction", "project_secret", validSecret(secretBody + `target = { creation_policy = "Merge", deletion_policy = "Delete" }`), "Delete needs the creationPolicy Owner"},
	{"no_data", "project_secret", validSecret(`store = { name = "s" }`), "Nothing to fetch"},
	{"no_store", "project_secret", validSecret(`data = { x = { key = "k" } }`), "No store"},
	{"two_sources", "project_secret", validSecret(`store = { name = "s" }` + "\n" + `data_from = [{ extract = { key = "k" }, find = { name = { regexp = "x" } } }]`), "Exactly one source expected"},
	{"template", "project_secret",
		validSecret(secretBody + `target = { template = { data = { x = "{{ .password" } } }`), "template has a syntax error"},
	{"use_case_s3", "project_secret", validSecret(secretBody + `use_case = "S3"`), "organization secrets only"},
	{"use_case", "project_secret", validSecret(secretBody + `use_case = "Food"`), "is not a use case that AIRM knows"},
	{"label_airm", "project_secret",
		validSecret(secretBody + `labels = { "airm.silogen.ai/use-case" = "S3" }`), "is reserved: AIRM or this provider sets it"},
	{"label_ours", "project_secret",
		validSecret(secretBody + `labels = { "terraform-provider-airm/x" = "y" }`), "is reserved: AIRM or this provider sets it"},
	{"annotation_ours", "project_secret",
		validSecret(secretBody + `annotations = { "terraform-provider-airm/owner-id" = "y" }`), "is reserved: AIRM or this provider sets it"},
	{"label_value", "project_secret", validSecret(secretBody + `labels = { x = "no spaces" }`), "not a valid value of the label"},
	{"on_sync_failure", "project_secret", validSecret(secretBody + `on_sync_failure = "ignore"`), `must be one of`},
	{"timeout", "project_secret", validSecret(secretBody + `timeouts = { create = "1d" }`), "Time Duration"},

	{"manifest_kind", "project_secret", validSecret("manifest = <<-EOT\napiVersion: external-secrets.io/v1\nkind: SecretStore\nspec: {}\nEOT\n"), "the kind must be ExternalSecret"},
	{"manifest_version", "project_secret", validSecret(manifestOf("v2", manifestSpec)), "Wrong apiVersion"},
	{"manifest_two", "project_secret", validSecret("manifest = <<-EOT\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\n" + manifestSpec + "\n---\na: b\nEOT\n"), "document"},
	{"manifest_namespace", "project_secret",
		validSecret(manifestOf("v1", "metadata: {namespace: team-b}\n"+manifestSpec)), "Contradicting namespace"},
	{"manifest_name", "project_secret", validSecret(manifestOf("v1", "metadata: {name: other}\n"+manifestSpec)), "Contradicting name"},
	{"label_of_airm", "project_secret",
		validSecret(secretBody + `labels = { "airm.silogen.com/use-case" = "generic" }`), "is reserved: AIRM or this provider sets it"},
	{"manifest_label", "project_secret", validSecret(manifestOf("v1", "metadata: {labels: {a: 1}}\n"+manifestSpec)), "must be a string"},
	{"manifest_use_case", "project_secret",
		validSecret(manifestOf("v1", "metadata: {labels: {airm.silogen.com/use-case: s3}}\n"+manifestSpec)), "organization secrets only"},
	{"two_use_cases", "project_secret",
		validSecret(manifestOf("v1", "metadata: {labels: {airm.silogen.com/use-case: generic}}\n"+manifestSpec) + `use_case = "Database"`),
		"Contradicting use case"},
	{"manifest_and_typed", "project_secret",
		validSecret(`refresh_interval = "1h"` + "\n" + manifestOf("v1", manifestSpec)), "exclude each other"},
	{"manifest_duration", "project_secret",
		validSecret(manifestOf("v1", strings.Replace(manifestSpec, "{", "{refreshInterval: 1d, ", 1))), "is not a Go duration"},
	{"manifest_yaml", "project_secret", validSecret("manifest = \"a: [\""), "YAML"},

	{"no_backend", "provider_store", `name = "vault"`, "A store needs a backend"},
	{"two_backends", "provider_store", `name = "vault"` + fakeStoreBody + `other = "{}"`, "A store has exactly one backend"},
	{"store_name", "provider_store", `name = "a_b"` + fakeStoreBody, "not a valid name"},
	{"store_interval", "provider_store", `name = "vault"` + fakeStoreBody + `refresh_interval = "1500ms"`, "whole number of seconds"},
	{"allowed_in_project", "provider_store",
		`name = "vault"` + "\n" + `project = "team-a"` + fakeStoreBody + `allowed_projects = ["team-b"]`, "exclude each other"},
	{"selector_in_project", "provider_store",
		`name = "vault"` + "\n" + `project = "team-a"` + fakeStoreBody + `allowed_project_selector = {}`, "exclude each other"},
	{"no_project_allowed", "provider_store", `name = "vault"` + fakeStoreBody + `allowed_projects = []`, "No project is allowed"},
	{"null_label", "provider_store", `name = "vault"` + fakeStoreBody + `allowed_project_selector = { team = null }`, "Null element"},
	{"null_project", "provider_store", `name = "vault"` + fakeStoreBody + `allowed_projects = ["team-a", null]`, "Null element"},
	{"null_entry", "project_secret", validSecret("\nstore = { name = \"vault\" }\ndata = { x = { key = \"k\" }, y = null }\n"), "Null element"},
	{"fake_value", "provider_store", `name = "vault"` + "\n" + `fake = { data = [{ key = "a", value = "" }] }`, "A value is missing"},
	{"other_json", "provider_store", `name = "vault"` + "\n" + `other = "{"`, "JSON"},
	{"kubernetes_auth", "provider_store", `name = "vault"` + "\n" + `kubernetes = { server = { ca_bundle = base64encode("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----") } }`, "one way to authenticate"},
}

const (
	secretBody    = "\nstore = { name = \"vault\" }\ndata = { x = { key = \"k\" } }\n"
	fakeStoreBody = "\nfake = { data = [{ key = \"a\", value = \"b\" }] }\n"
	manifestSpec  = `spec: {secretStoreRef: {name: s, kind: SecretStore}, data: [{secretKey: x, remoteRef: {key: k}}]}`
)

// validSecret is the head of a secret with nothing wrong in it.
func validSecret(body string) string {
	return "project = \"team-a\"\nname = \"db\"\n" + strings.ReplaceAll(body, "$store", "vault")
}

func TestAccOfflineValidate(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	var config strings.Builder
	for _, b := range bad {
		fmt.Fprintf(&config, "resource \"airm_%s\" \"%s\" {\n%s\n}\n", b.kind, b.name, b.body)
	}
	fmt.Fprintf(&config, "resource \"airm_project_secret\" \"good\" {\n%s\n}\n", validSecret(everythingTyped))
	w.configure(config.String())
	found := w.validate()
	for _, b := range bad {
		t.Run(b.name, func(t *testing.T) {
			diagnostics := found[fmt.Sprintf("resource %q %q", "airm_"+b.kind, b.name)]
			if len(diagnostics) == 0 {
				t.Fatal("it was accepted")
			}
			var texts []string
			for _, d := range diagnostics {
				if d.Severity != "error" {
					t.Errorf("a %s: %s", d.Severity, d.Summary)
				}
				texts = append(texts, d.Summary+": "+d.Detail)
			}
			contains(t, oneLine(strings.Join(texts, "\n")), b.text)
			if len(diagnostics) > 1 {
				t.Errorf("several errors for one mistake:\n%s", strings.Join(texts, "\n"))
			}
		})
	}
	if got := found[`resource "airm_project_secret" "good"`]; len(got) > 0 {
		t.Errorf("a valid secret was refused: %v", got)
	}
	for context := range found {
		if context == "" && len(found[context]) > 1 { // that development overrides are in effect
			t.Errorf("diagnostics that name no resource: %v", found[context])
		}
	}
}

// unreachable is everything at once, to be planned where there is no cluster.
const unreachable = `
resource "airm_provider_store" "test" {
  name    = "vault"
  project = "team-a"
  fake    = { data = [{ key = "a", value = "b" }] }
}

resource "airm_project_secret" "test" {
  project = "team-a"
  name    = "db"
  store   = { name = airm_provider_store.test.name, kind = airm_provider_store.test.kind }
  data    = { x = { key = "a" } }
}

resource "airm_project_secret" "manifest" {
  project  = "team-a"
  name     = "db2"
  manifest = jsonencode({
    apiVersion = "external-secrets.io/v1"
    kind       = "ExternalSecret"
    spec       = { secretStoreRef = { name = airm_provider_store.test.id }, data = [{ secretKey = "x", remoteRef = { key = "k" } }] }
  })
}
`

func TestAccOfflinePlan(t *testing.T) {
	t.Parallel()
	for name, provider := range map[string]string{
		"nothing configured": ``,
		"empty block":        `provider "airm" {}`,
		"no such host":       `provider "airm" { host = "https://no-such-host.invalid" }`,
		"no such file":       `provider "airm" { config_path = "/no/such/file" }`,
		"unknown host": `
			resource "terraform_data" "cluster" { input = "https://127.0.0.1:1" }
			provider "airm" { host = terraform_data.cluster.output }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			w.configure(provider + unreachable)
			contains(t, w.run("validate"), "Success!")
			output := w.run("plan", "-no-color")
			contains(t, output, "airm_project_secret.test will be created", "airm_project_secret.manifest will be created",
				"airm_provider_store.test will be created")
			if strings.Contains(output, "not known yet") {
				t.Errorf("a first plan warns:\n%s", output)
			}
		})
	}
}

// As long as the project is not known, nothing is refused or warned of that is right for some project.
func TestAccOfflineUnknownProject(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.configure(`
variable "project" { type = string }

resource "airm_provider_store" "test" {
  project = var.project
  name    = "vault"
  kubernetes = {
    remote_namespace = "backend"
    server           = { url = "https://backend.example", ca_provider = { type = "ConfigMap", name = "ca", key = "ca.crt" } }
    auth             = { token = { bearer_token = { name = "reader", key = "token" } } }
  }
}

resource "airm_project_secret" "test" {
  project  = var.project
  name     = "db"
  manifest = jsonencode({
    apiVersion = "external-secrets.io/v1"
    kind       = "ExternalSecret"
    metadata   = { namespace = "team-a" }
    spec       = { secretStoreRef = { name = "vault" }, data = [{ secretKey = "x", remoteRef = { key = "k" } }] }
  })
}
`)
	for context, diagnostics := range w.validate() {
		if context != "" { // that development overrides are in effect
			t.Errorf("%s: %v", context, diagnostics)
		}
	}
	contains(t, w.run("plan", "-no-color", "-var=project=team-a"), "2 to add")
	contains(t, w.fails("plan", "-no-color", "-var=project=team-b"), "team-b", "manifest")
}

// An apply says what is wrong with the connection.
func TestAccOfflineApply(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, provider, text string }{
		{"nothing configured", ``, "No cluster is configured"},
		{"no such file", `provider "airm" { config_path = "/no/such/file" }`, `kubeconfig "/no/such/file" cannot be read`},
		{"refused", `provider "airm" { host = "http://127.0.0.1:1" }`, "connection refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			w.configure(c.provider + unreachable)
			contains(t, w.fails("apply", "-auto-approve", "-no-color"), c.text)
			if got := w.state(secretAddress); got != nil {
				t.Errorf("there is something in the state: %v", got)
			}
		})
	}
}

func TestAccOfflineDataSources(t *testing.T) {
	t.Parallel()
	for kind, arguments := range map[string]string{
		"project":         `name = "team-a"`,
		"projects":        ``,
		"project_secret":  "project = \"team-a\"\nname = \"db\"",
		"project_secrets": `project = "team-a"`,
		"provider_store":  `name = "vault"`,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			w.configure(`
				resource "terraform_data" "cluster" { input = "https://127.0.0.1:1" }
				provider "airm" { host = terraform_data.cluster.output }
				data "airm_` + kind + `" "test" {` + "\n" + arguments + "\n}")
			contains(t, w.fails("plan", "-no-color"), "configuration is not known yet", "argument host of the provider block", "depends_on")
		})
	}
}

func TestAccOfflineProviderBlock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, block, text string }{
		{"everything is a project", `project_selector = ""`, "selects every namespace"},
		{"no selector", `project_selector = "a=,=b"`, "project_selector"},
		{"no selector of a store", `project_selector = "tier>5"`, "requirement tier>5 compares numbers"},
		{"unknown argument", `hosts = "x"`, "hosts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			w.configure(`provider "airm" { ` + c.block + ` }` + unreachable)
			contains(t, w.fails("plan", "-no-color"), c.text)
		})
	}
}
