// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestAccOwnershipNotAProject(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.patch("Namespace", p.name, `{"metadata":{"labels":{"airm.silogen.ai/project-id":null}}}`)
	p.run(
		testStep{Config: p.secret(plain), ExpectError: matchWords(`is not a project`)},
		testStep{ // other labels must be configured
			Config: p.hcl(`provider "airm" { project_selector = "kubernetes.io/metadata.name=$project" }`) + p.secret(plain),
		},
	)
}

func TestAccOwnershipNoSuchProject(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	missing := *p
	missing.name = p.name + "-not"
	missing.run(testStep{Config: missing.secret(plain), ExpectError: matchWords("-not\" does not exist")})
}

// An ExternalSecret made by hand is neither overwritten nor deleted.
func TestAccOwnershipExistingObject(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("db", "")
	p.eventually("it is synced", func() bool { return p.ready("ExternalSecret", "db") == "True" })
	before := p.get("ExternalSecret", "db")
	labelled, forced := p.plainSecret(), p.plainSecret()
	labelled.Labels = map[string]string{"team": "a"}
	forced.ForceConflicts = true
	p.runAndLeave(testStep{
		Config:      labelled.String(),
		ExpectError: matchWords(`ExternalSecret ` + p.name + `/db already exists`),
	})
	p.runAndLeave(testStep{
		Config:      forced.String(),
		ExpectError: matchWords(`terraform import airm_project_secret.NAME ` + p.name + `/db`),
	})
	after := p.get("ExternalSecret", "db")
	if after == nil || after.GetUID() != before.GetUID() ||
		!sameContent(after.Object["spec"], before.Object["spec"]) || !maps.Equal(after.GetLabels(), before.GetLabels()) {
		t.Errorf("it was\n%v\nand became\n%v", before, after)
	}
}

// ESO would take over a Secret of the target's name and replace its data.
func TestAccOwnershipExistingSecret(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("Secret", "db", `stringData: {precious: data}`)
	p.create("Secret", "renamed", `stringData: {precious: data}`)
	kept := func(name string) {
		t.Helper()
		if got := p.secretData(name); !maps.Equal(got, map[string]string{"precious": "data"}) {
			t.Errorf("Secret %s became %v", name, got)
		}
	}
	secret := p.plainSecret()
	free, taken, merging := secret, secret, secret
	free.Target.Name = "free"
	taken.Target.Name = "renamed"
	merging.Target.CreationPolicy = "Merge"
	p.runAndLeave(testStep{Config: secret.String(), ExpectError: matchWords("Secret " + p.name + "/db already exists")})
	if p.get("ExternalSecret", "db") != nil {
		t.Error("the ExternalSecret was made all the same")
	}
	kept("db")
	p.runAndLeave(
		testStep{Config: free.String()},
		testStep{ // the target moves onto it
			Config:      taken.String(),
			ExpectError: matchWords("Secret " + p.name + "/renamed already exists"),
		},
	)
	kept("renamed")
	p.runAndLeave(testStep{ // keys are added to it on demand
		Config:            merging.String(),
		ConfigStateChecks: expectSynced(secretAddress),
		Check: p.check(func() {
			if got := p.secretData("db"); got["precious"] != "data" || got["password"] != storeValues["password"] {
				t.Errorf("merged into %v", got)
			}
		}),
	})
	if got := p.secretData("db"); got["precious"] != "data" {
		t.Errorf("destroy left %v", got)
	}
}

// runAndLeave is run without the check that nothing is left behind.
func (p *testProject) runAndLeave(steps ...testStep) {
	p.t.Helper()
	other := *p
	other.leave = true
	other.run(steps...)
}

// serverSideApply writes fields as another tool does.
func (p *testProject) serverSideApply(kind, name, manager string, content map[string]any) {
	p.t.Helper()
	object := &unstructured.Unstructured{Object: content}
	object.SetGroupVersionKind(p.Resource(kind).GroupVersion().WithKind(kind))
	object.SetName(name)
	_, err := p.objects(kind).Apply(context.Background(), name, object, metav1.ApplyOptions{FieldManager: manager, Force: true})
	p.ok(err)
}

