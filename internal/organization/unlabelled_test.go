// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"errors"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// withoutLabels takes the labels off a record, as another user can.
func (f *fixture) withoutLabels(name string) {
	f.t.Helper()
	f.patch(f.platform, "configmaps", name, `{"metadata":{"labels":null}}`)
}

// labelled makes sure that lists find a record again.
func (f *fixture) labelled(name string) {
	f.t.Helper()
	labels := f.get(f.platform, "configmaps", name).GetLabels()
	if labels[airm.LabelRecord] == "" || labels[airm.LabelOrganizationSecret] != airm.NameHash("s") {
		f.t.Errorf("%s has the labels %v", name, labels)
	}
}

// A row that has lost its labels is missing in lists. Its copy leads to it, and whatever writes the row puts the labels back.
func TestAccRowWithoutLabels(t *testing.T) {
	for name, mend := range map[string]func(f *fixture, r *Registry, project string){
		"update": func(f *fixture, r *Registry, project string) {
			_, err := r.Update(f.t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
			f.ok(err)
			f.has(f, "c1")
			f.row(r, project)
		},
		"reassign": func(f *fixture, r *Registry, project string) {
			f.ok(r.Reassign(f.t.Context(), newAssignment("s", project, "w0"), Known{}).Err)
		},
		"reassign many": func(f *fixture, r *Registry, project string) {
			both := []airm.Assignment{newAssignment("s", project, "w0"), newAssignment("s", f.projects[1], "w0")}
			for _, assigned := range r.AssignAll(f.t.Context(), both, map[string]Known{project: {}}) {
				f.ok(assigned.Err)
			}
		},
		"assign by its own resource, without a copy": func(f *fixture, r *Registry, project string) {
			f.remove(project, esoResource, "s")
			r.Confirm(f.t.Context(), f.row(r, project))
			f.withoutLabels(airm.AssignmentRecordName("s", project))
			f.ok(r.Assign(f.t.Context(), newAssignment("s", project, "w0")).Err)
		},
		"delete": func(f *fixture, r *Registry, project string) {
			says(f.t, r.Delete(f.t.Context(), "s", Known{}), "is still assigned", project+" (by acme/w0)")
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, r := newOrganization(t, 2, 1)
			project := f.projects[0]
			record := airm.AssignmentRecordName("s", project)
			f.withoutLabels(record)
			f.stands(f.registry(), false, "home Pending")
			f.status(f.registry(), airm.Pending, false)
			all, err := r.StatusOfAll(t.Context())
			if f.ok(err); len(all) != 1 || len(all[0].Assignments) != 1 {
				t.Errorf("the list of all is %+v", all)
			}
			mend(f, f.registry(), project)
			f.labelled(record)
			f.stands(f.registry(), true, "home Pending")
			f.status(f.registry(), airm.Pending, true)
		})
	}
}

// A row of another resource is not taken over, and a forced deletion removes its copy too.
func TestAccRowOfOthersWithoutLabels(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	ctx, project := t.Context(), f.projects[0]
	r.Confirm(ctx, f.row(r, project))
	f.withoutLabels(airm.AssignmentRecordName("s", project))
	if err := r.Assign(ctx, newAssignment("s", project, "w1")).Err; !errors.Is(err, ErrAssigned) {
		t.Errorf("assigned by another resource: %v", err)
	}
	f.ok(f.registry().ForceDelete(ctx, "s", Known{}))
	f.nothing(r, project)
}

func TestAccDefinitionWithoutLabels(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	ctx, record := t.Context(), airm.DefinitionRecordName("s")
	before, err := r.Definition(ctx, "s")
	f.ok(err)
	f.withoutLabels(record)
	f.status(f.registry(), airm.Pending, false)
	after, err := r.Update(ctx, newDefinition("s", "c0"), Known{}, FanOut{})
	f.ok(err)
	if f.labelled(record); after.Revision != before.Revision {
		t.Errorf("the revision went from %d to %d", before.Revision, after.Revision)
	}
	f.status(f.registry(), airm.Pending, true)
}
