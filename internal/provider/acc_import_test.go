// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// An object that this provider made is imported, in whatever way its arguments were written, with an
// empty plan: by an import block, and by the import command without any attribute that differs.
func TestAccImportSecret(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"minimal": plain,
		"defaults spelled out": `
			store            = { name = "$store", kind = "SecretStore" }
			refresh_interval = "1h"
			refresh_policy   = "Periodic"
			data = { password = { key = "password", conversion_strategy = "Default", decoding_strategy = "None", metadata_policy = "None" } }
			target = { creation_policy = "Owner", deletion_policy = "Retain", template = { engine_version = "v2", merge_policy = "Replace" } }`,
		"labels and use case": plain + `
			use_case    = "Generic"
			labels      = { team = "a" }
			annotations = { "example.com/why" = "test" }`,
		"manifest": manifestOf("v1", `
metadata: {labels: {team: a}, annotations: {example.com/why: test}}
spec:
  secretStoreRef: {name: $store, kind: SecretStore}
  refreshInterval: 60m
  data: [{secretKey: password, remoteRef: {key: password}}]`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			body := p.without(body, airm.KindExternalSecret, "spec.refreshPolicy", `refresh_policy   = "Periodic"`)
			imported := testStep{
				ResourceName:      secretAddress,
				ImportState:       true,
				ImportStateVerify: true,
				// Text that means the same is no change.
				ImportStateVerifyIgnore: []string{"manifest", "refresh_interval"},
			}
			blockImported := testStep{
				Config:          p.secret(body),
				ResourceName:    secretAddress,
				ImportState:     true,
				ImportStateKind: resource.ImportBlockWithID,
			}
			p.run(testStep{Config: p.secret(body)}, imported, blockImported)
		})
	}
}

// importBlock imports into the resource of p.secret.
func (p *testProject) importBlock() string {
	return importBlock(secretAddress, p.name+"/db")
}

// What kubectl made is imported without a change; then the first update makes it ours.
func TestAccImportForeignSecret(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	var uid string
	secret := p.plainSecret()
	changed := secret
	changed.RefreshInterval = "2h"
	p.run(
		testStep{
			PreConfig: func() {
				p.externalSecret("db", `
metadata: {labels: {team: theirs, app.kubernetes.io/managed-by: Helm}, annotations: {note: theirs}}
spec:
  secretStoreRef: {name: $store, kind: SecretStore}
  data: [{secretKey: password, remoteRef: {key: password}}]`)
				p.eventually("it is synced", func() bool { return p.ready("ExternalSecret", "db") == "True" })
				uid = string(p.get("ExternalSecret", "db").GetUID())
			},
			Config:            secret.String() + p.importBlock(),
			ConfigPlanChecks:  expectPlan(secretAddress, plancheck.ResourceActionNoop),
			ConfigStateChecks: expectSynced(secretAddress),
		},
		testStep{
			Config:           changed.String() + p.importBlock(),
			ConfigPlanChecks: updates(secretAddress),
			Check: p.check(func() {
				object := p.get("ExternalSecret", "db")
				if string(object.GetUID()) != uid {
					t.Error("the object was replaced")
				}
				if labels := object.GetLabels(); labels["team"] != "theirs" || labels["app.kubernetes.io/managed-by"] != "Helm" {
					t.Errorf("the labels of others became %v", labels)
				}
				if object.GetAnnotations()["note"] != "theirs" || object.GetAnnotations()["terraform-provider-airm/owner-id"] == "" {
					t.Errorf("annotations %v", object.GetAnnotations())
				}
			}),
		},
	)
}

// What the configuration says otherwise is one update in place, conflicts aside.
func TestAccImportAndChange(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.run(testStep{
		PreConfig: func() { p.externalSecret("db", "") },
		Config: p.secret(plain+`
			labels          = { team = "ours" }
			force_conflicts = true`) + p.importBlock(),
		ConfigPlanChecks:  updates(secretAddress),
		ConfigStateChecks: expectSynced(secretAddress),
	})
}

