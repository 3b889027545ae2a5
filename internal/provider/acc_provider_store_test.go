// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"k8s.io/utils/ptr"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// providerStore configures the store "vault" of the project. ESO's fake backend keeps its values by
// the store's name alone, so that name is unique.
func (p *testProject) providerStore(body string) string {
	return p.hcl(`
resource "airm_provider_store" "test" {
  project = "$project"
  name    = "$project-vault"
` + body + `
}
`)
}

// validationResult is what the fake backend answers when ESO validates a store.
const validationResult = "spec.provider.fake.validationResult"

func (p *testProject) storeSpec() map[string]any {
	p.t.Helper()
	object := p.get("SecretStore", p.name+"-vault")
	if object == nil {
		p.t.Fatal("there is no such SecretStore")
	}
	return nested(object.Object, "spec")
}

func TestAccProviderStoreLife(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	store := p.fakeStore(storedValue{Key: "a", Value: "one"}, storedValue{Key: "a", Value: "two", Version: "2"})
	if p.Has(airm.KindSecretStore, validationResult) {
		store.Fake.ValidationResult = ptr.To(0)
	}
	store.RefreshInterval = "60s"
	store.Retry = &retryConfig{MaxRetries: 3, Interval: "60s"}
	store.Labels = map[string]string{"team": "a"}
	otherSpelling := store
	otherSpelling.RefreshInterval = "1m"
	otherSpelling.Retry = &retryConfig{MaxRetries: 3, Interval: "1m"}
	inJSON, spaced := p.fakeStore(), p.fakeStore()
	inJSON.Fake, inJSON.Other = nil, `{"fake":{"data":[{"key":"a","value":"three"}]}}`
	spaced.Fake, spaced.Other = nil, `{ "fake": {"data": [ {"value":"three", "key":"a"} ] } }`
	var uid string
	p.run(
		testStep{
			Config: store.String(),
			ConfigStateChecks: append(expectSynced(storeAddress),
				expectValue(storeAddress, "id", knownvalue.StringExact(p.name+"/"+p.name+"-vault")),
				expectValue(storeAddress, "kind", knownvalue.StringExact("SecretStore")),
				expectValue(storeAddress, "capabilities", knownvalue.StringExact("ReadWrite"))),
			Check: p.check(func() {
				uid = string(p.get("SecretStore", p.name+"-vault").GetUID())
				want := map[string]any{
					"provider": map[string]any{"fake": map[string]any{
						"data":             []any{map[string]any{"key": "a", "value": "one"}, map[string]any{"key": "a", "value": "two", "version": "2"}},
						"validationResult": 0,
					}},
					"refreshInterval": 60,
					"retrySettings":   map[string]any{"maxRetries": 3, "retryInterval": "1m0s"},
				}
				if !p.Has(airm.KindSecretStore, validationResult) {
					delete(nested(want, "provider", "fake"), "validationResult")
				}
				got := p.storeSpec()
				nested(got, "retrySettings")["retryInterval"] = "1m0s" // in whatever spelling
				if !sameContent(got, want) {
					t.Errorf("the spec is\n%v\nnot\n%v", got, want)
				}
			}),
		},
		testStep{
			Config:           otherSpelling.String(),
			ConfigPlanChecks: unchanged(),
		},
		testStep{ // in place
			Config:            p.fakeStore(storedValue{Key: "a", Value: "three"}).String(),
			ConfigPlanChecks:  updates(storeAddress),
			ConfigStateChecks: expectSynced(storeAddress),
			Check: p.check(func() {
				if got := p.storeSpec(); got["retrySettings"] != nil || got["refreshInterval"] != nil && !sameContent(got["refreshInterval"], 0) {
					t.Errorf("removed arguments are still there: %v", got)
				}
				if got := p.get("SecretStore", p.name+"-vault"); string(got.GetUID()) != uid || got.GetLabels()["team"] != "" {
					t.Errorf("uid %s, labels %v", got.GetUID(), got.GetLabels())
				}
			}),
		},
		testStep{ // the same in JSON
			Config:            inJSON.String(),
			ConfigPlanChecks:  updates(storeAddress),
			ConfigStateChecks: expectSynced(storeAddress),
		},
		testStep{
			Config:           spaced.String(),
			ConfigPlanChecks: unchanged(),
		},
	)
	if p.get("SecretStore", p.name+"-vault") != nil {
		t.Error("destroy left the store behind")
	}
}

// A store that is declared open to all namespaces is not narrowed by an edit.
func TestAccProviderStoreWithoutConditions(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	config := p.hcl(`
resource "airm_provider_store" "test" {
  name       = "$project"
  conditions = jsonencode([])
  fake       = { data = [{ key = "a", value = "b" }] }
}
`)
	p.run(
		testStep{Config: config},
		testStep{
			PreConfig:        func() { p.patch("ClusterSecretStore", p.name, `{"spec":{"conditions":[{"namespaces":["none"]}]}}`) },
			Config:           config,
			ConfigPlanChecks: updates(storeAddress),
			Check: p.check(func() {
				if got := p.conditions(); got != "[]" && got != "null" {
					t.Errorf("conditions are %s", got)
				}
			}),
		},
	)
}

