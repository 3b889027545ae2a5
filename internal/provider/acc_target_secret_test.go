// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"maps"
	"testing"
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
	config := func(target string) {
		w.configure(p.secret(plain + "force_conflicts = true\ntarget = { " + target + " }"))
	}
	refused := func(args ...string) {
		t.Helper()
		contains(t, w.fails(append([]string{"apply", "-auto-approve", "-no-color"}, args...)...), "Secret "+p.name+"/precious already exists")
		kept()
	}
	config(`name = "precious", creation_policy = "Merge"`)
	w.apply()
	config(`name = "precious"`) // Owner
	refused()
	config(`name = "precious", creation_policy = "Orphan"`)
	refused()

	// The state says that ESO owns it, the live object that it merges: somebody changed it since the refresh.
	config(`name = "own"`)
	w.apply()
	p.patch("ExternalSecret", "db", `{"spec":{"target":{"name":"precious","creationPolicy":"Merge"}}}`)
	p.eventually("the Secret has the value", func() bool { return p.secretData("precious")["password"] == values["password"] })
	w.configure(p.secret(plain + "force_conflicts = true\nlabels = { a = \"b\" }\ntarget = { name = \"precious\" }"))
	w.editInstances(func(instance map[string]any) { // as the state of somebody who had declared that
		instance["attributes"].(map[string]any)["target"].(map[string]any)["name"] = "precious"
	})
	refused("-refresh=false")
	config(`name = "own"`)
	w.apply()
	w.destroy()
	kept()
}

// The Secret that ESO wrote for this very object is in nobody's way.
func TestAccTargetIsOwn(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.secret(plain + `target = { creation_policy = "Owner" }`))
	w.apply()
	p.patch("ExternalSecret", "db", `{"spec":{"refreshPolicy":"CreatedOnce","target":{"creationPolicy":"None"}}}`) // ESO leaves the Secret
	w.configure(p.secret(plain + "force_conflicts = true\ntarget = { creation_policy = \"Owner\" }"))
	w.apply()
	if got := p.secretData("db"); !maps.Equal(got, map[string]string{"password": values["password"]}) {
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

// A Secret is not deleted after its ExternalSecret, because somebody took ESO's owner reference from it, is named.
func TestAccSecretIsLeftBehind(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	w := p.newWorkspace()
	w.configure(twoClusters + p.secret(plain))
	w.apply()
	for _, where := range []*project{p, east} { // ESO writes no more, so it does not restore what is taken away
		where.patch("SecretStore", p.store, `{"spec":{"controller":"nobody"}}`)
	}
	east.patch("Secret", "db", `{"metadata":{"ownerReferences":null}}`)
	w.configure(twoClusters + p.secret(plain+`clusters = ["home"]`+"\n"+`wait_for_sync = false`))
	output := w.apply()
	contains(t, output, "Secret "+p.name+"/db is still there", `from cluster "east"`, "kubectl --namespace "+p.name+" delete secret db")
	east.expect("Secret db", true)()
	p.patch("Secret", "db", `{"metadata":{"ownerReferences":null}}`)
	contains(t, w.destroy(), "Secret "+p.name+"/db is still there", `from cluster "home"`)
	p.expect("Secret db", true)()
}
