// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// expectValue expects an attribute of a resource in the state.
func expectValue(address, attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want)
}

// expectSynced expects that a resource is done.
func expectSynced(address string) []statecheck.StateCheck {
	return []statecheck.StateCheck{
		expectValue(address, "status", knownvalue.StringExact("Synced")),
		expectValue(address, "up_to_date", knownvalue.Bool(true)),
	}
}

func TestAccProjectSecretLife(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	database := secret
	database.UseCase = "Database"
	database.Labels = map[string]string{"team": "a"}
	database.Annotations = map[string]string{"example.com/why": "test"}
	otherKeys := secret
	otherKeys.RefreshInterval = "30m"
	otherKeys.Data = map[string]remoteRefConfig{"pass": {Key: "password"}, "host": {Key: "user", Property: "host"}}
	var uid string
	p.run(
		testStep{
			Config:            database.String(),
			ConfigStateChecks: append(expectSynced(secretAddress), expectValue(secretAddress, "id", knownvalue.StringExact(p.name+"/db"))),
			Check: p.check(func() {
				object := p.get("ExternalSecret", "db")
				uid = string(object.GetUID())
				got := object.GetLabels()
				if got["team"] != "a" || got["airm.silogen.ai/use-case"] != "Database" ||
					got["app.kubernetes.io/managed-by"] != "terraform-provider-airm" {
					t.Errorf("labels %v", got)
				}
				if got := object.GetAnnotations(); got["example.com/why"] != "test" || got["terraform-provider-airm/owner-id"] == "" {
					t.Errorf("annotations %v", got)
				}
				if got := p.secretData("db"); !maps.Equal(got, map[string]string{"password": storeValues["password"]}) {
					t.Errorf("the Secret holds %v", got)
				}
			}),
		},
		testStep{ // other keys, arguments removed: in place, and ESO has written the Secret when apply returns
			Config:            otherKeys.String(),
			ConfigPlanChecks:  updates(secretAddress),
			ConfigStateChecks: expectSynced(secretAddress),
			Check: p.check(func() {
				object := p.get("ExternalSecret", "db")
				if string(object.GetUID()) != uid {
					t.Error("the object was replaced")
				}
				if got := object.GetLabels(); got["team"] != "" || got["airm.silogen.ai/use-case"] != "" {
					t.Errorf("labels that were removed are still there: %v", got)
				}
				if got := p.secretData("db"); !maps.Equal(got, map[string]string{"pass": storeValues["password"], "host": "db.example.com"}) {
					t.Errorf("the Secret holds %v", got)
				}
				if got := p.spec()["refreshInterval"]; got != "30m0s" {
					t.Errorf("refreshInterval %v", got)
				}
			}),
		},
		testStep{ // removing an argument removes the field, so that ESO's default comes back
			Config:           secret.String(),
			ConfigPlanChecks: updates(secretAddress),
			Check: p.check(func() {
				if got := p.spec()["refreshInterval"]; got != "1h0m0s" && got != "1h" {
					t.Errorf("refreshInterval %v", got)
				}
				if got := slices.Collect(maps.Keys(p.secretData("db"))); !slices.Equal(got, []string{"password"}) {
					t.Errorf("the Secret has the keys %v", got)
				}
			}),
		},
	)
}

func TestAccProjectSecretDurations(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	every := func(interval string) string {
		secret := p.plainSecret()
		secret.RefreshInterval = interval
		return secret.String()
	}
	p.run(
		testStep{Config: every("60m"), Check: p.check(func() {
			if got := p.get("ExternalSecret", "db"); got.GetGeneration() != 1 {
				t.Errorf("generation %d: ESO rewrote the duration", got.GetGeneration())
			}
		})},
		testStep{Config: every("1h"), ConfigPlanChecks: unchanged()},
		testStep{Config: every("1h0m0s"), ConfigPlanChecks: unchanged()},
		testStep{Config: every("0"), ConfigPlanChecks: updates(secretAddress)},
		testStep{Config: every("0s"), ConfigPlanChecks: unchanged()},
	)
}