func TestAccProviderStoreDrift(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	store := p.fakeStore(storedValue{Key: "a", Value: "b"})
	store.Labels = map[string]string{"team": "a"}
	store.ForceConflicts = true
	config := store.String()
	p.run(
		testStep{Config: config},
		testStep{
			PreConfig: func() {
				p.patch("SecretStore", p.name+"-vault", `{"spec":{"provider":{"fake":{"data":[{"key":"a","value":"changed"}]}}}}`)
			},
			Config:            config,
			ConfigPlanChecks:  updates(storeAddress),
			ConfigStateChecks: expectSynced(storeAddress),
			Check: p.check(func() {
				if !strings.Contains(mustJSON(p.storeSpec()), `"value":"b"`) {
					t.Errorf("not healed: %v", p.storeSpec())
				}
			}),
		},
		testStep{
			PreConfig: func() {
				p.patch("SecretStore", p.name+"-vault", `{"metadata":{"labels":{"foreign":"x"},"annotations":{"foreign":"x"}},"spec":{"controller":""}}`)
			},
			Config:           config,
			ConfigPlanChecks: unchanged(),
		},
		testStep{
			PreConfig:        func() { p.removeNow("SecretStore", p.name+"-vault") },
			Config:           config,
			ConfigPlanChecks: expectPlan(storeAddress, plancheck.ResourceActionCreate),
		},
	)
}

// A store that ESO finds invalid fails with what the backend said.
func TestAccProviderStoreInvalid(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.needs(airm.KindSecretStore, validationResult)
	invalid := p.fakeStore(storedValue{Key: "a", Value: "b"})
	invalid.Fake.ValidationResult = ptr.To(2)
	warned := invalid
	warned.OnSyncFailure = "warn"
	valid := warned
	valid.Fake = &fakeProvider{Data: invalid.Fake.Data}
	p.run(
		testStep{
			Config:      invalid.String(),
			ExpectError: matchWords("is not synced"),
		},
		testStep{
			Config: warned.String(),
			// Not valid yet, so the next apply is to look again.
			ExpectNonEmptyPlan: true,
		},
		testStep{
			Config:            valid.String(),
			ConfigPlanChecks:  updates(storeAddress),
			ConfigStateChecks: expectSynced(storeAddress),
		},
	)
}

// clusterStore is the spec of conditions that a store of the organization got.
func (p *testProject) conditions() string {
	p.t.Helper()
	return mustJSON(nested(p.get("ClusterSecretStore", p.name).Object, "spec")["conditions"])
}

// A store of the organization serves projects only, and a namespace that it does not allow gets the
// reason.
func TestAccProviderStoreAllowed(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	everyProject := p.fakeStore(storedValue{Key: "a", Value: "b"})
	everyProject.Project, everyProject.Name = "", p.name
	two := everyProject
	two.AllowedProjects = []string{p.name, "another"}
	labelled := everyProject
	labelled.AllowedProjectSelector = map[string]string{"team": "a"}
	another := everyProject
	another.AllowedProjects = []string{"another"}
	secret := p.plainSecret()
	secret.Store = storeReference{Name: "${airm_provider_store.test.name}"}
	secret.Data = map[string]remoteRefConfig{"x": {Key: "a"}}
	has := func(want string) func() {
		return func() {
			t.Helper()
			if got := p.conditions(); got != want {
				t.Errorf("conditions are %s, not %s", got, want)
			}
		}
	}
	p.run(
		testStep{
			Config: everyProject.String() + secret.String(),
			ConfigStateChecks: append(expectSynced(secretAddress),
				expectValue(storeAddress, "id", knownvalue.StringExact(p.name)),
				expectValue(storeAddress, "kind", knownvalue.StringExact("ClusterSecretStore"))),
			Check: p.check(has(`[{"namespaceSelector":{"matchExpressions":[{"key":"airm.silogen.ai/project-id","operator":"Exists"}]}}]`)),
		},
		testStep{
			Config: two.String() + secret.String(),
			Check:  p.check(has(p.hcl(`[{"namespaces":["$project","another"]}]`))),
		},
		testStep{
			Config: labelled.String() + secret.String(),
			Check:  p.check(has(`[{"namespaceSelector":{"matchExpressions":[{"key":"airm.silogen.ai/project-id","operator":"Exists"}],"matchLabels":{"team":"a"}}}]`)),
		},
	)
	p.run(testStep{
		Config:      another.String() + secret.String(),
		ExpectError: matchWords("is not allowed from namespace"),
	})
}

// kubernetesStore is a store that reads from the project's own namespace, with every argument of
// that way to authenticate.
func (p *testProject) kubernetesStore() string {
	p.t.Helper()
	p.create("ServiceAccount", "reader", "{}")
	p.create("Role", "reader", `rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list, watch]}]`)
	p.create("RoleBinding", "reader", `
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: reader, namespace: $project}]`)
	return p.providerStore(`
  kubernetes = {
    remote_namespace = "$project"
    server           = { url = "` + p.Config.Host + `", ca_bundle = "` + base64.StdEncoding.EncodeToString(p.CA()) + `" }
    auth             = { service_account = { name = "reader" } }
  }`)
}

func TestAccProviderStoreKubernetes(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("Secret", "source", `stringData: {password: from another secret}`)
	p.run(testStep{
		Config: p.kubernetesStore() + p.secret(`
			store = { name = airm_provider_store.test.name, kind = "SecretStore" }
			data  = { password = { key = "source", property = "password" } }`),
		ConfigStateChecks: append(expectSynced(storeAddress), expectSynced(secretAddress)...),
		Check: p.check(func() {
			if got := p.secretData("db")["password"]; got != "from another secret" {
				t.Errorf("the Secret has %q", got)
			}
		}),
	})
}

// A store that exists is neither overwritten nor deleted.
func TestAccProviderStoreExisting(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.setStore(p.name+"-vault", map[string]string{"theirs": "x"})
	p.run(testStep{
		Config:      p.fakeStore(storedValue{Key: "a", Value: "b"}).String(),
		ExpectError: matchWords("terraform import airm_provider_store.NAME " + p.name + "/" + p.name + "-vault"),
	})
	if !strings.Contains(mustJSON(p.storeSpec()), "theirs") {
		t.Errorf("it became %v", p.storeSpec())
	}
}
