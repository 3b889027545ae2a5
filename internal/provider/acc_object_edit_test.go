// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// What another user edited shows in the plan, and the apply reverts it; what the plan did not show is not overwritten.
func TestAccEditsAreHealed(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	secret.RefreshInterval = "2h0m0s"
	secret.Labels = map[string]string{"tier": "db"}
	config := secret.String()
	remote := func() map[string]any {
		return p.spec()["data"].([]any)[0].(map[string]any)["remoteRef"].(map[string]any)
	}
	p.run(
		testStep{Config: config},
		testStep{PreConfig: func() {
			p.patch("ExternalSecret", "db", `{"metadata":{"labels":{"tier":"web"}},"spec":{"refreshInterval":"5h0m0s"}}`)
		}, Config: config, ConfigPlanChecks: updates(secretAddress), Check: p.check(func() {
			if got := p.spec()["refreshInterval"]; got != "2h0m0s" {
				t.Errorf("the edited field is not taken back: %v", got)
			}
		})},
		testStep{PreConfig: func() { // an undeclared field, in an item of a list
			p.patch("ExternalSecret", "db", `{"spec":{"data":[{"secretKey":"password","remoteRef":{"key":"password","version":"v1"}}]}}`)
		}, Config: config, ConfigPlanChecks: updates(secretAddress), Check: p.check(func() {
			if remote()["version"] != nil {
				t.Errorf("a field that another user set in a list stays: %v", remote())
			}
		})},
	)
}

// An edit that came after the plan is not overwritten.
func TestAccEditAfterThePlan(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	updated := secret
	updated.RefreshInterval = "2h"
	w := p.newWorkspace()
	w.configure(secret.String())
	w.apply()
	w.configure(updated.String())
	w.run("plan", "-out=plan")
	p.patch("ExternalSecret", "db", `{"spec":{"data":[{"secretKey":"password","remoteRef":{"key":"user","version":"v1"}}]}}`)
	contains(t, w.fails("apply", "-no-color", "plan"), `spec.data is managed by "kubectl-edit"`, "Nothing was written to the object there",
		"plan again with refresh")
	contains(t, w.run("plan", "-no-color"), `version = "v1" -> null`, `"user" -> "password"`)
	w.apply()
	w.plansNothing()
	w.destroy()
}

// A run that gives a secret its store back fetches nothing from it that another user prepared: neither what the plan shows, nor
// what was added after it.
func TestAccPreparedEntriesAreNotFetched(t *testing.T) {
	t.Parallel()
	for name, declare := range map[string]func(*testProject) string{
		"typed": func(p *testProject) string { return p.plainSecret().String() },
		"manifest": func(p *testProject) string {
			return p.secret(`manifest = <<-YAML
				apiVersion: external-secrets.io/v1
				kind: ExternalSecret
				spec:
				  secretStoreRef: {name: $store, kind: SecretStore}
				  data: [{secretKey: password, remoteRef: {key: password}}]
			YAML
			`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			w := p.newWorkspace()
			w.configure(declare(p))
			w.apply()
			const toItsOwn, prepared = `{"spec":{"secretStoreRef":{"name":"evil"}}}`, `{"spec":{"dataFrom":[{"extract":{"key":"user"}}]}}`
			p.patch("ExternalSecret", "db", toItsOwn)
			p.patch("ExternalSecret", "db", prepared)
			contains(t, w.run("plan", "-no-color"), "evil", "user")
			w.apply()
			w.plansNothing()

			p.patch("ExternalSecret", "db", toItsOwn)
			w.run("plan", "-out=plan")
			p.patch("ExternalSecret", "db", prepared)
			contains(t, w.fails("apply", "-no-color", "plan"), `spec.dataFrom is managed by "kubectl-edit"`, "plan again")
			w.apply()
			w.plansNothing()
			if entries, _ := p.spec()["dataFrom"].([]any); len(entries) > 0 || p.secretData("db")["name"] != "" {
				t.Errorf("what was prepared is fetched: %v", entries)
			}
			w.destroy()
		})
	}
}

