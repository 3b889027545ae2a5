// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func dropPrivate(instance map[string]any) { delete(instance, "private") }

func dropUIDs(instance map[string]any) {
	delete(instance["attributes"].(map[string]any), "uids")
}

// inContext is a provider block for one cluster.
func inContext(name string) string {
	return providerConfig{connectionConfig: connectionConfig{ConfigContext: name}}.String()
}

// isUntouched fails the test if this provider has written the secret "db" of others, or if it was deleted.
func (p *testProject) isUntouched(object *unstructured.Unstructured) {
	p.t.Helper()
	now := p.get("ExternalSecret", "db")
	if now == nil || now.GetUID() != object.GetUID() || now.GetDeletionTimestamp() != nil || isWritten(now) {
		p.t.Errorf("it was touched: %v", now)
	}
}

// What a state knows survives that the provider is killed in an update, when Terraform drops private state: in another
// cluster, where the same project has a secret of the same name, nothing is changed or deleted.
func TestAccKilledUpdateThenWrongCluster(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	theirs := east.externalSecret("db", "")
	w := p.newWorkspace()
	secret := p.plainSecret().String()
	w.configure(inContext("default") + secret)
	w.apply()
	w.configure(inContext("default") + p.unattendedSecret().String()) // so an update waits
	ours := p.get("ExternalSecret", "db")
	w.killedApply("the change is written", func() bool { return p.get("ExternalSecret", "db").GetGeneration() > ours.GetGeneration() })
	if w.hasPrivate() {
		t.Log("this CLI keeps private state")
		w.editInstances(dropPrivate)
	}

	w.configure(inContext("east") + secret)
	contains(t, w.run("plan", "-no-color"), "refers to another cluster")
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "is not the cluster that the state knows")
	contains(t, w.fails("destroy", "-auto-approve", "-no-color"), "refers to another cluster")
	contains(t, w.fails("destroy", "-refresh=false", "-auto-approve", "-no-color"), "refers to another cluster")
	east.isUntouched(theirs)

	w.configure(inContext("default") + secret)
	w.apply()
	w.plansNothing()
	const id = "terraform-provider-airm/owner-id"
	now := p.get("ExternalSecret", "db")
	if now.GetUID() != ours.GetUID() || now.GetAnnotations()[id] != ours.GetAnnotations()[id] {
		t.Errorf("our object was not recognized: %v", now.GetAnnotations())
	}
	w.destroy()
	p.expect("ExternalSecret db", false)()
}

// A state of which neither private data nor uids are left does not know its object: it touches none.
func TestAccStateWithoutUIDs(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.secret(plain))
	w.apply()
	before := p.get("ExternalSecret", "db")
	w.editInstances(func(instance map[string]any) {
		dropPrivate(instance)
		dropUIDs(instance)
	})
	contains(t, w.plansNothing(), "The state no longer identifies ExternalSecret "+p.name+"/db", "terraform import ADDRESS "+p.name+"/db")
	contains(t, w.fails("destroy", "-auto-approve", "-no-color"), "The state no longer identifies")
	w.configure(p.secret(plain + `refresh_interval = "2h"`))
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "The state no longer identifies")
	if now := p.get("ExternalSecret", "db"); now == nil || now.GetGeneration() != before.GetGeneration() || now.GetDeletionTimestamp() != nil {
		t.Errorf("it was touched: %v", now)
	}

	w.run("state", "rm", secretAddress)
	w.run("import", secretAddress, p.name+"/db")
	w.apply()
	w.plansNothing()
	w.destroy()
	p.expect("ExternalSecret db", false)()
}

// The state of an older version gets its uids at the next refresh, without a change in the plan.
func TestAccStateOfOlderVersion(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.secret(plain))
	w.apply()
	known := w.attributes(secretAddress)["uids"]
	w.editInstances(dropUIDs)
	w.plansNothing()
	w.run("refresh", "-no-color")
	uids, _ := w.attributes(secretAddress)["uids"].(map[string]any)
	ofObject := string(p.get("ExternalSecret", "db").GetUID())
	if !sameContent(uids, known) || uids["default/"+p.name+"/db"] != ofObject || uids["default/kube-system"] == nil {
		t.Errorf("uids are %v, and were %v", uids, known)
	}
	w.destroy()
}
