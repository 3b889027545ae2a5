// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

func TestAccAssignAndUnassign(t *testing.T) {
	f, r := newOrganization(t, 2, 1)
	project := f.projects[0]
	row, object := f.row(r, project), f.get(project, esoResource, "s")
	same := f.copy(row).UID == string(object.GetUID())
	if row.Phase != airm.Assigned || !same || object.GetLabels()["by"] != "w0" || contentOf(object) != "c0" {
		t.Errorf("row %+v, object %v", row.Assignment, object.Object)
	}
	_, _, err := f.registry().assign(t.Context(), newAssignment("s", project, "w1"))
	if !errors.Is(err, ErrAssigned) || !strings.Contains(err.Error(), "(by acme/w0)") {
		t.Errorf("assigned twice: %v", err)
	}
	f.status(r, airm.Pending, true)
	f.ok(r.Unassign(t.Context(), "s", project, Known{}))
	f.nothing(r, project)
	f.ok(r.Unassign(t.Context(), "s", project, Known{}))
	_, _, err = r.reassign(t.Context(), newAssignment("s", project, "w0"))
	says(t, err, "Assignment s/"+project+" does not exist any more", "Plan again")
}

func TestAccAssignRefused(t *testing.T) {
	f, r := newOrganization(t, 4, 0)
	ctx := t.Context()
	refused := func(secret, project string, parts ...string) {
		t.Helper()
		_, _, err := r.assign(ctx, newAssignment(secret, project, "w0"))
		says(t, err, parts...)
		if _, err := r.Row(ctx, secret, project); !cluster.IsNotFound(err) {
			t.Errorf("a row is left, or cannot be read: %v", err)
		} else {
			says(t, err, fmt.Sprintf("Assignment of organization secret %q to project %q does not exist", secret, project), `cluster "home"`)
		}
	}
	_, missing := r.Status(ctx, "none")
	says(t, missing, `Organization secret "none" does not exist`, "records", "platform_namespace")
	refused("none", f.projects[0], `Organization secret "none" does not exist`, "Create it first")
	refused("s", "no-such-project", `Project "no-such-project" does not exist`, `Cluster "home"`)
	refused("s", f.platform, "is not a project", "project_selector")

	f.apply(f.projects[0], esoResource, "spec: {secretStoreRef: {name: idle}, data: []}", "s")
	refused("s", f.projects[0], "ExternalSecret "+f.projects[0]+"/s already exists", `cluster "home"`,
		"Delete it, or give the organization secret another name")
	if object := f.get(f.projects[0], esoResource, "s"); object == nil || len(object.GetAnnotations()) > 0 {
		t.Error("the object of another owner was touched")
	}

	f.apply(f.projects[1], "secrets", "stringData: {a: b}", "s")
	refused("s", f.projects[1], "Secret "+f.projects[1]+"/s already exists", "replace its data", `cluster "home"`, "target.name")

	// The same project under another organization: another platform namespace.
	other := newFixture(t, 0).registry()
	_, err := other.Define(ctx, newDefinition("s", "theirs"))
	f.ok(err)
	_, _, err = other.assign(ctx, newAssignment("s", f.projects[2], "w9"))
	f.ok(err)
	refused("s", f.projects[2], "belongs to other records", "restore its records")
	_, err = r.Update(ctx, newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	if content := contentOf(f.get(f.projects[2], esoResource, "s")); content != "theirs" {
		t.Errorf("an update wrote %q to another organization's object", content)
	}

	for _, step := range []string{"delete: list rows", "delete: delete definition"} {
		if err := f.registry().killAt(step).Delete(ctx, "s", Known{}); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		refused("s", f.projects[3], "is being deleted", "A run (by acme/platform) is deleting it, until 20", "apply again after that")
	}
	_, err = r.Update(ctx, newDefinition("s", "c2"), Known{}, FanOut{})
	says(t, err, "is being deleted", "Apply again after that")
	f.status(r, airm.Deleting, false)

	late := afterLeases(f.registry())
	f.status(late, airm.DeleteFailed, false)
	_, _, err = late.assign(ctx, newAssignment("s", f.projects[3], "w0"))
	says(t, err, "failed or was killed", "Destroy the organization secret again; or, to keep it, apply it again")
	f.nothing(r, f.projects[3])
	_, err = late.Update(ctx, newDefinition("s", "c2"), Known{}, FanOut{})
	f.ok(err)
	f.status(r, airm.Unassigned, true)
}

func TestAccReassign(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	f.remove(project, esoResource, "s")
	f.status(r, airm.SyncedError, true, "was deleted")
	assigned, err := r.AssignmentStatus(t.Context(), "s", project)
	f.ok(err)
	if assigned.UpToDate {
		t.Error("an assignment without its object counts as up to date")
	}
	_, err = r.Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{Wait: true})
	f.ok(err)
	if f.get(project, esoResource, "s") != nil {
		t.Error("an update made the object again: that is for who assigned it")
	}
	row, object, err := r.reassign(t.Context(), newAssignment("s", project, "w1"))
	f.ok(err)
	same := f.copy(row).UID == string(object.GetUID())
	if row.OwnerID != "w1" || row.Phase != airm.Assigned || !same || contentOf(object) != "c1" || object.GetLabels()["by"] != "w1" {
		t.Errorf("row %+v, object %v", row.Assignment, object.Object)
	}
	f.status(r, airm.Pending, true)

	// A failure stands in the row, and the next run need not wait.
	f.remove(project, esoResource, "s")
	f.apply(project, "secrets", "stringData: {a: b}", "s")
	for range 2 {
		_, _, err = r.reassign(t.Context(), newAssignment("s", project, "w1"))
		says(t, err, "Secret "+project+"/s already exists")
	}
	f.status(r, airm.Failed, true, "already exists")
	f.remove(project, "secrets", "s")
	_, _, err = r.reassign(t.Context(), newAssignment("s", project, "w1"))
	f.ok(err)
	f.status(r, airm.Pending, true)
}

