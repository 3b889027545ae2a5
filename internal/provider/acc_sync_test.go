// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"maps"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// absent is the content of a secret whose value the store does not have.
const absent = `
  store = { name = "$store", kind = "SecretStore" }
  data  = { token = { key = "absent" } }
`

// withAbsent are the values of the store after the absent one was added.
func withAbsent() map[string]string {
	all := maps.Clone(storeValues)
	all["absent"] = "here now"
	return all
}

// The condition only says that fetching failed; the error has the cause, which is in the event.
func TestAccSyncMissingKey(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.run(
		testStep{Config: p.secret(absent), ExpectError: matchWords("could not get secret data from provider (SecretSyncedError): error processing spec.data[0] (key: absent), err: Secret does not exist")},
		testStep{ // it is tainted, thus replaced
			PreConfig:         func() { p.setValues(withAbsent()) },
			Config:            p.secret(absent),
			ConfigPlanChecks:  expectPlan(secretAddress, plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: expectSynced(secretAddress),
		},
	)
}

// ESO cannot write the Secret while an admission webhook restarts, and tries again: a create waits for that.
func TestAccSyncRefusedWrite(t *testing.T) {
	t.Parallel()
	const outage = 6 * time.Second // longer than other failures have to last
	p := newProject(t)
	refusing := acctest.HangUp(t, "127.0.0.1:0")
	p.create("MutatingWebhookConfiguration", p.name, `
webhooks:
- name: restarts.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig: {url: "https://`+refusing.Address+`/"}
  rules: [{apiGroups: [""], apiVersions: [v1], resources: [secrets], operations: [CREATE, UPDATE]}]
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: $project}}`)
	probe := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "probe"},
	}}
	p.eventually("the webhook is asked", func() bool {
		_, err := p.objects("Secret").Create(t.Context(), probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err != nil
	})
	restarted := make(chan struct{})
	go func() {
		defer close(restarted)
		p.eventually("ESO has tried", func() bool { return p.condition("ExternalSecret", "db")["message"] == "could not update secret" })
		refusing.AwaitLasting(outage)
		p.remove("MutatingWebhookConfiguration", p.name)
	}()
	p.run(testStep{Config: p.secret(plain), ConfigStateChecks: expectSynced(secretAddress)})
	<-restarted
}

func TestAccSyncMissingStore(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	secret.Store.Name = "no-such-store"
	p.run(testStep{Config: secret.String(), ExpectError: matchWords(`"no-such-store" not found`)})
}

// With on_sync_failure = "warn" the same secret is created, and becomes Synced in place once the
// value is there: ESO's own next retry may be minutes later, so the update requests one.
func TestAccSyncOnFailureWarn(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	var uid string
	p.run(
		testStep{
			Config: p.secret(absent + `on_sync_failure = "warn"`),
			ConfigStateChecks: []statecheck.StateCheck{
				expectValue(secretAddress, "status", knownvalue.StringExact("SyncedError")),
				expectValue(secretAddress, "up_to_date", knownvalue.Bool(false)),
			},
			Check: p.check(func() { uid = string(p.get("ExternalSecret", "db").GetUID()) }),
			// It is not synced yet, so the next apply is to try again.
			ExpectNonEmptyPlan: true,
		},
		testStep{
			PreConfig:         func() { p.setValues(withAbsent()) },
			Config:            p.secret(absent + `on_sync_failure = "warn"`),
			ConfigPlanChecks:  inPlace(secretAddress),
			ConfigStateChecks: expectSynced(secretAddress),
			Check: p.check(func() {
				if string(p.get("ExternalSecret", "db").GetUID()) != uid {
					t.Error("the object was replaced")
				}
				if got := p.secretData("db"); got["token"] != "here now" {
					t.Errorf("the Secret holds %v", got)
				}
			}),
		},
	)
}

