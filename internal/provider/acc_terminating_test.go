// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"testing"
)

// What another user deletes is not up to date as long as a finalizer holds it: a store and its credentials, a set of
// assignments, and an organization secret that is being deleted.
func TestAccTerminating(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	p := o.projects[0]
	w := p.newWorkspace()
	soon := map[string]string{"delete": "5s"}
	declared, store := o.declared().asSet(0), p.fakeStore(storedValue{Key: "a", Value: "b"})
	declared.Shared.ForceDestroy = true
	store.Name = "own"
	declared.Shared.Timeouts, declared.Set.Timeouts, store.Timeouts = soon, soon, soon
	w.configure(declared.String() + store.String())
	w.apply()
	w.plansNothing()
	p.hold("SecretStore", "own", "example.com/hold")
	p.hold("Secret", "shared", agentFinalizer)
	p.remove("SecretStore", "own")
	p.remove("ExternalSecret", "shared") // in the background: the object goes, and the Secret is left to be deleted
	p.eventually("the copy is gone", func() bool { return p.get("ExternalSecret", "shared") == nil })
	p.eventually("its Secret is being deleted", func() bool { return p.get("Secret", "shared").GetDeletionTimestamp() != nil })

	contains(t, w.run("plan", "-no-color"),
		"SecretStore "+p.name+"/own is being deleted", "finalizer example.com/hold of an unknown controller")
	w.run("refresh", "-no-color")
	if its := w.attributes(storeAddress); its["up_to_date"] != false || its["status"] != "Deleting" {
		t.Errorf("the store: up_to_date is %v, and status %v", its["up_to_date"], its["status"])
	}
	contains(t, w.fails("apply", "-auto-approve", "-no-color"),
		"Secret "+p.name+"/shared is still being deleted", "The deletion waits for the finalizer "+agentFinalizer+" of AIRM's agent",
		"Cannot update SecretStore "+p.name+"/own: it is being deleted")
	p.release("Secret", "shared")
	p.release("SecretStore", "own")
	w.apply()
	w.plansNothing()

	p.hold("ExternalSecret", "shared", agentFinalizer)
	p.remove("ExternalSecret", "shared")
	contains(t, w.run("plan", "-no-color"), fmt.Sprintf("An assignment of organization secret %q is being deleted", "shared"), agentFinalizer)
	if action := w.plan(setAddress); action != "update" {
		t.Errorf("the plan of the assignments is %q", action)
	}
	if action := w.plan(sharedAddress); action != "no-op" {
		t.Errorf("the plan of the organization secret is %q", action)
	}
	w.fails("destroy", "-auto-approve", "-no-color", "-target="+setAddress)
	w.run("refresh", "-no-color")
	for _, address := range []string{setAddress, sharedAddress} {
		if its := w.attributes(address); its["status"] != "DeleteFailed" || its["up_to_date"] == (address != sharedAddress) {
			t.Errorf("%s: up_to_date is %v, and status %v", address, its["up_to_date"], its["status"])
		}
	}

	w.run("state", "rm", setAddress)
	w.fails("destroy", "-auto-approve", "-no-color", "-target="+sharedAddress)
	contains(t, w.run("refresh", "-no-color"), `Organization secret "shared" is being deleted`, agentFinalizer)
	if its := w.attributes(sharedAddress); its["status"] != "DeleteFailed" || its["up_to_date"] != false {
		t.Errorf("the organization secret: up_to_date is %v, and status %v", its["up_to_date"], its["status"])
	}
	p.release("ExternalSecret", "shared")
	w.destroy()
	o.leavesNothing()
}
