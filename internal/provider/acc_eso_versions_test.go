// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// newerArgument is an argument that not every supported version of ESO knows: the field (or a value of it) by which the cluster's kinds
// tell whether they do, what is answered where they do not, and the argument.
type newerArgument struct{ field, answer, body string }

var newerSecrets = map[string]newerArgument{
	"windows":  {"spec.syncWindows", "spec.syncWindows (it needs ESO 2.7 or later)", `sync_windows = { kind = "allow", windows = [{ schedule = "0 2 * * *", duration = "2h" }] }`},
	"bytes":    {"spec.dataFrom.extract.nullBytePolicy", "nullBytePolicy (it needs ESO 2.3 or later)", `data_from = [{ extract = { key = "a", null_byte_policy = "Fail" } }]`},
	"manifest": {"spec.target.manifest", "spec.target.manifest (it needs ESO 1.0 or later)", `target = { name = "cm", manifest = { api_version = "v1", kind = "ConfigMap" } }`},
	"merge": {"spec.target.creationPolicy=CreateOrMerge", "CreateOrMerge needs ESO 2.8 or later",
		`target = { creation_policy = "CreateOrMerge" }`},
	"decoding": {"spec.target.template.templateFrom.valuesDecodingStrategy", "valuesDecodingStrategy (it needs ESO 2.7 or later)", `target = { template = { from = [{ literal = "{{ .password }}", values_decoding_strategy = "Base64" }] } }`},
}

var newerStores = map[string]newerArgument{
	"bao":         {"spec.provider.openBao", "spec.provider.openBao (it needs ESO 2.7 or later)", `open_bao = { server = "https://b.example.com", auth = { user_pass = { username = "u", secret_ref = { name = "it", key = "k" } } } }`},
	"certs":       {"spec.provider.aws.service=CertificateManager", "CertificateManager needs ESO 2.8 or later", `aws = { service = "CertificateManager", region = "eu-central-1", auth = { jwt = { service_account_ref = { name = "it" } } } }`},
	"tags":        {"spec.provider.aws.sessionTagsPolicy", "sessionTagsPolicy (it needs ESO 2.5 or later)", `aws = { service = "SecretsManager", region = "eu-central-1", session_tags_policy = "Custom", custom_session_tags = { a = "b" }, auth = { jwt = { service_account_ref = { name = "it" } } } }`},
	"vault-gcp":   {"spec.provider.vault.auth.gcp", "spec.provider.vault.auth.gcp (it needs ESO 1.1 or later)", `vault = { server = "https://v.example.com", auth = { gcp = { role = "r", service_account_ref = { name = "it" } } } }`},
	"vault-cert":  {"spec.provider.vault.auth.cert.vaultRole", "vaultRole (it needs ESO 2.3 or later)", `vault = { server = "https://v.example.com", auth = { cert = { vault_role = "r", client_cert = { name = "it", key = "c" }, secret_ref = { name = "it", key = "k" } } } }`},
	"gcp-account": {"spec.provider.gcpsm.auth.workloadIdentityFederation.gcpServiceAccountEmail", "gcpServiceAccountEmail (it needs ESO 2.5 or later)", `gcp = { project_id = "p", auth = { workload_identity_federation = { audience = "a", gcp_service_account_email = "x@p.iam.gserviceaccount.com", service_account_ref = { name = "it" } } } }`},
	"china":       {"spec.provider.azurekv.customCloudConfig", "customCloudConfig (it needs ESO 0.20 or later)", `azure = { vault_url = "https://v.vault.azure.cn", environment_type = "ChinaCloud", use_azure_sdk = true, custom_cloud_config = { active_directory_endpoint = "https://login.chinacloudapi.cn" }, auth_type = "WorkloadIdentity", service_account_ref = { name = "it" } }`},
	// This every version takes; what differs is what its operator thinks of it.
	"no-authority": {"spec.provider.kubernetes", "", `kubernetes = { auth = { service_account = { name = "it" } } }`},
}

// lacks is the part of a field's path that the kind in this cluster does not have, the field itself where all above it is
// there; empty where the field is there.
func (p *testProject) lacks(kind, field string) string {
	p.t.Helper()
	steps := strings.Split(field, ".")
	for i := 2; i <= len(steps); i++ {
		if path := strings.Join(steps[:i], "."); !p.Has(kind, path) {
			return path
		}
	}
	return ""
}

// What not every ESO knows passes the plan. A cluster whose kinds have it accepts it; the error of another one names the
// version that has it.
func TestAccNewerESO(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	var without []string
	try := func(kind, name, config string, its newerArgument) {
		w := p.newWorkspace()
		w.configure(config)
		plan := w.run("plan", "-no-color")
		if strings.Contains(plan, "Error") || its.answer != "" && !strings.Contains(plan, "Not in every version of ESO") {
			t.Errorf("%s: %s", name, plan)
		}
		if lacks := p.lacks(kind, its.field); lacks != "" {
			without = append(without, lacks)
			if lacks != its.field { // what is above it is newer than the cluster too
				its.answer = lacks + " (" + eso.VersionsOf(kind, lacks)
			}
			contains(t, w.fails("apply", "-auto-approve", "-no-color"), its.answer)
			return
		}
		w.apply()
		if kind != airm.KindExternalSecret { // which an older operator writes back without what it does not know
			w.plansNothing()
		}
		w.destroy()
	}
	for name, its := range newerSecrets {
		data := `data = { password = { key = "password" } }`
		if strings.Contains(its.body, "data_from") {
			data = ""
		}
		try(airm.KindExternalSecret, name, p.hcl(`
resource "airm_project_secret" "test" {
  project       = "$project"
  name          = "`+name+`"
  store         = { name = "$store", kind = "SecretStore" }
  wait_for_sync = false
  `+data+`
  `+its.body+`
}
`), its)
	}
	for name, its := range newerStores {
		try(airm.KindSecretStore, name, p.hcl(`
resource "airm_provider_store" "test" {
  project       = "$project"
  name          = "$project-`+name+`"
  wait_for_sync = false
  `+its.body+`
}
`), its)
	}
	if len(without) > 0 {
		slices.Sort(without)
		t.Logf("the kinds of this cluster, %s, lack %s: what they answer is tested, and not that newer ones take it", p.Served, strings.Join(without, ", "))
	}
}
