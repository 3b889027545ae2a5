package provider

import (
	"context"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// newerSecrets are arguments that ESO 0.20 does not know, and what a cluster with that version answers.
var newerSecrets = map[string]struct{ body, answer string }{
	"windows":  {`sync_windows = { kind = "allow", windows = [{ schedule = "0 2 * * *", duration = "2h" }] }`, "spec.syncWindows (it needs ESO 2.7 or later)"},
	"bytes":    {`data_from = [{ extract = { key = "a", null_byte_policy = "Fail" } }]`, "nullBytePolicy (it needs ESO 2.3 or later)"},
	"manifest": {`target = { name = "cm", manifest = { api_version = "v1", kind = "ConfigMap" } }`, "spec.target.manifest (it needs ESO 1.0 or later)"},
	"merge":    {`target = { creation_policy = "CreateOrMerge" }`, "CreateOrMerge needs ESO 2.8 or later"},
	"decoding": {`target = { template = { from = [{ literal = "{{ .password }}", values_decoding_strategy = "Base64" }] } }`, "valuesDecodingStrategy (it needs ESO 2.7 or later)"},
}

var newerStores = map[string]struct{ body, answer string }{
	"bao":         {`open_bao = { server = "https://b.example.com", auth = { user_pass = { username = "u", secret_ref = { name = "it", key = "k" } } } }`, "spec.provider.openBao (it needs ESO 2.7 or later)"},
	"certs":       {`aws = { service = "CertificateManager", region = "eu-central-1", auth = { jwt = { service_account_ref = { name = "it" } } } }`, "CertificateManager needs ESO 2.8 or later"},
	"tags":        {`aws = { service = "SecretsManager", region = "eu-central-1", session_tags_policy = "Custom", custom_session_tags = { a = "b" }, auth = { jwt = { service_account_ref = { name = "it" } } } }`, "sessionTagsPolicy (it needs ESO 2.5 or later)"},
	"vault-gcp":   {`vault = { server = "https://v.example.com", auth = { gcp = { role = "r", service_account_ref = { name = "it" } } } }`, "spec.provider.vault.auth.gcp (it needs ESO 1.1 or later)"},
	"vault-cert":  {`vault = { server = "https://v.example.com", auth = { cert = { vault_role = "r", client_cert = { name = "it", key = "c" }, secret_ref = { name = "it", key = "k" } } } }`, "vaultRole (it needs ESO 2.3 or later)"},
	"gcp-account": {`gcp = { project_id = "p", auth = { workload_identity_federation = { audience = "a", gcp_service_account_email = "x@p.iam.gserviceaccount.com", service_account_ref = { name = "it" } } } }`, "gcpServiceAccountEmail (it needs ESO 2.5 or later)"},
	// These every version takes; what differs is what its operator thinks of them.
	"china":        {`azure = { vault_url = "https://v.vault.azure.cn", environment_type = "ChinaCloud", use_azure_sdk = true, custom_cloud_config = { active_directory_endpoint = "https://login.chinacloudapi.cn" }, auth_type = "WorkloadIdentity", service_account_ref = { name = "it" } }`, ""},
	"no-authority": {`kubernetes = { auth = { service_account = { name = "it" } } }`, ""},
}

// knowsNewerFields reports whether the kinds of the cluster are those of ESO 2.9.
func (p *project) knowsNewerFields() bool {
	p.t.Helper()
	definitions := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	crd, err := p.client.Resource(definitions).Get(context.Background(), "externalsecrets.external-secrets.io", metav1.GetOptions{})
	p.ok(err)
	versions, _, err := unstructured.NestedSlice(crd.Object, "spec", "versions")
	p.ok(err)
	return strings.Contains(mustJSON(versions), `"syncWindows"`)
}

// What ESO 0.20 does not know passes the plan; a cluster whose kinds have it takes it, and another one is told which version
// has it.
func TestAccNewerESO(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	knows := p.knowsNewerFields()
	if !knows {
		t.Log("the kinds of this cluster are older than ESO 2.9, so what they answer is tested, and not that newer ones take it")
	}
	try := func(name, config, answer string, operatorKeeps bool) {
		w := p.newWorkspace()
		w.configure(config)
		plan := w.run("plan", "-no-color")
		if strings.Contains(plan, "Error") || answer != "" && !strings.Contains(plan, "Not in every version of ESO") {
			t.Errorf("%s: %s", name, plan)
		}
		if !knows && answer != "" {
			contains(t, w.fails("apply", "-auto-approve", "-no-color"), answer)
			return
		}
		w.apply()
		if operatorKeeps {
			w.plansNothing()
		}
		w.destroy()
	}
	for name, its := range newerSecrets {
		data := `data = { password = { key = "password" } }`
		if strings.Contains(its.body, "data_from") {
			data = ""
		}
		try(name, p.hcl(`
resource "airm_project_secret" "test" {
  project       = "$project"
  name          = "`+name+`"
  store         = { name = "$store", kind = "SecretStore" }
  wait_for_sync = false
  `+data+`
  `+its.body+`
}
`), its.answer, false) // an older operator on these kinds writes the object back without what it does not know
	}
	for name, its := range newerStores {
		try(name, p.hcl(`
resource "airm_provider_store" "test" {
  project       = "$project"
  name          = "$project-`+name+`"
  wait_for_sync = false
  `+its.body+`
}
`), its.answer, true)
	}
}