// The Secret that ESO made for the object of a killed run is not in the way of the next one.
func TestAccKilledRunsOwnSecret(t *testing.T) {
	f, r, store := synced(t, 1)
	project := f.projects[0]
	f.ok(r.Unassign(t.Context(), "s", project, Known{}))
	_, _, err := f.registry().killAt("assign: complete row").assign(t.Context(), newAssignment("s", project, "w0"))
	if !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	f.eventually("ESO has made the Secret from "+store, func() bool { return f.get(project, "secrets", "s") != nil })
	_, _, err = afterLeases(f.registry()).assign(t.Context(), newAssignment("s", project, "w1"))
	f.ok(err)
}

func TestAccDeadAssignment(t *testing.T) {
	f, r := newOrganization(t, 2, 0)
	project := f.projects[0]
	_, _, err := f.registry().killAt("assign: complete row").assign(t.Context(), newAssignment("s", project, "w1"))
	if !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	made := f.get(project, esoResource, "s")
	ctx, ending := atTheEnd(f.registry())
	_, _, err = ending.assign(ctx, newAssignment("s", project, "w0"))
	says(t, err, "Another run works on assignment s/"+project,
		"A run (by acme/w1) is assigning the secret, until 20", "Apply again after that time")
	ctx, ending = atTheEnd(f.registry())
	says(t, ending.Unassign(ctx, "s", project, Known{}), "Another run works on assignment s/"+project)

	_, object, err := afterLeases(f.registry()).assign(t.Context(), newAssignment("s", project, "w0"))
	f.ok(err)
	if object.GetUID() != made.GetUID() || object.GetLabels()["by"] != "w0" {
		t.Error("the object that was there was not taken over")
	}
	f.status(r, airm.Pending, true)

	// Without an object, the row records what happened.
	_, _, err = f.registry().killAt("assign: make object").assign(t.Context(), newAssignment("s", f.projects[1], "w1"))
	if !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	f.status(afterLeases(f.registry()), airm.Failed, true, "did not finish")
	f.ok(afterLeases(f.registry()).Unassign(t.Context(), "s", f.projects[1], Known{}))
	f.nothing(r, f.projects[1])
}

// If it is unknown whether the object was created, the row stays, and the error says so: then the state has it.
func TestAccUnclearAssignmentIsKept(t *testing.T) {
	f, _ := newOrganization(t, 1, 0)
	r := f.registry()
	r.beforeStep = func(_ context.Context, name string) error {
		if name == "assign: make object" {
			return context.Canceled
		}
		return nil
	}
	assigned := r.Assign(t.Context(), newAssignment("s", f.projects[0], "w0"))
	if !errors.Is(assigned.Err, context.Canceled) || assigned.Row == nil {
		t.Errorf("%+v", assigned)
	}
	f.ok(afterLeases(f.registry()).Unassign(t.Context(), "s", f.projects[0], Known{}))
	f.nothing(r, f.projects[0])
}

// What a killed create left behind is taken up by the next run of the same workspace, and of no other.
func TestAccLeftBehind(t *testing.T) {
	f, r := newOrganization(t, 1, 0)
	project := f.projects[0]
	_, _, err := f.registry().killAt("assign: complete row").assign(t.Context(), newAssignment("s", project, "w1"))
	if !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	made := f.get(project, esoResource, "s")
	ofAnother := newAssignment("s", project, "w2")
	if _, _, err = afterLeases(f.registry()).assign(t.Context(), ofAnother); err != nil && !errors.Is(err, ErrAssigned) {
		t.Errorf("another workspace got %v", err)
	}
	again := newAssignment("s", project, "w3") // Terraform lost the id of the first run
	again.Owner = "acme/w2"
	row, object, err := afterLeases(f.registry()).assign(t.Context(), again)
	f.ok(err)
	if object.GetUID() != made.GetUID() || row.OwnerID != "w3" || object.GetLabels()["by"] != "w3" {
		t.Errorf("the object was not taken up: %s of %s", object.GetUID(), row.OwnerID)
	}
	nameless := newAssignment("s", project, "w4")
	nameless.Owner = ""
	if _, _, err := afterLeases(f.registry()).assign(t.Context(), nameless); !errors.Is(err, ErrAssigned) {
		t.Errorf("a workspace without a name got %v", err)
	}
	f.status(r, airm.Pending, true)
}

// A create that takes a row up and fails leaves the row: there is a copy.
func TestAccTakenUpRowStays(t *testing.T) {
	f, r := newOrganization(t, 1, 0)
	ctx, project := t.Context(), f.projects[0]
	_, _, err := r.assign(ctx, newAssignment("s", project, "w1")) // never confirmed, as if it was killed
	f.ok(err)
	marked, err := r.Definition(ctx, "s")
	f.ok(err)
	f.ok(r.renewDefinition(ctx, marked)) // and now it is being deleted
	_, _, err = f.registry().assign(ctx, newAssignment("s", project, "w1"))
	says(t, err, "is being deleted")
	if f.row(r, project) == nil {
		t.Error("the record is gone although the copy is there")
	}
	f.ok(r.clearMark(ctx, marked))
	f.ok(f.registry().Unassign(ctx, "s", project, Known{}))
	f.nothing(r, project)
}
