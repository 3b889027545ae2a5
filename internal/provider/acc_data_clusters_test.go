// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// hereAndUnavailable is a provider block with the cluster under test, and one that is unavailable.
func hereAndUnavailable() string {
	return `
provider "airm" {
  home_cluster = "here"
  clusters = {
    here = { config_path = "` + kubeconfigPath() + `" }
    down = { host = "https://127.0.0.1:1", token = "none", insecure = true }
  }
}
`
}

// A cluster that does not answer is not one without the project: a configuration would take the object there for unwanted.
func TestAccDataProjectClusterUnavailable(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	config := hereAndUnavailable() + p.hcl(`data "airm_project" "test" { name = "$project" }`)
	p.run(testStep{Config: config, ExpectError: matchWords("127.0.0.1:1")})
}

func TestAccDataClusters(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	uid := regexp.MustCompile(`^[0-9a-f-]{36}$`)
	p.run(
		testStep{
			Config: hereAndUnavailable() + `
				data "airm_cluster" "here" { name = "here" }
				data "airm_cluster" "down" { name = "down" }
				data "airm_clusters" "test" {}
				output "all" { value = { for c in data.airm_clusters.test.clusters : c.name => "${c.reachable} ${c.home}" } }
				output "same" { value = data.airm_clusters.test.clusters[1] == data.airm_cluster.here }`,
			ConfigStateChecks: []statecheck.StateCheck{
				expectValue("data.airm_cluster.here", "reachable", knownvalue.Bool(true)),
				expectValue("data.airm_cluster.here", "home", knownvalue.Bool(true)),
				expectValue("data.airm_cluster.here", "api_version", knownvalue.StringExact(p.Served)),
				expectValue("data.airm_cluster.here", "id", knownvalue.StringRegexp(uid)),
				expectValue("data.airm_cluster.here", "reason", knownvalue.Null()),
				expectValue("data.airm_cluster.down", "reachable", knownvalue.Bool(false)),
				expectValue("data.airm_cluster.down", "home", knownvalue.Bool(false)),
				expectValue("data.airm_cluster.down", "api_version", knownvalue.Null()),
				expectValue("data.airm_cluster.down", "id", knownvalue.Null()),
				expectValue("data.airm_cluster.down", "reason", knownvalue.StringRegexp(regexp.MustCompile("127.0.0.1:1"))),
				statecheck.ExpectKnownOutputValue("all", knownvalue.MapExact(map[string]knownvalue.Check{
					"here": knownvalue.StringExact("true true"), "down": knownvalue.StringExact("false false"),
				})),
				statecheck.ExpectKnownOutputValue("same", knownvalue.Bool(true)),
			},
		},
		testStep{
			Config: hereAndUnavailable() + `data "airm_cluster" "test" { name = "nowhere" }`, ExpectError: matchWords("has the clusters down, here"),
		},
		testStep{
			Config: `
				provider "airm" { config_path = "/does/not/exist" }
				data "airm_cluster" "test" { name = "default" }`,
			ConfigStateChecks: []statecheck.StateCheck{
				expectValue("data.airm_cluster.test", "reachable", knownvalue.Bool(false)),
				expectValue("data.airm_cluster.test", "reason", knownvalue.StringRegexp(regexp.MustCompile("not configured|does/not/exist"))),
			},
		},
	)
}

func TestAccDataProviderStores(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("SecretStore", "broken", `spec: {provider: {kubernetes: {server: {url: "https://127.0.0.1:1"}, remoteNamespace: x, auth: {token: {bearerToken: {name: none, key: none}}}}}}`)
	p.create("ClusterSecretStore", p.name, `spec: {provider: {fake: {data: [{key: a, value: b}]}}}`)
	p.create("Namespace", "not-"+p.name, "{}")
	p.eventually("the stores are looked at", func() bool {
		return p.ready("SecretStore", "broken") == "False" && p.ready("ClusterSecretStore", p.name) == "True"
	})
	text := knownvalue.StringExact
	p.run(
		testStep{
			Config: hereAndUnavailable() + p.hcl(`
				data "airm_provider_stores" "own" { project = "$project" }
				data "airm_provider_stores" "all" {}
				output "shared" { value = one([for s in data.airm_provider_stores.all.stores : `+
				`"${s.kind} ${s.cluster} ${s.status} ${s.backend}" if s.id == "$project"]) }
				output "missing" { value = setsubtract(data.airm_provider_stores.own.stores[*].id, data.airm_provider_stores.all.stores[*].id) }`),
			ConfigStateChecks: []statecheck.StateCheck{
				expectValue("data.airm_provider_stores.own", "stores", knownvalue.ListExact([]knownvalue.Check{
					knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"id": text(p.name + "/" + p.name), "project": text(p.name), "name": text(p.name),
						"cluster": text("here"), "kind": text("SecretStore"),
						"backend": text("fake"), "status": text("Synced"), "capabilities": text("ReadWrite"), "status_reason": knownvalue.Null(),
					}),
					knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"name": text("broken"), "backend": text("kubernetes"), "status": text("SyncedError"), "status_reason": knownvalue.NotNull(),
					}),
				})),
				statecheck.ExpectKnownOutputValue("shared", text("ClusterSecretStore here Synced fake")),
				statecheck.ExpectKnownOutputValue("missing", knownvalue.SetSizeExact(0)),
			},
		},
		testStep{Config: `data "airm_provider_stores" "test" { project = "no-such-project" }`, ExpectError: matchWords("does not exist")},
	)
}
