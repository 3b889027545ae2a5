// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
)

// testBackend is a server that ESO's own client takes for Vault, AWS, Google Cloud or Azure. See internal/dev/README.md.
type testBackend struct {
	p           *testProject
	Endpoint    string
	Admin       string
	Credentials map[string]string
}

// backendsVariable names the file that describes the emulated backends. They come with the local control plane and with
// no other cluster.
const backendsVariable = "AIRM_BACKENDS"

func needBackends(t *testing.T) {
	t.Helper()
	acctest.Connect(t, "")
	if os.Getenv(backendsVariable) == "" {
		t.Skipf("%s is not set: this cluster has no emulated backends; `make test` without KUBECONFIG starts one that has", backendsVariable)
	}
}

// newBackend finds an emulated backend.
func (p *testProject) newBackend(name string) *testBackend {
	p.t.Helper()
	path := os.Getenv(backendsVariable)
	text, err := os.ReadFile(path)
	p.ok(err)
	backends := map[string]*testBackend{}
	p.ok(json.Unmarshal(text, &backends))
	if backends[name] == nil {
		p.t.Fatalf("%s has no backend %q", path, name)
	}
	backends[name].p = p
	return backends[name]
}

// set changes a value in the backend.
func (b *testBackend) set(key, value string) {
	b.p.t.Helper()
	request, err := http.NewRequestWithContext(b.p.t.Context(), http.MethodPut, b.Admin+key, strings.NewReader(value))
	b.p.ok(err)
	response, err := http.DefaultClient.Do(request)
	b.p.ok(err)
	b.p.ok(response.Body.Close())
	if response.StatusCode != http.StatusNoContent {
		b.p.t.Fatalf("set %s: %s", key, response.Status)
	}
}

// fill puts the endpoint and the credentials, as $endpoint and so on, into a text.
func (b *testBackend) fill(text string) string {
	names := []string{"$endpoint", b.Endpoint}
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(b.Credentials))) { // $role_id before $role
		names = append(names, "$"+name, b.Credentials[name])
	}
	return strings.NewReplacer(names...).Replace(text)
}

// login is a way to reach a backend.
type login struct {
	backend     string
	store       string            // arguments of the store, in which references lead to the credentials
	credentials map[string]string // in terms of what the backend accepts
	key         string            // under which the backend holds the value
}

// given are the credentials themselves.
func (l login) given(b *testBackend) map[string]string {
	credentials := map[string]string{}
	for key, value := range l.credentials {
		credentials[key] = b.fill(value)
	}
	return credentials
}

// set changes the value of the login's key.
func (l login) set(b *testBackend, value string) {
	b.p.t.Helper()
	if l.backend == "vault" { // its secrets have fields
		value = mustJSON(map[string]string{"password": value})
	}
	b.set(b.p.hcl(l.key), value)
}

// arrived reports whether a Kubernetes Secret has the value.
func (l login) arrived(p *testProject, secret, want string) bool {
	p.t.Helper()
	got := p.secretData(secret)["password"]
	return got == want || got == mustJSON(map[string]string{"password": want})
}

// life is a login with what becomes of it when its credentials are wrong.
type life struct {
	login
	wrong func(right map[string]string) map[string]string
	cause string
	// Whether ESO asks the backend when it validates a store. Otherwise only the secrets show it.
	asked bool
}

// replaceValue breaks a credential.
func replaceValue(name, value string) func(map[string]string) map[string]string {
	return func(right map[string]string) map[string]string {
		wrong := maps.Clone(right)
		wrong[name] = value
		return wrong
	}
}

