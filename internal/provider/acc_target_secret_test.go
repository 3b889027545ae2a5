// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"maps"
	"testing"

	"k8s.io/utils/ptr"
)

// A change that would have ESO take over a Secret is refused before every write, by what the live object says.
func TestAccTargetIsTaken(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("Secret", "precious", `stringData: {precious: data}`)
	kept := func() {
		t.Helper()
		if got := p.secretData("precious"); got["precious"] != "data" {
			t.Errorf("the Secret became %v", got)
		}
	}
	w := p.newWorkspace()
	secret := p.plainSecret()
	secret.ForceConflicts = true
	own, precious, orphaned, merging := secret, secret, secret, secret
	own.Target.Name = "own"
	precious.Target.Name = "precious" // with the policy Owner
	orphaned.Target = targetConfig{Name: "precious", CreationPolicy: "Orphan"}
	merging.Target = targetConfig{Name: "precious", CreationPolicy: "Merge"}
	labelled := precious
	labelled.Labels = map[string]string{"a": "b"}
	refused := func(args ...string) {
		t.Helper()
		contains(t, w.fails(append([]string{"apply", "-auto-approve", "-no-color"}, args...)...), "Secret "+p.name+"/precious already exists")
		kept()
	}
	w.configure(merging.String())
	w.apply()
	w.configure(precious.String())
	refused()
	w.configure(orphaned.String())
	refused()

	// The state says that ESO owns it, the live object that it merges: another user changed it since the refresh.
	w.configure(own.String())
	w.apply()
	p.patch("ExternalSecret", "db", `{"spec":{"target":{"name":"precious","creationPolicy":"Merge"}}}`)
	p.eventually("the Secret has the value", func() bool { return p.secretData("precious")["password"] == storeValues["password"] })
	w.configure(labelled.String())
	w.editInstances(func(instance map[string]any) { // as the state of a user who had declared that
		instance["attributes"].(map[string]any)["target"].(map[string]any)["name"] = "precious"
	})
	refused("-refresh=false")
	w.configure(own.String())
	w.apply()
	w.destroy()
	kept()
}

// The Secret that ESO wrote for this very object does not block a create.
func TestAccTargetIsOwn(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	secret.Target.CreationPolicy = "Owner"
	forced := secret
	forced.ForceConflicts = true
	w := p.newWorkspace()
	w.configure(secret.String())
	w.apply()
	p.patch("ExternalSecret", "db", `{"spec":{"refreshPolicy":"CreatedOnce","target":{"creationPolicy":"None"}}}`) // ESO leaves the Secret
	w.configure(forced.String())
	w.apply()
	if got := p.secretData("db"); !maps.Equal(got, map[string]string{"password": storeValues["password"]}) {
		t.Errorf("the Secret is %v", got)
	}
	w.plansNothing()
	w.destroy()
}

// A Secret that is being deleted: the message says so, and what it waits for.
func TestAccTargetIsBeingDeleted(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("Secret", "db", `stringData: {precious: data}`)
	p.hold("Secret", "db", "example.com/hold")
	p.remove("Secret", "db")
	w := p.newWorkspace()
	w.configure(p.secret(plain))
	contains(t, w.fails("apply", "-auto-approve", "-no-color"),
		"Secret "+p.name+"/db is still being deleted", "The deletion waits for the finalizer example.com/hold")
	p.expect("ExternalSecret db", false)()
	p.release("Secret", "db")
	p.eventually("it is gone", func() bool { return p.get("Secret", "db") == nil })
	w.apply()
	w.destroy()
}

// A Secret that is not deleted with its ExternalSecret, because a user removed ESO's owner reference from it, is named.
func TestAccSecretIsLeftBehind(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	secret := p.plainSecret()
	narrowed := secret
	narrowed.Clusters, narrowed.WaitForSync = []string{"home"}, ptr.To(false)
	w := p.newWorkspace()
	w.configure(twoClusters + secret.String())
	w.apply()
	for _, where := range []*testProject{p, east} { // ESO writes no more, so it does not restore what is removed
		where.patch("SecretStore", p.store, `{"spec":{"controller":"none"}}`)
	}
	east.patch("Secret", "db", `{"metadata":{"ownerReferences":null}}`)
	w.configure(twoClusters + narrowed.String())
	output := w.apply()
	contains(t, output, "Secret "+p.name+"/db was not deleted", `from cluster "east"`, "kubectl --namespace "+p.name+" delete secret db")
	east.expect("Secret db", true)()
	p.patch("Secret", "db", `{"metadata":{"ownerReferences":null}}`)
	contains(t, w.destroy(), "Secret "+p.name+"/db was not deleted", `from cluster "home"`)
	p.expect("Secret db", true)()
}