func TestAccOwnershipConflict(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	secret.RefreshInterval = "2h"
	updated := secret
	updated.RefreshInterval = "3h"
	updated.Labels = map[string]string{"team": "ours"}
	forced := updated
	forced.ForceConflicts = true
	p.run(
		testStep{Config: secret.String()},
		testStep{
			PreConfig: func() {
				p.serverSideApply("ExternalSecret", "db", "helm", map[string]any{
					"metadata": map[string]any{"labels": map[string]any{"team": "theirs"}},
					"spec":     map[string]any{"refreshInterval": "5h0m0s"},
				})
			},
			Config:      updated.String(),
			ExpectError: matchWords(`is managed by "helm"`),
		},
		testStep{
			Config:            forced.String(),
			ConfigPlanChecks:  updates(secretAddress),
			ConfigStateChecks: expectSynced(secretAddress),
			Check: p.check(func() {
				if got := p.get("ExternalSecret", "db"); p.spec()["refreshInterval"] != "3h0m0s" || got.GetLabels()["team"] != "ours" {
					t.Errorf("after force_conflicts: %v %v", p.spec()["refreshInterval"], got.GetLabels())
				}
			}),
		},
		testStep{ // the provider block may force for all
			PreConfig: func() {
				p.serverSideApply("ExternalSecret", "db", "helm", map[string]any{"spec": map[string]any{"refreshInterval": "5h0m0s"}})
			},
			Config: `provider "airm" { force_conflicts = true }` + "\n" + updated.String(),
			Check: p.check(func() {
				if p.spec()["refreshInterval"] != "3h0m0s" {
					t.Error("the provider's force_conflicts was not heeded")
				}
			}),
		},
	)
}

// Another user deleted our object and created another one of the same name: that one is not ours.
func TestAccOwnershipMadeAgainByOthers(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.secret(plain))
	w.apply()

	p.removeNow("ExternalSecret", "db")
	p.eventually("the Secret is gone", func() bool { return p.get("Secret", "db") == nil })
	theirs := p.externalSecret("db", "")

	contains(t, w.run("plan", "-no-color"), "is no longer the object that this state made", secretAddress+" will be created")
	contains(t, w.run("destroy", "-refresh=false", "-auto-approve", "-no-color"), "was not deleted")
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "ExternalSecret "+p.name+"/db already exists")
	if got := p.get("ExternalSecret", "db"); got == nil || got.GetUID() != theirs.GetUID() || got.GetDeletionTimestamp() != nil {
		t.Error("their object was touched")
	}
}

// If two states manage one object, each reports the other.
func TestAccOwnershipTwoStates(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	first, second := p.newWorkspace(), p.newWorkspace()
	first.configure(`provider "airm" { owner = "workspace-one" }` + "\n" + p.secret(plain))
	first.apply()

	second.configure(`provider "airm" { owner = "workspace-two" }` + "\n" + p.secret(plain+`labels = { team = "b" }`))
	contains(t, second.fails("apply", "-auto-approve", "-no-color"), `It was written by "workspace-one" with this provider`)
	second.run("import", secretAddress, p.name+"/db")
	second.apply()
	second.plansNothing()

	contains(t, first.plansNothing(), "is managed from another state too", `"workspace-two"`)
}

// An object that is being deleted, and that a finalizer still holds, cannot be updated.
func TestAccOwnershipBeingDeleted(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	labelled := secret
	labelled.Labels = map[string]string{"team": "a"}
	p.run(
		testStep{Config: secret.String()},
		testStep{ // the object is being deleted, and a foreign finalizer holds it
			PreConfig: func() {
				p.hold("ExternalSecret", "db", "example.com/hold")
				p.remove("ExternalSecret", "db")
			},
			Config:      labelled.String(),
			ExpectError: matchWords("it is being deleted"),
		},
		testStep{
			PreConfig: func() {
				p.release("ExternalSecret", "db")
				p.eventually("it is gone", func() bool { return p.get("ExternalSecret", "db") == nil && p.get("Secret", "db") == nil })
			},
			Config:           labelled.String(),
			ConfigPlanChecks: expectPlan(secretAddress, plancheck.ResourceActionCreate),
		},
	)
}