var (
	vaultStore = `vault = {
    server = "$endpoint"
    path   = "secret"
    auth   = `

	vaultTLS = `vault = {
    server    = "$tls_endpoint"
    ca_bundle = "$ca_bundle"
    path      = "secret"
    `

	awsStore = `aws = {
    region = "eu-central-1"
    auth = { secret_ref = {
      access_key_id_secret_ref     = { key = "id" }
      secret_access_key_secret_ref = { key = "secret" }
    } }
    service = `

	gcpStore = `gcp = {
    project_id = "$project_id"
    auth       = `

	azureStore = `azure = {
    vault_url = "$endpoint"
    tenant_id = "$tenant_id"
    auth_secret_ref = {
      client_id     = { key = "id" }
      client_secret = { key = "secret" }
    }
  `

	azureIdentity = `azure = {
    vault_url           = "$endpoint"
    auth_type           = "WorkloadIdentity"
    service_account_ref = { name = "reader" }
  `

	vaultCertificate = map[string]string{"crt": "$client_certificate", "key": "$client_key", "token": "$token"}
	awsCredentials   = map[string]string{"id": "$access_key_id", "secret": "$secret_access_key"}
	gcpCredentials   = map[string]string{"key": "$service_account_key"}
	azureCredentials = map[string]string{"id": "$client_id", "secret": "$client_secret"}

	gcpKey = `{ secret_ref = { secret_access_key_secret_ref = { key = "key" } } }`
)

var lives = map[string]life{
	"Vault": {
		login: login{"vault", vaultStore + `{ app_role = { role_id = "$role_id", secret_ref = { key = "id" } } } }`, map[string]string{"id": "$secret_id"}, "team/$project"},
		wrong: replaceValue("id", "wrong"),
		cause: "invalid role or secret ID",
		asked: true,
	},
	"AWS": {
		login: login{"aws", awsStore + `"SecretsManager" }`, awsCredentials, "team/$project"},
		wrong: replaceValue("id", "AKIAWRONG"),
		cause: "The security token included in the request is invalid",
	},
	"GoogleCloud": {
		login: login{"gcp", gcpStore + gcpKey + ` }`, gcpCredentials, "$project"},
		wrong: func(right map[string]string) map[string]string {
			return map[string]string{"key": strings.ReplaceAll(right["key"], "airm@", "deleted@")}
		},
		cause: "Invalid grant: account not found",
		asked: true,
	},
	"Azure": {
		login: login{"azure", azureStore + `}`, azureCredentials, "$project"},
		wrong: replaceValue("secret", "wrong"),
		cause: "AADSTS7000215: Invalid client secret provided",
	},
}

// Each backend delivers: the store is ready, the value of an organization secret arrives in a project, so does a new
// value, wrong credentials are reported with their cause, and after the repair, in place, everything is synced again.
//
// What is real is ESO with its clients; the servers are emulated. Vault and AWS are redirected by a setting that ESO has
// for it. For Google Cloud and Azure, where it has none, it reaches the emulation under their own names through a proxy.
func TestAccBackends(t *testing.T) {
	t.Parallel()
	needBackends(t)
	for name, l := range lives {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			p.newBackend(l.backend).live(l)
		})
	}
}

const (
	assignmentAddress = "airm_secret_assignment.test"
	storeDataAddress  = "data.airm_provider_store.test"
	secretDataAddress = "data.airm_project_secret.test"
)

// config is a store of the organization with these credentials, and a secret of the organization that reads from it.
func (b *testBackend) config(l life, credentials map[string]string, version int) string {
	return b.p.platform() + b.p.hcl(fmt.Sprintf(`
resource "airm_provider_store" "test" {
  name             = "$project"
  allowed_projects = ["$project"]
  %s
  credentials_wo         = jsondecode(%q)
  credentials_wo_version = %d
  on_sync_failure        = "warn"
}

resource "airm_organization_secret" "test" {
  name             = "shared"
  store            = { name = airm_provider_store.test.name }
  refresh_interval = "1s"
  data             = { password = { key = %q } }
}

resource "airm_secret_assignment" "test" {
  secret          = airm_organization_secret.test.name
  project         = "$project"
  on_sync_failure = "warn"
}
`, b.fill(l.store), mustJSON(credentials), version, l.key))
}

// withStatus adds data sources, which wait for these statuses.
func withStatus(config, store, secret string) string {
	return config + fmt.Sprintf(`
data "airm_provider_store" "test" {
  name     = airm_provider_store.test.name
  wait_for = %q
}

data "airm_project_secret" "test" {
  project  = airm_secret_assignment.test.project
  name     = "shared"
  wait_for = %q

  depends_on = [airm_provider_store.test]
}
`, store, secret)
}