// Edits of different fields in two clusters are all taken back: the plan shows one in the arguments, and warns of the other. What is
// edited there after the plan is not.
func TestAccEditsInTwoClusters(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	w := p.newWorkspace()
	w.configure(twoClusters + p.secret(plain+"refresh_interval = \"2h\"\nlabels = { tier = \"db\" }"))
	w.apply()
	edit := func() {
		p.patch("ExternalSecret", "db", `{"spec":{"refreshInterval":"5h0m0s"}}`)
		east.patch("ExternalSecret", "db", `{"metadata":{"labels":{"tier":"web"}},"spec":{"data":[{"secretKey":"password","remoteRef":{"key":"user"}}]}}`)
	}
	edit()
	contains(t, w.run("plan", "-no-color"), "differs between clusters", "metadata.labels.tier", "spec.data[0].remoteRef.key")
	w.apply()
	w.plansNothing()
	for _, its := range []*testProject{p, east} {
		live := its.get("ExternalSecret", "db")
		if live.GetLabels()["tier"] != "db" || its.spec()["refreshInterval"] != "2h0m0s" {
			t.Errorf("an edit is not taken back: labels %v, %v", live.GetLabels(), its.spec())
		}
	}

	edit()
	w.run("plan", "-out=plan")
	east.patch("ExternalSecret", "db", `{"metadata":{"labels":{"tier":"cache"}}}`)
	contains(t, w.fails("apply", "-no-color", "plan"), `metadata.labels.tier is managed by "kubectl-edit"`)
	w.apply()
	w.plansNothing()
	w.destroy()
}

// An edit that no argument can express is named by a warning, and taken back.
func TestAccEditBeyondTheArguments(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	store := p.clusterStore("k", "v")
	store.AllowedProjectSelector = map[string]string{"team": "a"}
	w := p.newWorkspace()
	w.configure(store.String())
	w.apply()
	before := p.get("ClusterSecretStore", p.name).Object["spec"]
	p.patch("ClusterSecretStore", p.name, `{"spec":{"conditions":[{"namespaceSelector":{"matchLabels":{"team":"a"}}}]}}`)
	output := w.run("plan", "-no-color")
	contains(t, output, "ClusterSecretStore "+p.name+" was changed where no argument shows it", `In cluster "default"`, "spec.conditions",
		"will be updated in-place")
	if strings.Contains(output, "differs between clusters") {
		t.Errorf("there is one cluster:\n%s", output)
	}
	w.apply()
	w.plansNothing()
	if after := p.get("ClusterSecretStore", p.name).Object["spec"]; !sameContent(after, before) {
		t.Errorf("the edit stays: %v", after)
	}
	w.destroy()
}

// A manager that applies a value of its own is a conflict, which names it and the field.
func TestAccAppliedByOthersIsAConflict(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	secret.RefreshInterval = "2h0m0s"
	forced := secret
	forced.ForceConflicts = true
	p.run(
		testStep{Config: secret.String()},
		testStep{PreConfig: func() {
			object := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"refreshInterval": "5h0m0s"}}}
			object.SetGroupVersionKind(p.Resource("ExternalSecret").GroupVersion().WithKind("ExternalSecret"))
			object.SetName("db")
			_, err := p.objects("ExternalSecret").Apply(context.Background(), "db", object, metav1.ApplyOptions{FieldManager: "argocd", Force: true})
			p.ok(err)
		}, Config: secret.String(), ExpectError: matchWords(`spec.refreshInterval is managed by "argocd"`)},
		testStep{Config: forced.String(), ConfigPlanChecks: updates(secretAddress)},
	)
}

// What another user set, and was not declared until now, is not overwritten silently.
func TestAccNewlyDeclaredIsAConflict(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	declaring := secret
	declaring.RefreshInterval = "2h"
	declaring.Labels = map[string]string{"tier": "db"}
	w := p.newWorkspace()
	w.configure(secret.String())
	w.apply()
	p.patch("ExternalSecret", "db", `{"metadata":{"labels":{"tier":"web"}},"spec":{"refreshInterval":"5h0m0s"}}`)
	w.configure(declaring.String())
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), `spec.refreshInterval is managed by "kubectl-edit"`, "force_conflicts = true")
	w.configure(secret.String())
	w.plansNothing()
	w.destroy()
}
