// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"slices"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// withoutRecords deletes the definition and, unless it is to stay, the first project's row, as a user can.
func (f *fixture) withoutRecords(keepRow bool) {
	f.t.Helper()
	f.remove(f.platform, "configmaps", airm.DefinitionRecordName("s"))
	if !keepRow {
		f.withoutRow()
	}
}

// undefined makes sure that there is no definition, not even one that stands in for a lost one.
func (f *fixture) undefined() {
	f.t.Helper()
	if _, err := f.registry().Definition(f.t.Context(), "s"); !cluster.IsNotFound(err) {
		f.t.Errorf("there is a definition: %v", err)
	}
}

// A deletion whose definition was deleted by hand finds the copies all the same.
func TestAccDeleteWithoutDefinition(t *testing.T) {
	for name, test := range map[string]struct {
		keepRow bool
		refusal string
	}{
		"no records":    {false, `Organization secret "s" still has copies`},
		"no definition": {true, `Organization secret "s" is still assigned`},
	} {
		t.Run(name, func(t *testing.T) {
			f, _ := newOrganization(t, 1, 1)
			ctx, project := t.Context(), f.projects[0]
			f.withoutRecords(test.keepRow)
			known := Known{UID: "gone", OwnerID: "definer"}
			says(t, f.registry().Delete(ctx, "s", known), test.refusal, project)
			f.undefined()
			f.has(f, "c0")
			says(t, f.registry().ForceDelete(ctx, "s", Known{Home: Home{NamespaceUID: "another"}}), ErrAnotherHome.Error())
			f.has(f, "c0")
			f.ok(f.registry().ForceDelete(ctx, "s", known))
			f.nothing(f.registry(), project)
			f.undefined()
			f.ok(f.registry().ForceDelete(ctx, "s", known))
		})
	}
}

// A deletion without a definition that is killed refuses new assignments until it is done again, by the same resource.
func TestAccDeleteWithoutDefinitionIsKilled(t *testing.T) {
	for _, step := range []string{"delete: mark definition", "unassign: delete object", "delete: delete definition"} {
		t.Run(step, func(t *testing.T) {
			f, _ := newOrganization(t, 2, 1)
			ctx, project := t.Context(), f.projects[0]
			f.withoutRecords(false)
			if err := f.registry().killAt(step).ForceDelete(ctx, "s", Known{UID: "gone", OwnerID: "definer"}); err == nil {
				t.Fatal("it was not killed")
			}
			says(t, f.registry().Assign(ctx, newAssignment("s", f.projects[1], "w0")).Err, "is being deleted")
			f.ok(afterLeases(f.registry()).ForceDelete(ctx, "s", Known{UID: "gone", OwnerID: "definer"}))
			f.nothing(f.registry(), project)
			f.undefined()
		})
	}
}

// What is defined or assigned anew meanwhile stays.
func TestAccDeleteWithoutDefinitionMeanwhile(t *testing.T) {
	f, _ := newOrganization(t, 1, 1)
	ctx, project := t.Context(), f.projects[0]
	f.withoutRecords(false)
	f.ok(f.registry().before("delete: write definition", func() {
		_, err := f.registry().Define(ctx, newDefinition("s", "c0"))
		f.ok(err)
		f.ok(f.registry().Assign(ctx, newAssignment("s", project, "w0")).Err)
	}).ForceDelete(ctx, "s", Known{}))
	f.stands(f.registry(), true, "home Pending")

	f.remove(f.platform, "configmaps", airm.DefinitionRecordName("s"))
	f.remove("", "namespaces", project)
	f.eventually("the project is gone", func() bool { return f.get("", "namespaces", project) == nil })
	r := f.registry().before("delete: mark definition", func() { f.project(project) })
	says(t, r.Delete(ctx, "s", Known{}), "is still assigned", project)
	f.undefined()
}

// A deletion without a definition leaves copies of other records and forged ones as they are.
func TestAccDeleteWithoutDefinitionLeavesOthers(t *testing.T) {
	f, _ := newOrganization(t, 3, 2)
	ctx := t.Context()
	f.patch(f.projects[0], esoResource, "s", `{"metadata":{"annotations":{"`+airm.AnnotationOrganization+`":"another"}}}`)
	f.forge(f.projects[2])
	f.withoutRecords(false)
	f.remove(f.platform, "configmaps", airm.AssignmentRecordName("s", f.projects[1]))
	r := f.registry()
	f.ok(r.ForceDelete(ctx, "s", Known{}))
	for i, left := range []bool{true, false, true} {
		if found := f.get(f.projects[i], esoResource, "s"); (found != nil) != left {
			t.Errorf("project %d: the object is %v", i, found)
		}
	}
	warnings := r.Warnings() // they name the copies of other tests, too
	if !slices.ContainsFunc(warnings, func(w error) bool {
		return strings.Contains(w.Error(), "has copies of other records") && strings.Contains(w.Error(), f.projects[0])
	}) {
		t.Errorf("the warnings are %v", warnings)
	}
	f.undefined()
}

// Without its platform namespace a deletion has nothing to do.
func TestAccDeleteWithoutPlatformNamespace(t *testing.T) {
	f, _ := newOrganization(t, 1, 1)
	f.remove("", "namespaces", f.platform)
	f.eventually("the platform namespace is gone", func() bool { return f.get("", "namespaces", f.platform) == nil })
	f.ok(f.registry().Delete(t.Context(), "s", Known{}))
	f.ok(f.registry().ForceDelete(t.Context(), "s", Known{}))
	f.has(f, "c0")
}

// A definition that is written again does not take copies over, and tells of those without a record: an assignment takes them over.
func TestAccDefineTellsOfCopies(t *testing.T) {
	f, _ := newOrganization(t, 3, 2)
	ctx, project := t.Context(), f.projects[0]
	uid := f.get(project, esoResource, "s").GetUID()
	forged := f.forge(f.projects[2])
	f.withoutRecords(false)
	found, err := f.registry().FindCopies(ctx, "s")
	if f.ok(err); !slices.Equal(found.Projects(), slices.Sorted(slices.Values(f.projects[:2]))) {
		t.Errorf("found are %s", found)
	}
	r := f.registry()
	_, err = r.Define(ctx, newDefinition("s", "c1"))
	f.ok(err)
	if warnings := r.Warnings(); len(warnings) != 1 {
		t.Fatalf("the warnings are %v", warnings)
	} else {
		says(t, warnings[0], `Organization secret "s" has copies without a record`, project+` in cluster "home"`)
	}
	f.has(f, "c0")
	f.ok(f.registry().Assign(ctx, newAssignment("s", project, "w0")).Err)
	f.has(f, "c1")
	if f.get(project, esoResource, "s").GetUID() != uid {
		t.Error("it is another object")
	}
	f.intact(forged)

	r = f.registry()
	other := newDefinition("other", "c0")
	if _, err := r.Define(ctx, other); err != nil || len(r.Warnings()) > 0 {
		t.Errorf("%v, and the warnings are %v", err, r.Warnings())
	}
}
