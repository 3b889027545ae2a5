// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"encoding/base64"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

func TestAccDataProject(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.patch("Namespace", p.name, `{"metadata":{"labels":{"team":"a"}}}`)
	p.create("Namespace", "not-"+p.name, "{}")
	p.run(
		testStep{
			Config: p.hcl(`
				data "airm_project" "test" { name = "$project" }
				data "airm_projects" "test" {}
				output "found" { value = contains(data.airm_projects.test.projects[*].name, "$project") }
				output "others" { value = contains(data.airm_projects.test.projects[*].name, "not-$project") }
				output "sorted" { value = data.airm_projects.test.projects[*].name == sort(data.airm_projects.test.projects[*].name) }`),
			ConfigStateChecks: []statecheck.StateCheck{
				expectValue("data.airm_project.test", "project_id", knownvalue.StringExact("id-of-"+p.name)),
				expectValue("data.airm_project.test", "labels",
					knownvalue.MapPartial(map[string]knownvalue.Check{"team": knownvalue.StringExact("a")})),
				statecheck.ExpectKnownOutputValue("found", knownvalue.Bool(true)),
				statecheck.ExpectKnownOutputValue("others", knownvalue.Bool(false)),
				statecheck.ExpectKnownOutputValue("sorted", knownvalue.Bool(true)),
			},
		},
		testStep{
			Config: p.hcl(`
				provider "airm" { project_selector = "airm.silogen.ai/project-id,team=a" }
				data "airm_projects" "test" {}
				output "found" { value = contains(data.airm_projects.test.projects[*].name, "$project") }`),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("found", knownvalue.Bool(true))},
		},
		testStep{
			Config: p.hcl(`
				provider "airm" { project_selector = "airm.silogen.ai/project-id,team notin (a)" }
				data "airm_projects" "test" {}
				output "found" { value = contains(data.airm_projects.test.projects[*].name, "$project") }`),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("found", knownvalue.Bool(false))},
		},
		testStep{Config: p.hcl(`data "airm_project" "test" { name = "not-$project" }`), ExpectError: matchWords("is not a project")},
		testStep{Config: `data "airm_project" "test" { name = "no-such-namespace" }`, ExpectError: matchWords("does not exist")},
	)
}

// A pipeline waits for the secret that the same apply makes: the data source refers to the resource.
func TestAccDataSecret(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	const waiting = `
		data "airm_project_secret" "test" {
			project  = airm_project_secret.test.project
			name     = airm_project_secret.test.name
			wait_for = "Synced"
			timeout  = "40s"
		}`
	const address = "data.airm_project_secret.test"
	p.run(
		testStep{
			Config: p.secret(plain+`
				wait_for_sync = false
				use_case      = "Database"
				target        = { name = "db-target" }`) + waiting,
			ConfigStateChecks: []statecheck.StateCheck{
				expectValue(address, "id", knownvalue.StringExact(p.name+"/db")),
				expectValue(address, "status", knownvalue.StringExact("Synced")),
				expectValue(address, "status_reason", knownvalue.Null()),
				expectValue(address, "scope", knownvalue.StringExact("Project")),
				expectValue(address, "type", knownvalue.StringExact("Database")),
				expectValue(address, "secret_name", knownvalue.StringExact("db-target")),
				expectValue(address, "last_synced_at", knownvalue.StringRegexp(matchWords("T"))),
				expectValue(address, "updated_at", knownvalue.StringRegexp(matchWords("T"))),
			},
		},
		testStep{ // it fails with the reason, long before its timeout
			Config:      p.secret(absent+`wait_for_sync = false`) + waiting,
			ExpectError: matchWords("Secret does not exist"),
		},
	)
}