// everything is every typed argument that the fake backend can work with, and the same as YAML.
const (
	everythingTyped = `
		store            = { name = "$store", kind = "SecretStore" }
		refresh_interval = "90m"
		refresh_policy   = "Periodic"
		data = {
			password = {
				key                 = "password"
				conversion_strategy = "Default"
				decoding_strategy   = "None"
				metadata_policy     = "None"
			}
			hello = { key = "encoded", decoding_strategy = "Base64" }
			name  = { key = "user", property = "name", store = { name = "$store", kind = "SecretStore" } }
		}
		data_from = [
			{ extract = { key = "user" }, rewrite = [{ regexp = { source = "^(.*)$", target = "user_$1" } }] },
			{
				find    = { name = { regexp = "^find-" }, conversion_strategy = "Unicode", decoding_strategy = "None" }
				rewrite = [{ transform = { template = "{{ .value | upper }}" } }]
				store   = { name = "$store", kind = "SecretStore" }
			},
			{ generator = { kind = "Password", name = "generated" } },
		]
		target = {
			name            = "db-target"
			creation_policy = "Owner"
			deletion_policy = "Retain"
			immutable       = false
			template = {
				type           = "Opaque"
				engine_version = "v2"
				merge_policy   = "Merge"
				data           = { url = "https://{{ .user_name }}@{{ .user_host }}" }
				labels         = { tier = "db" }
				annotations    = { "example.com/host" = "{{ .user_host }}" }
				from = [
					{ literal = "greeting: {{ .hello }}" },
					{ config_map = { name = "templates", items = [{ key = "motto", template_as = "Values" }] } },
					{ literal = "more: label", target = "Labels" },
				]
			}
		}`
	everythingYAML = `
spec:
  secretStoreRef: {name: $store, kind: SecretStore}
  refreshInterval: 1h30m
  refreshPolicy: Periodic
  data:
    - secretKey: hello
      remoteRef: {key: encoded, decodingStrategy: Base64}
    - secretKey: name
      remoteRef: {key: user, property: name}
      sourceRef: {storeRef: {name: $store, kind: SecretStore}}
    - secretKey: password
      remoteRef: {key: password, conversionStrategy: Default, decodingStrategy: None, metadataPolicy: None}
  dataFrom:
    - extract: {key: user}
      rewrite: [{regexp: {source: ^(.*)$, target: user_$1}}]
    - find: {name: {regexp: ^find-}, conversionStrategy: Unicode, decodingStrategy: None}
      rewrite: [{transform: {template: "{{ .value | upper }}"}}]
      sourceRef: {storeRef: {name: $store, kind: SecretStore}}
    - sourceRef: {generatorRef: {kind: Password, name: generated}}
  target:
    name: db-target
    creationPolicy: Owner
    deletionPolicy: Retain
    immutable: false
    template:
      type: Opaque
      engineVersion: v2
      mergePolicy: Merge
      data: {url: "https://{{ .user_name }}@{{ .user_host }}"}
      metadata:
        labels: {tier: db}
        annotations: {example.com/host: "{{ .user_host }}"}
      templateFrom:
        - literal: "greeting: {{ .hello }}"
        - configMap: {name: templates, items: [{key: motto, templateAs: Values}]}
        - literal: "more: label"
          target: Labels
`
)

// manifestOf is the argument manifest with that content.
func manifestOf(version, text string) string {
	return "manifest = <<-EOT\napiVersion: external-secrets.io/" + version + "\nkind: ExternalSecret\n" + text + "\nEOT\n"
}

