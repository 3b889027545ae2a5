// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// copiedToEast makes an organization whose first project has the secret in home, and an object restored from there in the second
// cluster, which the row does not name.
func copiedToEast(t *testing.T) *fixture {
	t.Helper()
	f, _ := twoClusters(t, 1)
	project := f.projects[0]
	f.ok(f.seenAs(nil).Assign(t.Context(), newAssignment("s", project, "w0")).Err)
	live := f.get(project, esoResource, "s")
	f.recordedIn(f.row(f.registry(), project), "home")
	text, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"labels": live.GetLabels(), "annotations": live.GetAnnotations()}, "spec": live.Object["spec"],
	})
	f.ok(err)
	f.east.apply(project, esoResource, string(text), "s")
	return f
}

// A copy that the row does not name is not up to date, until an update names it there, or removes it where it is left out.
func TestAccUnrecordedCopyIsNotUpToDate(t *testing.T) {
	for name, test := range map[string]struct {
		wanted func(project string) airm.Assignment
		east   string
		copies []string
		stands string
	}{
		"everywhere": {func(project string) airm.Assignment { return newAssignment("s", project, "w0") }, "c0",
			[]string{"east", "home"}, "east Pending, home Pending"},
		"left out": {func(project string) airm.Assignment { return narrowedTo(project, "home") }, "", []string{"home"}, "home Pending"},
	} {
		t.Run(name, func(t *testing.T) {
			f := copiedToEast(t)
			project := f.projects[0]
			f.stands(f.registry(), false, "east Pending, home Pending")
			f.ok(f.registry().Reassign(t.Context(), test.wanted(project), Known{}).Err)
			f.has(f.east, test.east)
			f.recordedIn(f.row(f.registry(), project), test.copies...)
			f.stands(f.registry(), true, test.stands)
		})
	}
}

// A removal takes the copies that the row does not name, too.
func TestAccUnrecordedCopyIsRemoved(t *testing.T) {
	for name, remove := range map[string]func(f *fixture, r *Registry) error{
		"one": func(f *fixture, r *Registry) error { return r.Unassign(f.t.Context(), "s", f.projects[0], Known{}) },
		"many": func(f *fixture, r *Registry) error {
			if failed := r.UnassignAll(f.t.Context(), "s", []string{f.projects[0], "another"}, ""); len(failed) > 0 {
				return notRemoved(failed)
			}
			return nil
		},
		"all": func(f *fixture, r *Registry) error { return r.ForceDelete(f.t.Context(), "s", Known{}) },
	} {
		t.Run(name, func(t *testing.T) {
			f := copiedToEast(t)
			f.ok(remove(f, f.registry()))
			f.nothing(f.registry(), f.projects[0])
			f.has(f.east, "")
		})
	}
}

// withoutRow deletes the record of the first project's assignment, as a user can.
func (f *fixture) withoutRow() {
	f.t.Helper()
	f.remove(f.platform, "configmaps", airm.AssignmentRecordName("s", f.projects[0]))
}

// An assignment whose record was deleted has failed as long as there are copies, and an update writes the record again.
func TestAccDeletedRowIsWrittenAgain(t *testing.T) {
	for name, test := range map[string]struct {
		wanted func(project string) airm.Assignment
		copies []string
		stands string
	}{
		"everywhere": {func(project string) airm.Assignment { return newAssignment("s", project, "w0") },
			[]string{"east", "home"}, "east Pending, home Pending"},
		"left out": {func(project string) airm.Assignment { return narrowedTo(project, "home") }, []string{"home"}, "home Pending"},
	} {
		t.Run(name, func(t *testing.T) {
			f := copiedToEast(t)
			ctx, project := t.Context(), f.projects[0]
			uid := f.get(project, esoResource, "s").GetUID()
			f.withoutRow()
			status, err := f.registry().AssignmentStatus(ctx, "s", project)
			if f.ok(err); status.Status != airm.Failed || status.UpToDate || !status.Unrecorded || len(status.Copies) != 2 || status.UID() != "" {
				t.Errorf("it stands as %+v, %v", status.Health, status.Copies)
			}
			secret, err := f.registry().Status(ctx, "s")
			if f.ok(err); !slices.Equal(secret.Unrecorded, []string{project}) {
				t.Errorf("the projects without a record are %v", secret.Unrecorded)
			}
			known := Known{UID: "gone", OwnerID: "w0"}
			says(t, f.registry().Reassign(ctx, test.wanted(project), Known{Home: Home{NamespaceUID: "another"}}).Err, ErrAnotherHome.Error())
			f.ok(f.registry().Reassign(ctx, test.wanted(project), known).Err)
			f.recordedIn(f.row(f.registry(), project), test.copies...)
			f.stands(f.registry(), true, test.stands)
			if f.get(project, esoResource, "s").GetUID() != uid {
				t.Error("it is another object")
			}
		})
	}
}