func TestAccDataSecretFailures(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("SecretStore", "idle", `spec: {controller: none, provider: {fake: {data: [{key: a, value: b}]}}}`)
	p.setStore("seen", storeValues) // then ESO has seen the other one too
	p.externalSecret("waits", `spec: {secretStoreRef: {name: idle, kind: SecretStore}, data: [{secretKey: x, remoteRef: {key: a}}]}`)
	data := func(body string) string {
		return p.hcl(`data "airm_project_secret" "test" {` + "\nproject = \"$project\"\n" + body + "\n}")
	}
	p.run(
		testStep{Config: data(`name = "nothing"`), ExpectError: matchWords("not found")},
		testStep{Config: data("name = \"waits\"\nwait_for = \"Synced\"\ntimeout = \"8s\""), ExpectError: matchWords(`is not Synced`)},
		testStep{Config: data("name = \"waits\"\nwait_for = \"Synced\"\ntimeout = \"8s\""), ExpectError: matchWords(`Timed out after 8s`)},
		testStep{Config: data("name = \"waits\"\nwait_for = \"Ready\""), ExpectError: matchWords(`wait_for`)},
		testStep{Config: data("name = \"waits\"\nwait_for = \"Synced\"\ntimeout = \"1d\""), ExpectError: matchWords(`Invalid timeout`)},
		testStep{
			Config:            data("name = \"waits\"\nwait_for = \"Pending\""),
			ConfigStateChecks: []statecheck.StateCheck{expectValue("data.airm_project_secret.test", "status", knownvalue.StringExact("Pending"))},
		},
	)
}

// Everything in the project is listed, no matter who made it, each with its status and reason.
func TestAccDataSecrets(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("broken", `
metadata: {labels: {airm.silogen.ai/use-case: Generic}}
spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: x, remoteRef: {key: absent}}]}`)
	p.externalSecret("fine", "")
	p.eventually("ESO has tried both", func() bool {
		return p.ready("ExternalSecret", "broken") == "False" && p.ready("ExternalSecret", "fine") == "True"
	})
	entry := func(index int, field string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.airm_project_secrets.test", tfjsonpath.New("secrets").AtSliceIndex(index).AtMapKey(field), want)
	}
	p.run(
		testStep{
			Config: p.hcl(`data "airm_project_secrets" "test" { project = "$project" }`),
			ConfigStateChecks: []statecheck.StateCheck{
				expectValue("data.airm_project_secrets.test", "secrets", knownvalue.ListSizeExact(2)),
				entry(0, "name", knownvalue.StringExact("broken")),
				entry(0, "status", knownvalue.StringExact("SyncedError")),
				entry(0, "status_reason", knownvalue.StringRegexp(matchWords("Secret does not exist"))),
				entry(0, "type", knownvalue.StringExact("Generic")),
				entry(0, "last_synced_at", knownvalue.Null()),
				entry(1, "name", knownvalue.StringExact("fine")),
				entry(1, "status", knownvalue.StringExact("Synced")),
				entry(1, "scope", knownvalue.StringExact("Project")),
				entry(1, "type", knownvalue.Null()),
			},
		},
		testStep{Config: `data "airm_project_secrets" "test" { project = "no-such-namespace" }`, ExpectError: matchWords("does not exist")},
	)
}

func TestAccDataStore(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("SecretStore", "invalid", `spec: {provider: {kubernetes: {server: {caBundle: `+base64.StdEncoding.EncodeToString(p.CA())+
		`}, auth: {token: {bearerToken: {name: none, key: token}}}}}}`)
	p.eventually("ESO has looked at it", func() bool { return p.ready("SecretStore", "invalid") == "False" })
	const address = "data.airm_provider_store.test"
	data := func(body string) string {
		return p.hcl(`data "airm_provider_store" "test" {` + "\nproject = \"$project\"\n" + body + "\n}")
	}
	p.run(
		testStep{
			Config: data("name = \"$store\"\nwait_for = \"Synced\""),
			ConfigStateChecks: []statecheck.StateCheck{
				expectValue(address, "id", knownvalue.StringExact(p.name+"/"+p.store)),
				expectValue(address, "kind", knownvalue.StringExact("SecretStore")),
				expectValue(address, "backend", knownvalue.StringExact("fake")),
				expectValue(address, "capabilities", knownvalue.StringExact("ReadWrite")),
				expectValue(address, "status", knownvalue.StringExact("Synced")),
			},
		},
		testStep{
			Config: data(`name = "invalid"`),
			ConfigStateChecks: []statecheck.StateCheck{
				expectValue(address, "status", knownvalue.StringExact("SyncedError")),
				expectValue(address, "status_reason", knownvalue.NotNull()),
			},
		},
		testStep{Config: data("name = \"invalid\"\nwait_for = \"Synced\""), ExpectError: matchWords("is not Synced")},
		testStep{Config: data(`name = "nothing"`), ExpectError: matchWords("not found")},
	)
}
