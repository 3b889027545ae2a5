// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"maps"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"k8s.io/utils/ptr"
)

// echoes configures a resource whose state holds what an ephemeral resource returns: the only way for a
// test to see it.
func echoes(ephemeral string) string {
	return `
ephemeral "airm_synced_secret" "test" {
` + ephemeral + `
}
provider "echo" { data = ephemeral.airm_synced_secret.test }
resource "echo" "test" {}
`
}

func echoed(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data").AtMapKey(attribute), want)
}

func runEchoing(t *testing.T, steps ...testStep) {
	t.Helper()
	withEcho := maps.Clone(factories)
	withEcho["echo"] = func() (tfprotov6.ProviderServer, error) { return echoprovider.NewProviderServer()() }
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: withEcho, Steps: steps})
}

// The values of a secret that the same apply makes arrive, decoded; the first plan does not look for them.
func TestAccSyncedSecret(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	more := maps.Clone(storeValues)
	more["binary"] = "//79" // no text: FF FE FD
	p.setValues(more)
	secret := p.secret(`
		store = { name = "$store", kind = "SecretStore" }
		data  = {
			password = { key = "password" }
			raw      = { key = "binary", decoding_strategy = "Base64" }
		}
		target = { name = "other-name" }`)
	runEchoing(t, testStep{
		Config: secret + echoes(`project_secret_id = airm_project_secret.test.id`),
		ConfigStateChecks: []statecheck.StateCheck{
			echoed("secret_name", knownvalue.StringExact("other-name")),
			echoed("data", knownvalue.MapExact(map[string]knownvalue.Check{"password": knownvalue.StringExact("open sesame")})),
			echoed("binary_data", knownvalue.MapExact(map[string]knownvalue.Check{"raw": knownvalue.StringExact("//79")})),
		},
	})
}

func TestAccSyncedSecretOfAssignment(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	config := o.hcl(shared("") + assignmentBlock(0, ""))
	runEchoing(t, testStep{
		Config: config + echoes(`assignment_id = airm_secret_assignment.p0.id`),
		ConfigStateChecks: []statecheck.StateCheck{
			echoed("data", knownvalue.MapExact(map[string]knownvalue.Check{"password": knownvalue.StringExact("open sesame")})),
		},
	}, testStep{
		Config:      config + o.named(echoes(`project_secret_id = "$0/shared"`)),
		ExpectError: matchWords(`assignment_id = "shared/` + o.projects[0].name),
	}, testStep{Config: config})
}

// A secret that fails does not block the plan of what repairs it, nor its destroy; an apply that needs its values fails.
func TestAccSyncedSecretIsRepaired(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	secret.OnSyncFailure = "warn"
	broken, repaired := secret, secret
	broken.Data = map[string]remoteRefConfig{"password": {Key: "gone"}}
	repaired.Data = map[string]remoteRefConfig{"password": {Key: "encoded"}}
	reads := echoes(`project_secret_id = airm_project_secret.test.id`)
	// OpenTofu opens no ephemeral in an apply that needs it nowhere: there only the plan after it says that something is left.
	fails := regexp.MustCompile(`Set\s+on_sync_failure = "warn"\s+to\s+use\s+its\s+current\s+values|the non-refresh plan was not empty`)
	runEchoing(t,
		testStep{Config: secret.String() + reads},
		testStep{Config: broken.String() + reads, ExpectError: fails},
		testStep{
			Config:            repaired.String() + reads,
			ConfigStateChecks: expectSynced(secretAddress),
		},
	)
}

// A secret that fails and its reader are destroyed.
func TestAccSyncedSecretIsDestroyed(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	secret := p.plainSecret()
	secret.OnSyncFailure = "warn"
	read := secret.String() + `
ephemeral "airm_synced_secret" "test" {
  project_secret_id = airm_project_secret.test.id
}
`
	reader := storeConfig{Project: "${airm_project_secret.test.project}", Name: "reader"}
	reader.Vault = &vaultProvider{Server: "https://vault.example.com"}
	reader.Vault.Auth.TokenSecretRef.Key = "token"
	reader.WaitForSync = ptr.To(false)
	reader.CredentialsWO = map[string]string{"token": "${ephemeral.airm_synced_secret.test.data.password}"}
	reader.CredentialsWOVersion = 1
	changed := reader
	changed.CredentialsWOVersion = 2
	w.configure(read + reader.String())
	w.apply()
	p.setValues(map[string]string{"other": "x"})
	p.patch("ExternalSecret", "db", `{"metadata":{"annotations":{"force-sync":"1"}}}`)
	p.eventually("it fails", func() bool { return p.ready("ExternalSecret", "db") == "False" })
	contains(t, w.run("plan", "-no-color"), "is not synced", "may be old")
	p.remove("Secret", "db")
	w.configure(read + changed.String())
	contains(t, w.run("plan", "-no-color"), "null for missing keys") // although the store needs the value
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "is not synced")
	w.destroy()
}

func TestAccSyncedSecretErrors(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("fine", "")
	p.externalSecret("broken", `spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: a, remoteRef: {key: not-there}}]}`)
	p.eventually("both are tried", func() bool {
		return p.ready("ExternalSecret", "fine") == "True" && p.ready("ExternalSecret", "broken") == "False"
	})
	for ephemeral, text := range map[string]string{
		`project_secret_id = "$project/broken"`:                              "is not synced",
		`project_secret_id = "$project/nothing"`:                             "does not exist",
		`project_secret_id = "nothing"`:                                      "project/name",
		`assignment_id = "nothing"`:                                          "secret/project",
		`assignment_id = "fine/$project"`:                                    "It is a project secret",
		`project_secret_id = "a/bb"` + "\n" + `assignment_id = "bb/a"`:       "Invalid Attribute Combination",
		`project_secret_id = "$project/fine"` + "\n" + `cluster = "nowhere"`: "is not configured",
	} {
		t.Run(text, func(t *testing.T) {
			runEchoing(t, testStep{Config: p.hcl(echoes(ephemeral)), ExpectError: matchWords(text)})
		})
	}
	runEchoing(t, testStep{
		Config: p.hcl(`
provider "airm" {
  clusters = {
    east = { config_path = "`+kubeconfigPath()+`" }
    west = { config_path = "`+kubeconfigPath()+`" }
  }
}`) + p.hcl(echoes(`project_secret_id = "$project/fine"`)),
		ExpectError: matchWords("is in several clusters"),
	}, testStep{
		Config: p.hcl(`
provider "airm" {
  clusters = {
    east = { config_path = "`+kubeconfigPath()+`" }
    west = { config_path = "`+kubeconfigPath()+`" }
  }
}`) + p.hcl(echoes(`project_secret_id = "$project/fine"`+"\n"+`cluster = "west"`)),
		ConfigStateChecks: []statecheck.StateCheck{echoed("secret_name", knownvalue.StringExact("fine"))},
	})
}
