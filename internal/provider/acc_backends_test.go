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
)

// backend is a server that ESO's own client takes for Vault, AWS, Google Cloud or Azure. See internal/dev/README.md.
type backend struct {
	p           *project
	Endpoint    string
	Admin       string
	Credentials map[string]string
}

// backendsVariable names the file that describes the emulated backends. They come with the local control plane and with
// no other cluster.
const backendsVariable = "AIRM_BACKENDS"

func needBackends(t *testing.T) {
	t.Helper()
	connect(t)
	if os.Getenv(backendsVariable) == "" {
		t.Skipf("%s is not set: this cluster has no emulated backends; `make test` without KUBECONFIG starts one that has", backendsVariable)
	}
}

// newBackend finds an emulated backend.
func (p *project) newBackend(name string) *backend {
	p.t.Helper()
	path := os.Getenv(backendsVariable)
	text, err := os.ReadFile(path)
	p.ok(err)
	backends := map[string]*backend{}
	p.ok(json.Unmarshal(text, &backends))
	if backends[name] == nil {
		p.t.Fatalf("%s has no backend %q", path, name)
	}
	backends[name].p = p
	return backends[name]
}

// set changes a value in the backend.
func (b *backend) set(key, value string) {
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
func (b *backend) fill(text string) string {
	names := []string{"$endpoint", b.Endpoint}
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(b.Credentials))) { // $role_id before $role
		names = append(names, "$"+name, b.Credentials[name])
	}
	return strings.NewReplacer(names...).Replace(text)
}

// backendCase is a way to use a backend.
type backendCase struct {
	backend     string
	store       string            // arguments of the store, in which references lead to the credentials
	credentials map[string]string // in terms of what the backend accepts
	wrong       func(right map[string]string) map[string]string
	key         string // under which the backend holds the value
	cause       string // that the wrong credentials have
	// Whether ESO asks the backend when it validates a store. Otherwise only the secrets tell.
	asked bool
}

// replaced breaks a credential.
func replaced(name, value string) func(map[string]string) map[string]string {
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

	awsStore = `aws = {
    region = "eu-central-1"
    auth = { secret_ref = {
      access_key_id_secret_ref     = { key = "id" }
      secret_access_key_secret_ref = { key = "secret" }
    } }
    service = `

	awsCredentials = map[string]string{"id": "$access_key_id", "secret": "$secret_access_key"}

	azureStore = `azure = {
    vault_url = "$endpoint"
    tenant_id = "$tenant_id"
    auth_secret_ref = {
      client_id     = { key = "id" }
      client_secret = { key = "secret" }
    }
  `

	azureCredentials = map[string]string{"id": "$client_id", "secret": "$client_secret"}
)

var backendCases = map[string]backendCase{
	"VaultToken": {
		backend:     "vault",
		store:       vaultStore + `{ token_secret_ref = { key = "token" } } }`,
		credentials: map[string]string{"token": "$token"},
		wrong:       replaced("token", "wrong"),
		key:         "$project",
		cause:       "permission denied",
		asked:       true,
	},
	"VaultAppRole": {
		backend:     "vault",
		store:       vaultStore + `{ app_role = { role_id = "$role_id", secret_ref = { key = "id" } } } }`,
		credentials: map[string]string{"id": "$secret_id"},
		wrong:       replaced("id", "wrong"),
		key:         "team/$project",
		cause:       "invalid role or secret ID",
		asked:       true,
	},
	"AWSSecretsManager": {
		backend:     "aws",
		store:       awsStore + `"SecretsManager" }`,
		credentials: awsCredentials,
		wrong:       replaced("id", "AKIAWRONG"),
		key:         "team/$project",
		cause:       "The security token included in the request is invalid",
	},
	"AWSParameterStore": {
		backend:     "aws-parameter-store",
		store:       awsStore + `"ParameterStore" }`,
		credentials: awsCredentials,
		wrong:       replaced("secret", "wrong"),
		key:         "/team/$project",
		cause:       "The request signature we calculated does not match the signature you provided",
	},
	"AWSRole": {
		backend:     "aws",
		store:       awsStore + "\"SecretsManager\"\n  role = \"$role\" }",
		credentials: awsCredentials,
		wrong:       replaced("secret", "wrong"),
		key:         "$project",
		cause:       "AssumeRole",
		asked:       true,
	},
	"GCP": {
		backend:     "gcp",
		store:       `gcp = { project_id = "$project_id", auth = { secret_ref = { secret_access_key_secret_ref = { key = "key" } } } }`,
		credentials: map[string]string{"key": "$service_account_key"},
		wrong: func(right map[string]string) map[string]string {
			return map[string]string{"key": strings.ReplaceAll(right["key"], "airm@", "deleted@")}
		},
		key:   "$project",
		cause: "Invalid grant: account not found",
		asked: true,
	},
	"Azure": {
		backend:     "azure",
		store:       azureStore + `}`,
		credentials: azureCredentials,
		wrong:       replaced("secret", "wrong"),
		key:         "$project",
		cause:       "AADSTS7000215: Invalid client secret provided",
	},
	"AzureSDK": {
		backend:     "azure",
		store:       azureStore + "use_azure_sdk = true }",
		credentials: azureCredentials,
		wrong:       replaced("secret", "wrong"),
		key:         "$project",
		cause:       "AADSTS7000215: Invalid client secret provided",
	},
}

