// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"errors"
	"net/http"
	"path"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

func TestAccUnassignThatFails(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	f.patch(project, esoResource, "s", `{"metadata":{"finalizers":["example.com/stays"]}}`)
	ctx := f.untilHeld(project, func() bool { return true })
	says(t, r.Unassign(ctx, "s", project, Known{}),
		"ExternalSecret "+project+"/s is not deleted yet", `cluster "home"`, "finalizer example.com/stays", "destroy again")
	if row := f.row(r, project); row.Phase != airm.Unassigning || !strings.Contains(row.LastError, "example.com/stays") {
		t.Errorf("row %+v", row.Assignment)
	}
	f.status(r, airm.DeleteFailed, true, "example.com/stays")
	_, _, err := r.reassign(t.Context(), newAssignment("s", project, "w0"))
	says(t, err, "is still being deleted", "example.com/stays", "Apply again")
	f.status(r, airm.Failed, true, "is still being deleted") // its content cannot be brought to what is being deleted
	_, _, err = f.registry().assign(t.Context(), newAssignment("s", project, "w1"))
	if !errors.Is(err, ErrAssigned) {
		t.Errorf("assigned from elsewhere: %v", err)
	}

	done := make(chan error)
	go func() { done <- r.Unassign(t.Context(), "s", project, Known{}) }()
	f.eventually("the next removal is under way", func() bool {
		row := f.row(r, project)
		return row.Phase == airm.Unassigning && row.LastError == ""
	})
	f.patch(project, esoResource, "s", `{"metadata":{"finalizers":null}}`)
	f.ok(<-done)
	f.nothing(r, project)
}

// A removal that joins another one, and fails, does not end the other's lease: that one may be about to delete the object.
func TestAccUnassignJoinedByOneThatFails(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	refused := f.refusing(func(request *http.Request) int {
		if request.Method == http.MethodDelete && path.Base(path.Dir(request.URL.Path)) == esoResource {
			return http.StatusForbidden
		}
		return 0
	})
	f.ok(f.registry().before("unassign: delete object", func() {
		says(t, refused.Unassign(t.Context(), "s", project, Known{}), "delete")
		_, _, err := r.reassign(t.Context(), newAssignment("s", project, "w0"))
		says(t, err, "is being removed")
	}).Unassign(t.Context(), "s", project, Known{}))
	f.nothing(r, project)
}

func TestAccRemovalInterruptedForOthers(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	if err := f.registry().killAt("unassign: delete object").Unassign(t.Context(), "s", project, Known{}); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	_, _, err := r.reassign(t.Context(), newAssignment("s", project, "w0"))
	says(t, err, "is being removed", "A run (by acme/w0) is removing the secret, until 20", "Apply again after that time")
	ctx, other := atTheEnd(f.registry())
	_, _, err = other.assign(ctx, newAssignment("s", project, "w1"))
	says(t, err, "Another run works on assignment s/"+project, "is removing the secret")

	_, _, err = afterLeases(f.registry()).assign(t.Context(), newAssignment("s", project, "w1"))
	says(t, err, "is not removed yet", "(by acme/w0)", "Destroy the assignment again in that workspace, or import it")
	f.status(afterLeases(f.registry()), airm.DeleteFailed, true, "did not finish")
	_, _, err = afterLeases(f.registry()).reassign(t.Context(), newAssignment("s", project, "w0"))
	f.ok(err)
	f.status(r, airm.Pending, true)
}

func TestAccUnassignOvertaken(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	f.ok(f.registry().before("unassign: find object", func() {
		f.ok(r.Unassign(t.Context(), "s", project, Known{}))
		_, _, err := r.assign(t.Context(), newAssignment("s", project, "w1"))
		f.ok(err)
	}).Unassign(t.Context(), "s", project, Known{}))
	row, object := f.row(r, project), f.get(project, esoResource, "s")
	if row == nil || object == nil || object.GetDeletionTimestamp() != nil {
		t.Errorf("the new assignment was removed: row %v, object %v", row, object)
	}

	err := f.registry().before("unassign: check mark", func() {
		_, _, err := afterLeases(f.registry()).reassign(t.Context(), newAssignment("s", project, "w2"))
		f.ok(err)
	}).Unassign(t.Context(), "s", project, Known{})
	says(t, err, "was assigned again", "(by acme/w2)", "Plan again")
	if object := f.get(project, esoResource, "s"); object == nil || object.GetDeletionTimestamp() != nil {
		t.Error("the object of who assigned it again was removed")
	}
}

func TestAccProjectGone(t *testing.T) {
	f, r := newOrganization(t, 2, 2)
	f.remove("", "namespaces", f.projects[0])
	fresh := f.registry()
	f.status(fresh, airm.Pending, true, `Project "`+f.projects[0]+`" does not exist any more`) // as that of the other project
	assigned, err := fresh.AssignmentStatus(t.Context(), "s", f.projects[0])
	f.ok(err)
	if assigned.Status != airm.Failed {
		t.Errorf("status %s", assigned.Status)
	}
	_, err = r.Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	_, _, err = f.registry().reassign(t.Context(), newAssignment("s", f.projects[0], "w0"))
	says(t, err, `Project "`+f.projects[0]+`" does not exist`)
	f.ok(r.Unassign(t.Context(), "s", f.projects[0], Known{}))
	f.nothing(r, f.projects[0])
	f.ok(r.ForceDelete(t.Context(), "s", Known{}))
}