func TestAccImportErrors(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	for id, text := range map[string]string{
		p.name + "/nothing":    "not found",
		"db":                   "Invalid import ID",
		"a/b/c":                "Invalid import ID",
		p.name + "/Not_A_Name": "Invalid import ID",
	} {
		t.Run(id, func(t *testing.T) {
			inner := *p
			inner.t = t
			inner.run(testStep{
				Config:        inner.secret(plain),
				ResourceName:  secretAddress,
				ImportState:   true,
				ImportStateId: id,
				ExpectError:   matchWords(text),
			})
		})
	}
}

// A namespace that is no project has nothing to import.
func TestAccImportFromNoProject(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("db", "")
	p.patch("Namespace", p.name, `{"metadata":{"labels":{"airm.silogen.ai/project-id":null}}}`)
	p.runAndLeave(testStep{
		Config:        p.secret(plain),
		ResourceName:  secretAddress,
		ImportState:   true,
		ImportStateId: p.name + "/db",
		ExpectError:   matchWords("is not a project"),
	})
}

func TestAccImportStore(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"minimal":  `fake = { data = [{ key = "a", value = "b" }] }`,
		"settings": `fake = { data = [{ key = "a", value = "b" }, { key = "a", value = "c", version = "2" }] }` + "\nrefresh_interval = \"10m\"\nretry = { max_retries = 3, interval = \"5s\" }\nlabels = { team = \"a\" }",
		"other":    `other = jsonencode({ fake = { data = [{ key = "a", value = "b" }] } })`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			config := p.providerStore(body)
			p.run(
				testStep{Config: config},
				testStep{
					ResourceName: storeAddress, ImportState: true,
					ImportStateVerify: true, ImportStateVerifyIgnore: []string{"refresh_interval", "other"},
				},
				testStep{Config: config, ResourceName: storeAddress, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
			)
		})
	}
}

func TestAccImportClusterStore(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	for i, body := range []string{
		``,
		`allowed_projects = ["$project"]`,
		`allowed_project_selector = { team = "a" }`,
		"allowed_projects = [\"b\", \"$project\"]\nallowed_project_selector = { team = \"a\" }",
		`allowed_project_selector = {}`,
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			inner := *p
			inner.t = t
			config := p.hcl(fmt.Sprintf(`
resource "airm_provider_store" "test" {
  name = "$project-%d"
  fake = { data = [{ key = "a", value = "b" }] }
  %s
}`, i, body))
			inner.run(
				testStep{Config: config},
				testStep{ResourceName: storeAddress, ImportState: true, ImportStateVerify: true},
				testStep{Config: config, ResourceName: storeAddress, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
			)
		})
	}
}

// A configuration that Terraform generates of a fake store lacks the values, which are sensitive: it validates, and plans
// nothing. Without a state a value is needed.
func TestAccImportFakeWithoutValues(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	store := func(data ...storedValue) string {
		its := p.fakeStore(data...)
		its.Name = "values"
		return its.String()
	}
	p.create("SecretStore", "values", `spec: {provider: {fake: {data: [{key: a, value: x}, {key: a, value: "y", version: "2"}]}}}`)
	p.eventually("it is valid", func() bool { return p.ready("SecretStore", "values") == "True" })
	first, second := storedValue{Key: "a"}, storedValue{Key: "a", Version: "2"}
	p.run(
		testStep{Config: store(first), ExpectError: matchWords("A value of a fake store is missing")},
		testStep{Config: store(first, second) + importBlock(storeAddress, p.name+"/values"),
			ConfigPlanChecks: expectPlan(storeAddress, plancheck.ResourceActionNoop)},
		testStep{Config: store(second, first), ConfigPlanChecks: updates(storeAddress), Check: p.check(func() {
			data := nested(p.get("SecretStore", "values").Object, "spec", "provider", "fake")["data"].([]any)
			if data[0].(map[string]any)["value"] != "y" || data[1].(map[string]any)["value"] != "x" {
				t.Errorf("the values are %v", data)
			}
		})},
	)
}