// Each backend delivers: the store is ready, the value of an organization secret arrives in a project, so does a new
// value, wrong credentials are told with their cause, and after the repair, in place, everything is synced again.
//
// What is real is ESO with its clients; the servers are emulated. Vault and AWS are redirected by a setting that ESO has
// for it. For Google Cloud and Azure, where it has none, it reaches the emulation under their own names through a proxy.
func TestAccBackends(t *testing.T) {
	t.Parallel()
	needBackends(t)
	for name, c := range backendCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			p.newBackend(c.backend).delivers(c)
		})
	}
}

const (
	assignmentAddress = "airm_secret_assignment.test"
	storeDataAddress  = "data.airm_provider_store.test"
	secretDataAddress = "data.airm_project_secret.test"
)

// config is a store of the organization with these credentials, and a secret of the organization that reads from it.
func (b *backend) config(c backendCase, credentials map[string]string, version int) string {
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
`, b.fill(c.store), mustJSON(credentials), version, c.key))
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
}
`, store, secret)
}

func (b *backend) delivers(c backendCase) {
	p, t := b.p, b.p.t
	right := map[string]string{}
	for key, value := range c.credentials {
		right[key] = b.fill(value)
	}
	wrong := c.wrong(right)
	change := func(value string) {
		if c.backend == "vault" { // its secrets have fields
			b.set(p.hcl(c.key), mustJSON(map[string]string{"password": value}))
			return
		}
		b.set(p.hcl(c.key), value)
	}
	holds := func(want string) bool {
		got := p.secretData("shared")["password"]
		return got == want || got == mustJSON(map[string]string{"password": want})
	}
	arrives := func(value string) func() {
		return func() {
			t.Helper()
			p.eventually(value+" arrives", func() bool { return holds(value) })
		}
	}
	uids := func() string {
		return string(p.get("ClusterSecretStore", p.name).GetUID() + p.get("ExternalSecret", "shared").GetUID())
	}
	ready := func(address string) statecheck.StateCheck {
		return attribute(address, "status", "Synced")
	}
	failed := func(address, cause string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			attribute(address, "status", "SyncedError"),
			value(address, "status_reason", knownvalue.StringRegexp(regexp.MustCompile(regexp.QuoteMeta(cause)))),
		}
	}
	brokenStore, told := "Synced", failed(secretDataAddress, c.cause)
	if c.asked {
		brokenStore, told = "SyncedError", append(failed(secretDataAddress, "is not ready"), failed(storeDataAddress, c.cause)...)
	}

	var before string
	change("one")
	p.run(
		step{
			Config:            withStatus(b.config(c, right, 1), "Synced", "Synced"),
			ConfigStateChecks: []statecheck.StateCheck{ready(storeAddress), ready(assignmentAddress), ready(storeDataAddress), ready(secretDataAddress)},
			Check:             p.check(func() { arrives("one")(); before = uids() }),
		},
		step{ // rotated in the backend: nothing to plan, and it arrives
			PreConfig:        func() { change("two"); arrives("two")() },
			Config:           b.config(c, right, 1),
			ConfigPlanChecks: unchanged(),
		},
		step{ // broken
			Config:           b.config(c, wrong, 2),
			ConfigPlanChecks: planned(storeAddress, plancheck.ResourceActionUpdate),
			Check: p.check(func() {
				p.eventually("the secret fails", func() bool { return p.ready("ExternalSecret", "shared") == "False" })
				if c.asked {
					p.eventually("the store fails", func() bool { return p.ready("ClusterSecretStore", p.name) == "False" })
				}
			}),
			ExpectNonEmptyPlan: c.asked, // a store that is not ready is looked at again by the next apply
		},
		step{ // and told
			PreConfig:          func() { change("three") },
			Config:             withStatus(b.config(c, wrong, 2), brokenStore, "SyncedError"),
			ConfigStateChecks:  told,
			Check:              p.check(arrives("two")),
			ExpectNonEmptyPlan: c.asked,
		},
		step{ // repaired in place
			Config: b.config(c, right, 3),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(storeAddress, plancheck.ResourceActionUpdate), noReplacement(assignmentAddress),
			}},
			ConfigStateChecks: []statecheck.StateCheck{ready(storeAddress)},
			Check: p.check(func() {
				arrives("three")()
				if uids() != before {
					t.Error("the store or the secret was replaced")
				}
			}),
		},
		step{
			Config:            withStatus(b.config(c, right, 3), "Synced", "Synced"),
			ConfigPlanChecks:  unchanged(),
			ConfigStateChecks: []statecheck.StateCheck{ready(assignmentAddress), ready(storeDataAddress), ready(secretDataAddress)},
		},
	)
	if p.get("ClusterSecretStore", p.name) != nil || p.secretData("shared") != nil {
		t.Error("destroy left something behind")
	}
}