func (b *testBackend) live(l life) {
	p, t := b.p, b.p.t
	right := l.given(b)
	wrong := l.wrong(right)
	arrives := func(value string) {
		t.Helper()
		p.eventually(value+" arrives", func() bool { return l.arrived(p, "shared", value) })
	}
	uids := func() string {
		return string(p.get("ClusterSecretStore", p.name).GetUID() + p.get("ExternalSecret", "shared").GetUID())
	}
	var allSynced []statecheck.StateCheck
	for _, address := range []string{storeAddress, storeDataAddress, secretDataAddress} {
		allSynced = append(allSynced, expectString(address, "status", "Synced"))
	}
	failed := func(address, cause string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			expectString(address, "status", "SyncedError"),
			expectValue(address, "status_reason", knownvalue.StringRegexp(regexp.MustCompile(regexp.QuoteMeta(cause)))),
		}
	}
	brokenStore, checks := "Synced", failed(secretDataAddress, l.cause)
	if l.asked {
		brokenStore, checks = "SyncedError", append(failed(secretDataAddress, "is not ready"), failed(storeDataAddress, l.cause)...)
	}

	var before string
	l.set(b, "one")
	p.run(
		testStep{
			Config:            withStatus(b.config(l, right, 1), "Synced", "Synced"),
			ConfigStateChecks: append(slices.Clone(allSynced), expectString(assignmentAddress, "status", "Synced")),
			Check: p.check(func() {
				arrives("one")
				before = uids()
				l.set(b, "two") // rotated in the backend: there is nothing to plan, and it arrives
				arrives("two")
			}),
		},
		testStep{ // broken
			Config:           b.config(l, wrong, 2),
			ConfigPlanChecks: expectPlan(storeAddress, plancheck.ResourceActionUpdate),
			Check: p.check(func() {
				p.eventually("the secret fails", func() bool { return p.ready("ExternalSecret", "shared") == "False" })
				if l.asked {
					p.eventually("the store fails", func() bool { return p.ready("ClusterSecretStore", p.name) == "False" })
				}
			}),
			ExpectNonEmptyPlan: l.asked, // a store that is not ready is looked at again by the next apply
		},
		testStep{ // and reported
			PreConfig:          func() { l.set(b, "three") },
			Config:             withStatus(b.config(l, wrong, 2), brokenStore, "SyncedError"),
			ConfigStateChecks:  checks,
			Check:              p.check(func() { arrives("two") }),
			ExpectNonEmptyPlan: l.asked,
		},
		testStep{ // repaired in place
			Config: withStatus(b.config(l, right, 3), "Synced", "Synced"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(storeAddress, plancheck.ResourceActionUpdate), noReplacement(assignmentAddress),
			}},
			ConfigStateChecks: allSynced,
			Check: p.check(func() {
				arrives("three")
				if uids() != before {
					t.Error("the store or the secret was replaced")
				}
			}),
		},
	)
	if p.get("ClusterSecretStore", p.name) != nil || p.secretData("shared") != nil {
		t.Error("destroy left something behind")
	}
}