// The store and the secret are repaired in the same apply.
func TestAccSyncStoreRepairedInSameApply(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	early, late := storedValue{Key: "early", Value: "x"}, storedValue{Key: "late", Value: "y"}
	broken, repaired := p.fakeStore(early), p.fakeStore(early, late)
	secret := p.plainSecret()
	secret.Store = storeReference{Name: "${airm_provider_store.test.name}", Kind: "${airm_provider_store.test.kind}"}
	secret.Data = map[string]remoteRefConfig{"token": {Key: "late"}}
	secret.OnSyncFailure = "warn"
	p.run(
		testStep{Config: broken.String() + secret.String(), ExpectNonEmptyPlan: true}, // not synced yet
		testStep{
			Config: repaired.String() + secret.String(),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(storeAddress, plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction(secretAddress, plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: append(expectSynced(secretAddress), expectSynced(storeAddress)...),
		},
	)
}

// An update that fails to synchronize is an error but no taint; the next apply waits again.
func TestAccSyncFailedUpdate(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.run(
		testStep{Config: p.secret(plain)},
		testStep{Config: p.secret(absent), ExpectError: matchWords("Secret does not exist")},
		testStep{
			PreConfig:         func() { p.setValues(withAbsent()) },
			Config:            p.secret(absent),
			ConfigPlanChecks:  inPlace(secretAddress),
			ConfigStateChecks: expectSynced(secretAddress),
		},
	)
}

func TestAccSyncNoWait(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.run(testStep{
		Config: p.secret(absent + `wait_for_sync = false`),
		ConfigStateChecks: []statecheck.StateCheck{
			expectValue(secretAddress, "status", knownvalue.StringRegexp(matchWords("Pending"))),
			expectValue(secretAddress, "up_to_date", knownvalue.Bool(true)),
		},
	})
}

// ESO never looks at a store of another controller class, so the wait ends at its timeout: without an
// answer to a create, and with one that is too old to an update.
func TestAccSyncTimeout(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	unattended := p.unattendedSecret()
	unattended.Timeouts = map[string]string{"create": "10s", "update": "10s"}
	p.run(testStep{Config: unattended.String(), ExpectError: matchWords("ESO has not processed the object yet")})
	p.run(
		testStep{Config: p.plainSecret().String()},
		testStep{Config: unattended.String(), ExpectError: matchWords("ESO has not synced generation")},
	)
}

func TestAccSyncTriggers(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	rotated := maps.Clone(storeValues)
	rotated["password"] = "changed"
	secret := p.plainSecret()
	secret.RefreshInterval = "1h"
	secret.SyncTriggers = map[string]string{"rotation": "1"}
	triggered := secret
	triggered.SyncTriggers = map[string]string{"rotation": "2"}
	var before int64
	p.run(
		testStep{Config: secret.String()},
		testStep{
			PreConfig:        func() { p.setValues(rotated) },
			Config:           secret.String(),
			ConfigPlanChecks: unchanged(),
			Check: p.check(func() {
				if got := p.secretData("db")["password"]; got != storeValues["password"] {
					t.Errorf("ESO fetched by itself (%q), so this test shows nothing", got)
				}
				before = p.get("ExternalSecret", "db").GetGeneration()
			}),
		},
		testStep{
			Config:            triggered.String(),
			ConfigPlanChecks:  updates(secretAddress),
			ConfigStateChecks: expectSynced(secretAddress),
			Check: p.check(func() {
				if got := p.secretData("db")["password"]; got != "changed" {
					t.Errorf("after the sync the Secret has %q", got)
				}
				if got := p.get("ExternalSecret", "db").GetGeneration(); got != before {
					t.Errorf("generation %d became %d: ESO synced because of that", before, got)
				}
			}),
		},
	)
}

// A sync that could not be requested in one cluster is requested by the next apply, also where failures only warn.
func TestAccSyncTriggersRefused(t *testing.T) {
	t.Parallel()
	for address, configure := range map[string]func(p *testProject, triggers map[string]string) string{
		secretAddress: func(p *testProject, triggers map[string]string) string {
			secret := p.plainSecret()
			secret.Name, secret.SyncTriggers, secret.OnSyncFailure = "shared", triggers, "warn"
			return secret.String()
		},
		sharedAddress: func(p *testProject, triggers map[string]string) string {
			secret := plainShared(p.store)
			secret.SyncTriggers, secret.OnSyncFailure = triggers, "warn"
			return secret.String() + resourceBlock("airm_secret_assignment", "test", assignmentConfig{Secret: sharedName, Project: p.name})
		},
		"airm_secret_assignment.test": func(p *testProject, triggers map[string]string) string {
			one := assignmentConfig{Secret: sharedName, Project: p.name, SyncTriggers: triggers, OnSyncFailure: "warn"}
			return plainShared(p.store).String() + resourceBlock("airm_secret_assignment", "test", one)
		},
		setAddress: func(p *testProject, triggers map[string]string) string {
			set := setConfig{Secret: sharedName, Projects: []string{p.name}, SyncTriggers: triggers, OnSyncFailure: "warn"}
			return plainShared(p.store).String() + resourceBlock("airm_secret_assignments", "test", set)
		},
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			east := p.inEast(true)
			refuses := &atomic.Bool{}
			provider := homeAndEast(east.Proxy(func(w http.ResponseWriter, r *http.Request) bool {
				refused := refuses.Load() && r.URL.Query().Get("fieldManager") == airm.FieldManager+"-sync"
				if refused {
					forbid(w, "externalsecrets is forbidden")
				}
				return refused
			}))
			provider.PlatformNamespace = p.name
			w := p.newWorkspace()
			apply := func(rotation string) {
				w.configure(provider.String() + configure(p, map[string]string{"rotation": rotation}))
			}
			apply("1")
			w.apply()
			refuses.Store(true)
			apply("2")
			contains(t, w.fails("apply", "-auto-approve", "-no-color"),
				"The sync was not requested everywhere", "The state keeps the previous sync_triggers", `request a sync of`)
			if triggers := w.attributes(address)["sync_triggers"]; !sameContent(triggers, map[string]any{"rotation": "1"}) {
				t.Errorf("the state has %v", triggers)
			}
			refuses.Store(false)
			w.apply()
			w.plansNothing()
			if east.get("ExternalSecret", "shared").GetAnnotations()[airm.AnnotationForceSync] == "" {
				t.Error("no sync was requested")
			}
			w.destroy()
		})
	}
}