// An assignment without record and copies does not exist.
func TestAccDeletedRowWithoutCopies(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	f.withoutRow()
	f.remove(project, esoResource, "s")
	f.apply(project, esoResource, "spec: {secretStoreRef: {name: idle}, data: [{secretKey: value, remoteRef: {key: theirs}}]}", "s")
	if _, err := r.AssignmentStatus(t.Context(), "s", project); !cluster.IsNotFound(err) {
		t.Errorf("the error is %v", err)
	}
	says(t, f.registry().Reassign(t.Context(), newAssignment("s", project, "w0"), Known{}).Err, "does not exist any more")
	f.ok(f.registry().Unassign(t.Context(), "s", project, Known{}))
	f.has(f, "theirs")
}

// A removal deletes the copies of a record that was deleted, and tells of clusters that it does not know.
func TestAccDeletedRowIsRemoved(t *testing.T) {
	unassign := func(r *Registry, project string) error {
		return r.Unassign(context.Background(), "s", project, Known{OwnerID: "w0"})
	}
	for name, test := range map[string]struct {
		registry func(f *fixture) *Registry
		remove   func(r *Registry, project string) error
		east     string // what is left there
		warning  []string
	}{
		"one": {(*fixture).registry, unassign, "", []string{"Deleted were those in cluster east, home", "not in the provider block"}},
		"many": {(*fixture).registry, func(r *Registry, project string) error {
			if failed := r.UnassignAll(context.Background(), "s", []string{project, "another"}, ""); len(failed) > 0 {
				return notRemoved(failed)
			}
			return nil
		}, "", []string{"cluster east, home"}},
		"east unavailable": {(*fixture).withoutEast, unassign, "c0", []string{"cluster home",
			`Cluster "east" did not answer`, "cannot be reached", "by hand"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := copiedToEast(t)
			project := f.projects[0]
			f.withoutRow()
			r := test.registry(f)
			f.ok(test.remove(r, project))
			f.nothing(f.registry(), project)
			f.has(f.east, test.east)
			if warnings := r.Warnings(); len(warnings) != 1 {
				t.Errorf("the warnings are %v", warnings)
			} else {
				says(t, warnings[0], append(test.warning, "Assignment s/"+project+" had no record")...)
			}
		})
	}
}

// Nothing is deleted if these are not the records of the state, and another run's new assignment stays.
func TestAccDeletedRowOfOthers(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	f.withoutRow()
	err := r.Unassign(t.Context(), "s", project, Known{Home: Home{NamespaceUID: "another"}})
	if !errors.Is(err, ErrAnotherHome) {
		t.Errorf("the error is %v", err)
	}
	f.has(f, "c0")
	f.ok(f.registry().before("unassign: write row of unrecorded copies", func() {
		f.ok(r.Assign(t.Context(), newAssignment("s", project, "w1")).Err)
	}).Unassign(t.Context(), "s", project, Known{}))
	f.has(f, "c0")
	f.stands(f.registry(), true, "home Pending")
}

// A removal of copies without a record that is killed can be done again by its resource: the row that it wrote is the resource's.
func TestAccDeletedRowIsItsRemovers(t *testing.T) {
	f, _ := newOrganization(t, 1, 1)
	project := f.projects[0]
	f.withoutRow()
	failed := f.registry().killAt("unassign: find object").UnassignAll(t.Context(), "s", []string{project, "another"}, "w0")
	if row := f.row(f.registry(), project); len(failed) == 0 || row == nil || row.OwnerID != "w0" {
		t.Fatalf("%v, and the row is %+v", failed, row)
	}
	if failed := afterLeases(f.registry()).UnassignAll(t.Context(), "s", []string{project, "another"}, "w0"); len(failed) > 0 {
		t.Error(failed)
	}
	f.nothing(f.registry(), project)
}

// While a cluster does not answer, an assignment without a record may have a copy there.
func TestAccDeletedRowWhileUnavailable(t *testing.T) {
	f := copiedToEast(t)
	project := f.projects[0]
	f.withoutRow()
	f.remove(project, esoResource, "s")
	if _, err := f.withoutEast().AssignmentStatus(t.Context(), "s", project); !cluster.IsUnanswered(err) {
		t.Errorf("the error is %v", err)
	}
}