// The typed form, the manifest in v1 and in v1beta1 give the same object, so going from one to the
// other changes nothing in the cluster.
func TestAccProjectSecretEverything(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	typed := p.without(everythingTyped, airm.KindExternalSecret, "spec.refreshPolicy", `refresh_policy   = "Periodic"`)
	text := p.without(everythingYAML, airm.KindExternalSecret, "spec.refreshPolicy", "  refreshPolicy: Periodic\n")
	p.create("Password", "generated", `spec: {length: 12, allowRepeat: true, noUpper: false}`)
	p.create("ConfigMap", "templates", `data: {motto: "carpe {{ .user_name }}"}`)
	var spec map[string]any
	sameObject := p.check(func() {
		object := p.get("ExternalSecret", "db")
		got := nested(object.Object, "spec")
		delete(nested(got, "target"), "immutable") // ESO drops a false
		if !sameContent(got, spec) {
			t.Errorf("the spec became\n%v\nand it was\n%v", got, spec)
		}
	})
	p.run(
		testStep{
			Config:            p.secret(typed),
			ConfigStateChecks: expectSynced(secretAddress),
			Check: p.check(func() {
				spec = p.spec()
				delete(nested(spec, "target"), "immutable")
				data := p.secretData("db-target")
				if len(data["password"]) == 0 {
					t.Errorf("no password in %v", data)
				}
				delete(data, "password") // data wins over what the generator made, or not: not ours to test
				want := map[string]string{
					"hello": "hello", "name": "scott", "user_name": "scott", "user_host": "db.example.com", "FIND-A": "a", "FIND-B": "b",
					"url": "https://scott@db.example.com", "greeting": "hello", "motto": "carpe scott",
				}
				if !maps.Equal(data, want) {
					t.Errorf("the Secret holds\n%v\nnot\n%v", data, want)
				}
				target := p.get("Secret", "db-target")
				labels, annotations := target.GetLabels(), target.GetAnnotations()
				if labels["tier"] != "db" || labels["more"] != "label" || annotations["example.com/host"] != "db.example.com" {
					t.Errorf("metadata of the Secret: %v %v", labels, annotations)
				}
			}),
		},
		testStep{
			Config:            p.secret(manifestOf("v1", text)),
			ConfigPlanChecks:  updates(secretAddress),
			ConfigStateChecks: expectSynced(secretAddress),
			Check:             sameObject,
		},
		testStep{Config: p.secret(manifestOf("v1beta1", text)), ConfigPlanChecks: unchanged()},
		testStep{
			Config:           p.secret(typed),
			ConfigPlanChecks: updates(secretAddress),
			Check:            sameObject,
		},
	)
}

// What the fake backend cannot do is declared all the same: the plan stays empty.
func TestAccProjectSecretRareArguments(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.needs(airm.KindExternalSecret, "spec.target.template.metadata.finalizers")
	p.run(testStep{
		Config: p.secret(`
			wait_for_sync  = false
			refresh_policy = "OnChange"
			labels = {}
			data_from = [
				{
					find  = { path = "a/b", tags = { team = "a" }, name = { regexp = "." } }
					store = { name = "$store" }
					rewrite = [
						{ merge = { strategy = "JSON", into = "all", priority = ["x", "y"], ` +
			`priority_policy = "IgnoreNotFound", conflict_policy = "Ignore" } },
						{ merge = {} },
					]
				},
				{ extract = { key = "k", property = "p", version = "3", metadata_policy = "Fetch", ` +
			`decoding_strategy = "Auto", conversion_strategy = "Unicode" }, store = { name = "$store" } },
			]
			target = {
				creation_policy = "Owner"
				deletion_policy = "Delete"
				immutable       = true
				template = {
					finalizers = ["example.com/keep"]
					from = [{ secret = { name = "templates", items = [{ key = "x", template_as = "KeysAndValues" }] }, target = "Annotations" }]
				}
			}`),
		Check: p.check(func() {
			source := p.spec()["dataFrom"].([]any)[0].(map[string]any)
			merge := source["rewrite"].([]any)[0].(map[string]any)["merge"]
			if !sameContent(merge, map[string]any{
				"strategy": "JSON", "into": "all", "priority": []any{"x", "y"},
				"priorityPolicy": "IgnoreNotFound", "conflictPolicy": "Ignore",
			}) {
				t.Errorf("merge became %v", merge)
			}
			store := map[string]any{"name": p.store, "kind": "ClusterSecretStore"}
			if ref := source["sourceRef"]; !sameContent(ref, map[string]any{"storeRef": store}) {
				t.Errorf("sourceRef became %v", ref)
			}
		}),
	})
}

