// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"encoding/json"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
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
			if failed := r.UnassignAll(f.t.Context(), "s", []string{f.projects[0], "another"}); len(failed) > 0 {
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