// moreLogins are the ways to authenticate, and the services, that lives does not have. internal/dev/README.md says which ones
// are not emulated.
var moreLogins = map[string]login{
	"vault-token": {"vault", vaultStore + `{ token_secret_ref = { key = "token" } } }`,
		map[string]string{"token": "$token"}, "$project"},
	"vault-kubernetes":    {"vault", vaultStore + `{ kubernetes = { role = "$kubernetes_role", service_account_ref = { name = "reader" } } } }`, nil, "$project"},
	"vault-jwt":           {"vault", vaultStore + `{ jwt = { role = "$kubernetes_role", kubernetes_service_account_token = { service_account_ref = { name = "reader" } } } } }`, nil, "$project"},
	"vault-ldap":          {"vault", vaultStore + `{ ldap = { username = "$username", secret_ref = { key = "p" } } } }`, map[string]string{"p": "$password"}, "$project"},
	"vault-userpass":      {"vault", vaultStore + `{ user_pass = { username = "$username", secret_ref = { key = "p" } } } }`, map[string]string{"p": "$password"}, "$project"},
	"vault-cert":          {"vault", vaultTLS + `auth = { cert = { client_cert = { key = "crt" }, secret_ref = { key = "key" } } } }`, vaultCertificate, "$project"},
	"vault-tls":           {"vault", vaultTLS + `tls = { cert_secret_ref = { key = "crt" }, key_secret_ref = { key = "key" } }, auth = { token_secret_ref = { key = "token" } } }`, vaultCertificate, "$project"},
	"aws-role":            {"aws", awsStore + "\"SecretsManager\"\n role = \"$role\" }", awsCredentials, "$project"},
	"aws-service-account": {"aws", `aws = { service = "SecretsManager", region = "eu-central-1", auth = { jwt = { service_account_ref = { name = "reader" } } } }`, nil, "$project"},
	"aws-parameter-store": {"aws-parameter-store", awsStore + `"ParameterStore" }`, awsCredentials, "/team/$project"},
	"gcp-region":          {"gcp", "gcp = {\n project_id = \"$project_id\"\n location = \"europe-west1\"\n auth = " + gcpKey + "\n}", gcpCredentials, "$project"},
	"gcp-workload-identity": {"gcp", gcpStore + `{ workload_identity = { service_account_ref = { name = "reader" },
		cluster_project_id = "$project_id", cluster_location = "europe-west1", cluster_name = "any" } } }`, nil, "$project"},
	"gcp-federation": {"gcp", gcpStore + `{ workload_identity_federation = { service_account_ref = { name = "reader" },
		audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/airm/providers/cluster" } } }`, nil, "$project"},
	"azure-sdk":                   {"azure", azureStore + "use_azure_sdk = true }", azureCredentials, "$project"},
	"azure-workload-identity":     {"azure", azureIdentity + "}", nil, "$project"},
	"azure-sdk-workload-identity": {"azure", azureIdentity + "use_azure_sdk = true }", nil, "$project"},
}

// Every other way to authenticate delivers too, all of them in one apply.
func TestAccBackendLogins(t *testing.T) {
	t.Parallel()
	needBackends(t)
	p := newProject(t)
	aws, gcp, azure := p.newBackend("aws").Credentials, p.newBackend("gcp").Credentials, p.newBackend("azure").Credentials
	p.create("ServiceAccount", "reader", mustJSON(map[string]any{"metadata": map[string]any{"annotations": map[string]string{
		"eks.amazonaws.com/role-arn":        aws["role"],
		"iam.gke.io/gcp-service-account":    gcp["service_account"],
		"azure.workload.identity/client-id": azure["client_id"],
		"azure.workload.identity/tenant-id": azure["tenant_id"],
	}}}))
	var text strings.Builder
	for name, l := range moreLogins {
		b := p.newBackend(l.backend)
		l.set(b, "open sesame")
		text.WriteString(l.config(b, name))
	}
	p.run(testStep{
		Config: text.String(),
		Check: p.check(func() {
			for name, l := range moreLogins {
				if !l.arrived(p, name, "open sesame") {
					t.Errorf("%s: the value is not there", name)
				}
			}
		}),
	})
}

// config is a store of the project that logs in, and a secret that reads from it.
func (l login) config(b *testBackend, name string) string {
	credentials := ""
	if l.credentials != nil {
		credentials = fmt.Sprintf("credentials_wo = jsondecode(%q)\n  credentials_wo_version = 1", mustJSON(l.given(b)))
	}
	return b.p.hcl(fmt.Sprintf(`
resource "airm_provider_store" %[1]q {
  project = "$project"
  name    = "%[1]s"
  %[2]s
  %[3]s
}

resource "airm_project_secret" %[1]q {
  project = "$project"
  name    = %[1]q
  store   = { name = airm_provider_store.%[1]s.name, kind = "SecretStore" }
  data    = { password = { key = %[4]q } }
}
`, name, b.fill(l.store), credentials, l.key))
}