// A cluster that was taken out of the provider block keeps no sync from being requested in the others.
func TestAccSyncTriggersWithoutCluster(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.inEast(true)
	provider := homeAnd("east", connectionConfig{ConfigContext: "east"})
	provider.PlatformNamespace = p.name
	one := assignmentConfig{Secret: sharedName, Project: p.name, SyncTriggers: map[string]string{"rotation": "1"}}
	w := p.newWorkspace()
	apply := func() {
		w.configure(provider.String() + plainShared(p.store).String() + resourceBlock("airm_secret_assignment", "test", one))
		w.apply()
	}
	apply()
	without := provider
	without.Clusters = maps.Clone(provider.Clusters)
	delete(without.Clusters, "east")
	provider, without = without, provider
	one.SyncTriggers = map[string]string{"rotation": "2"}
	apply()
	if p.get("ExternalSecret", "shared").GetAnnotations()[airm.AnnotationForceSync] == "" {
		t.Error("no sync was requested")
	}
	provider = without
	apply()
	w.plansNothing()
	w.destroy()
}

// A find that matches nothing leaves no Secret behind, although External Secrets Operator reports a success.
func TestAccSyncFoundNothing(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	config := p.secret(`
  store     = { name = "$store", kind = "SecretStore" }
  data_from = [{ find = { name = { regexp = "^no-such-key$" } } }]
`)
	p.run(testStep{Config: config, ExpectError: matchWords("status SyncedError: Nothing in the backend matches, so ESO wrote nothing")})
	p.expect("Secret db", false)()
}