// What another user changed shows in the plan, and the apply reverts it.
func TestAccProjectSecretDrift(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	secret.RefreshInterval = "2h"
	secret.Labels = map[string]string{"team": "a"}
	config := secret.String()
	p.run(
		testStep{Config: config},
		testStep{
			PreConfig:         func() { p.patch("ExternalSecret", "db", `{"spec":{"refreshInterval":"3h0m0s"}}`) },
			Config:            config,
			ConfigPlanChecks:  updates(secretAddress),
			ConfigStateChecks: expectSynced(secretAddress),
			Check: p.check(func() {
				if got := p.spec()["refreshInterval"]; got != "2h0m0s" {
					t.Errorf("refreshInterval %v", got)
				}
			}),
		},
		testStep{
			PreConfig: func() {
				p.patch("ExternalSecret", "db", `{"metadata":{"labels":{"team":null}},"spec":{"data":[
					{"secretKey":"password","remoteRef":{"key":"encoded"}},{"secretKey":"extra","remoteRef":{"key":"user"}}]}}`)
				p.eventually("ESO has followed", func() bool { return p.secretData("db")["extra"] == storeValues["user"] })
			},
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(secretAddress, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(secretAddress, tfjsonpath.New("data"), knownvalue.MapExact(map[string]knownvalue.Check{
					"password": knownvalue.ObjectPartial(map[string]knownvalue.Check{"key": knownvalue.StringExact("password")}),
				})),
			}},
			ConfigStateChecks: expectSynced(secretAddress),
			Check: p.check(func() {
				if got := p.get("ExternalSecret", "db").GetLabels()["team"]; got != "a" {
					t.Errorf("label %q", got)
				}
				if got := p.secretData("db"); !maps.Equal(got, map[string]string{"password": storeValues["password"]}) {
					t.Errorf("the Secret holds %v", got)
				}
			}),
		},
	)
}

// What others add is theirs: it is no drift, and stays when we write.
func TestAccProjectSecretForeignAdditions(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	labelled := secret
	labelled.Labels = map[string]string{"team": "b"}
	p.run(
		testStep{Config: secret.String()},
		testStep{
			PreConfig: func() {
				p.hold("ExternalSecret", "db", "example.com/foreign")
				p.patch("ExternalSecret", "db", `{"metadata":{
					"labels":{"foreign":"x","airm.silogen.ai/project-secret-id":"6e1c"},"annotations":{"foreign":"x"}},
					"spec":{"refreshPolicy":"Periodic","target":{"creationPolicy":"Owner","template":{"engineVersion":"v2"}}}}`)
			},
			Config:           secret.String(),
			ConfigPlanChecks: unchanged(),
		},
		testStep{
			Config:           labelled.String(),
			ConfigPlanChecks: updates(secretAddress),
			Check: p.check(func() {
				object := p.get("ExternalSecret", "db")
				labels, annotations := object.GetLabels(), object.GetAnnotations()
				if !slices.Contains(object.GetFinalizers(), "example.com/foreign") || labels["foreign"] != "x" || annotations["foreign"] != "x" {
					t.Errorf("what others added is gone: %v", object.Object["metadata"])
				}
				p.release("ExternalSecret", "db")
			}),
		},
	)
}

func TestAccProjectSecretDeletedOutside(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.run(
		testStep{Config: p.plainSecret().String()},
		testStep{
			PreConfig: func() {
				p.removeNow("ExternalSecret", "db")
				p.waitFor("Secret", "db", "is gone", acctest.IsGone)
			},
			Config:            p.plainSecret().String(),
			ConfigPlanChecks:  expectPlan(secretAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: expectSynced(secretAddress),
		},
	)
}

func TestAccProjectSecretReplacement(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	renamed := secret
	renamed.Name = "other"
	p.run(
		testStep{Config: secret.String()},
		testStep{
			Config:           renamed.String(),
			ConfigPlanChecks: expectPlan(secretAddress, plancheck.ResourceActionDestroyBeforeCreate),
			Check: p.check(func() {
				if p.get("ExternalSecret", "db") != nil || p.get("Secret", "db") != nil || p.secretData("other") == nil {
					t.Error("the rename did not move the secret")
				}
			}),
		},
	)
}
