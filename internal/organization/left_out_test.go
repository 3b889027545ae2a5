// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// A cluster that is left out while it is unavailable keeps its copy for now, and that is said until an apply has removed it, also where
// another workspace has recorded the cluster by another name.
func TestAccClustersLeftOutWhileUnavailable(t *testing.T) {
	for _, recorded := range []string{"east", "ost"} {
		t.Run(recorded, func(t *testing.T) {
			f, r := twoClusters(t, 1)
			ctx, project := t.Context(), f.projects[0]
			f.ok(f.seenAs(map[string]cluster.Config{recorded: f.east.config()}).Assign(ctx, newAssignment("s", project, "w0")).Err)
			assigned := f.withoutEast().Reassign(ctx, narrowedTo(project, "home"), Known{})
			f.ok(assigned.Err)
			says(t, errors.New(assigned.Waiting().String()), "cluster east", "was not removed", "cannot be reached")
			f.has(f.east, "c0")
			f.stands(r, false, "east Pending, home Pending")
			unavailable, err := f.withoutEast().AssignmentStatus(ctx, "s", project)
			if f.ok(err); unavailable.UpToDate {
				t.Error("it is up to date although a copy is left")
			}
			assigned = f.registry().Reassign(ctx, narrowedTo(project, "home"), Known{})
			if f.ok(assigned.Err); len(assigned.Waiting()) > 0 {
				t.Error(assigned.Waiting())
			}
			f.has(f.east, "")
			f.recordedIn(f.row(r, project), "home")
			f.stands(f.registry(), true, "home Pending")
		})
	}
}

// refusedInEast is an assignment of the first project that the second cluster has refused to create, because the name is taken there.
func refusedInEast(t *testing.T) (f *fixture, project string) {
	t.Helper()
	f, r := twoClusters(t, 1)
	project = f.projects[0]
	f.east.apply(project, esoResource, "spec: {secretStoreRef: {name: idle}, data: [{secretKey: value, remoteRef: {key: theirs}}]}", "s")
	assigned := r.Assign(t.Context(), newAssignment("s", project, "w0"))
	f.ok(assigned.Err)
	says(t, errors.New(assigned.Failures().String()), "cluster east", "already exists")
	return f, project
}

// Where nothing was made, the failure is over once the cluster is left out or not configured any more.
func TestAccClustersLeftOutAfterRefusal(t *testing.T) {
	for name, next := range map[string]func(f *fixture, project string){
		"left out": func(f *fixture, project string) {
			assigned := f.registry().Reassign(f.t.Context(), narrowedTo(project, "home"), Known{})
			f.placedAlone(assigned)
			f.stands(f.registry(), true, "home Pending")
		},
		"left out while unavailable": func(f *fixture, project string) {
			assigned := f.withoutEast().Reassign(f.t.Context(), narrowedTo(project, "home"), Known{})
			f.placedAlone(assigned)
		},
		"not configured": func(f *fixture, project string) {
			assigned := f.seenAs(nil).Reassign(f.t.Context(), newAssignment("s", project, "w0"), Known{})
			f.placedAlone(assigned)
			f.stands(f.seenAs(nil), true, "home Pending")
		},
		"refused again": func(f *fixture, project string) {
			again := f.registry().Reassign(f.t.Context(), newAssignment("s", project, "w0"), Known{})
			says(f.t, errors.New(again.Failures().String()), "cluster east", "already exists")
			f.ok(f.seenAs(nil).Unassign(f.t.Context(), "s", project, Known{}))
		},
		"destroyed":        func(f *fixture, project string) { f.ok(f.seenAs(nil).Unassign(f.t.Context(), "s", project, Known{})) },
		"deleted by force": func(f *fixture, _ string) { f.ok(f.seenAs(nil).ForceDelete(f.t.Context(), "s", Known{})) },
		"refused no longer": func(f *fixture, project string) {
			f.east.remove(project, esoResource, "s")
			f.ok(f.registry().Reassign(f.t.Context(), newAssignment("s", project, "w0"), Known{}).Err)
			says(f.t, f.seenAs(nil).Unassign(f.t.Context(), "s", project, Known{}), "Cannot remove assignment", `"east"`)
			f.ok(f.registry().Unassign(f.t.Context(), "s", project, Known{}))
			f.east.apply(project, esoResource, "spec: {data: [{secretKey: value, remoteRef: {key: theirs}}]}", "s")
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, project := refusedInEast(t)
			next(f, project)
			f.has(f.east, "theirs")
		})
	}
}

// placedAlone makes sure that an assignment is complete, and recorded in the home cluster alone.
func (f *fixture) placedAlone(assigned Assigned) {
	f.t.Helper()
	f.ok(assigned.Err)
	if len(assigned.Failures()) > 0 || len(assigned.Waiting()) > 0 {
		f.t.Errorf("it failed or waits: %v %v", assigned.Failures(), assigned.Waiting())
	}
	f.recordedIn(f.row(f.registry(), f.projects[0]), "home")
}

// Where the API server did not say whether it made the object, or has an object that may be the copy, the record of it stays.
func TestAccClustersLeftOutAfterNoAnswer(t *testing.T) {
	for name, assign := range map[string]func(f *fixture, project string) Assigned{
		"no answer": func(f *fixture, project string) Assigned {
			proxy := f.east.Proxy(func(w http.ResponseWriter, r *http.Request) bool {
				create := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/"+esoResource)
				if create {
					unreadable["unavailable"](w)
				}
				return create
			})
			return f.seenAs(map[string]cluster.Config{"east": {Host: proxy}}).Assign(f.t.Context(), newAssignment("s", project, "w0"))
		},
		"has marks": func(f *fixture, project string) Assigned {
			f.east.apply(project, esoResource, "metadata: {annotations: {"+airm.AnnotationOrganizationSecret+": s}}\nspec: {data: []}", "s")
			return f.registry().Assign(f.t.Context(), newAssignment("s", project, "w0"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, r := twoClusters(t, 1)
			ctx, project := t.Context(), f.projects[0]
			assigned := assign(f, project)
			f.ok(assigned.Err)
			says(t, errors.New(assigned.Failures().String()), "cluster east")
			alone := f.seenAs(nil)
			again := alone.Reassign(ctx, newAssignment("s", project, "w0"), Known{})
			if f.ok(again.Err); len(again.Failures()) > 0 {
				t.Errorf("another run's failure is told as this one's: %v", again.Failures())
			}
			f.recordedIn(f.row(r, project), "east", "home")
			says(t, alone.Unassign(ctx, "s", project, Known{}), "Cannot remove assignment", `"east"`)
		})
	}
}
