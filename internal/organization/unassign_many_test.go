// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// unassignAllSteps are those that a removal from many projects takes where nothing is in its way.
var unassignAllSteps = []string{
	"unassign: mark row", "unassign: find object", "unassign: check mark", "unassign: delete object", "unassign: delete row",
}

// through is a run that speaks to the cluster by a proxy.
func (f *fixture) through(watch func(*http.Request)) *Registry {
	f.t.Helper()
	return f.refusing(func(request *http.Request) int {
		watch(request)
		return 0
	})
}

// refusing is a run that speaks to the cluster by a proxy, which answers with a status unless that is 0.
func (f *fixture) refusing(status func(*http.Request) int) *Registry {
	f.t.Helper()
	address := f.Proxy(func(w http.ResponseWriter, request *http.Request) bool {
		code := status(request)
		if code == 0 {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","code":%d,"reason":%q}`, code, strings.ReplaceAll(http.StatusText(code), " ", ""))
		return true
	})
	config := cluster.Config{Host: address, Token: "unused"}
	r, err := New(cluster.NewClusters(f.name, cluster.New(f.name, config, f.options(nil))), f.platform, Options{})
	f.ok(err)
	return r
}

// Each removal is the mark, the deletion of the object, and the deletion of the row; the rest is read once for all.
func TestAccUnassignAllRequests(t *testing.T) {
	f, _ := newOrganization(t, 8, 8)
	var mu sync.Mutex
	requests := map[string]int{}
	r := f.through(func(request *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		for _, project := range f.projects {
			if strings.Contains(request.URL.Path, project) {
				requests[request.Method+" "+path.Base(path.Dir(request.URL.Path))]++
			}
		}
	})
	if failed := r.UnassignAll(t.Context(), "s", f.projects, ""); len(failed) > 0 {
		t.Fatal(failed)
	}
	for _, project := range f.projects {
		f.nothing(f.registry(), project)
	}
	want := map[string]int{"PUT configmaps": 8, "DELETE externalsecrets": 8, "DELETE configmaps": 8}
	if !maps.Equal(requests, want) {
		t.Errorf("requests for the projects: %v; want %v", requests, want)
	}
}

// A plan of many single assignments reads records and objects with lists that all share, and the rest once.
func TestAccAssignmentStatusRequests(t *testing.T) {
	f, _ := newOrganization(t, 10, 10)
	var mu sync.Mutex
	requests := 0
	r := f.through(func(*http.Request) {
		mu.Lock()
		defer mu.Unlock()
		requests++
	})
	for _, project := range f.projects {
		status, err := r.AssignmentStatus(t.Context(), "s", project)
		f.ok(err)
		alone, err := f.registry().AssignmentStatus(t.Context(), "s", project)
		f.ok(err)
		if !reflect.DeepEqual(status.Health, alone.Health) || status.UID() != alone.UID() || len(status.Copies) != 1 {
			t.Errorf("%s: %v, not %v", project, status.Health, alone.Health)
		}
	}
	if requests > 25 {
		t.Errorf("%d requests for %d assignments", requests, len(f.projects))
	}
}

// Whether the Secrets of many copies are gone is asked once for all or, where that is forbidden or fails, of each or not at all;
// one that stayed is reported.
func TestAccUnassignAllTellsOfSecretsLeft(t *testing.T) {
	for name, test := range map[string]struct {
		status, requests int
		told             bool
	}{
		"listed": {0, 1, true}, "forbidden": {http.StatusForbidden, 4, true}, "failed": {http.StatusInternalServerError, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			f, _, _ := synced(t, 3)
			kept := f.projects[1]
			f.patch(kept, "secrets", "s", `{"metadata":{"ownerReferences":null,"labels":{"reconcile.external-secrets.io/managed":null}}}`)
			var asked atomic.Int64
			r := f.refusing(func(request *http.Request) int {
				if !strings.Contains(request.URL.Path, "/secrets") {
					return 0
				}
				asked.Add(1)
				if strings.HasSuffix(request.URL.Path, "/v1/secrets") {
					return test.status
				}
				return 0
			})
			if failed := r.UnassignAll(t.Context(), "s", f.projects, ""); len(failed) > 0 {
				t.Fatal(failed)
			}
			if f.get(kept, "secrets", "s") == nil {
				t.Fatal("the Secret was deleted, so this shows nothing")
			}
			var want []LeftSecret
			if test.told {
				want = []LeftSecret{{Cluster: "home", Secret: airm.Ref{Kind: eso.KindSecret, Project: kept, Name: "s"}}}
			}
			if left := r.Left(t.Context()); !slices.Equal(left, want) {
				t.Errorf("left is %v", left)
			}
			if int(asked.Load()) != test.requests {
				t.Errorf("asked %d times; want %d", asked.Load(), test.requests)
			}
		})
	}
}

// A removal from one project lists nothing in all projects, which its user may not be allowed to.
func TestAccUnassignAllOfOne(t *testing.T) {
	f, _ := newOrganization(t, 1, 1)
	var mu sync.Mutex
	var listed []string
	r := f.through(func(request *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if path.Base(request.URL.Path) == esoResource && !strings.Contains(request.URL.Path, "/namespaces/") {
			listed = append(listed, request.URL.Path)
		}
	})
	if failed := r.UnassignAll(t.Context(), "s", f.projects, ""); len(failed) > 0 {
		t.Fatal(failed)
	}
	f.nothing(f.registry(), f.projects[0])
	if len(listed) > 0 {
		t.Errorf("requests for all projects: %q", listed)
	}
}

// A removal from many that is killed at any step is finished by the next one.
func TestAccUnassignAllKilled(t *testing.T) {
	for _, step := range unassignAllSteps {
		t.Run(step, func(t *testing.T) {
			f, r := newOrganization(t, 3, 3)
			killed := f.registry().killAt(step).UnassignAll(t.Context(), "s", f.projects, "")
			if len(killed) == 0 {
				t.Error("it was not killed")
			}
			for _, project := range f.projects {
				if f.row(r, project) == nil && f.get(project, esoResource, "s") != nil {
					t.Errorf("project %s has an object without a row", project)
				}
			}
			if failed := afterLeases(f.registry()).UnassignAll(t.Context(), "s", f.projects, ""); len(failed) > 0 {
				t.Error(failed)
			}
			for _, project := range f.projects {
				f.nothing(r, project)
			}
		})
	}
}

// At each step of a removal from many, another run may finish it for a project and assign the secret anew; or assign it again, once
// the lease of the removal is over. What that run has made stays, unless it was made before the row was marked.
func TestAccUnassignAllOvertaken(t *testing.T) {
	for _, step := range unassignAllSteps {
		for name, overtake := range map[string]func(*fixture, *Registry, string) error{
			"finished, and assigned anew": func(f *fixture, other *Registry, project string) error {
				f.ok(other.Unassign(f.t.Context(), "s", project, Known{}))
				return other.Assign(f.t.Context(), newAssignment("s", project, "w1")).Err
			},
			"assigned again when its lease is over": func(f *fixture, other *Registry, project string) error {
				other.clock.(*simulatedTime).ahead.Store(int64(removalLease + leaseMargin + time.Second))
				return other.Reassign(f.t.Context(), newAssignment("s", project, "w1"), Known{}).Err
			},
		} {
			t.Run(step+": "+name, func(t *testing.T) {
				f, r := newOrganization(t, 3, 3)
				project, now := f.projects[1], &simulatedTime{}
				asleep, other := f.registry(), f.registry()
				asleep.clock, other.clock = now, now
				var err error
				steps := 0
				asleep.parallel, asleep.waiting = 1, 1 // so that this project is the second to come to the step
				asleep.beforeStep = func(_ context.Context, name string) error {
					if name == step {
						steps++
					}
					if name == step && steps == 2 {
						err = overtake(f, other, project)
					}
					return nil
				}
				failed := asleep.UnassignAll(t.Context(), "s", f.projects, "")
				row, object := f.row(r, project), f.get(project, esoResource, "s")
				if row == nil && object == nil && (err != nil || step == "unassign: mark row") {
					return // the other run came too late, or before the row was marked
				}
				hasRow := row != nil && row.Phase == airm.Assigned
				hasObject := object != nil && object.GetDeletionTimestamp() == nil && object.GetLabels()["by"] == "w1"
				if !hasRow || !hasObject {
					t.Errorf("what the other run assigned was removed: row %+v, object %v; failures: %s", row, object, failed)
				}
			})
		}
	}
}

// Many assignments that are narrowed to some clusters cost one list of the copies in a cluster that is left out, not a request each,
// when they are written again and when a refresh reads them.
func TestAccNarrowedAssignmentsRequests(t *testing.T) {
	f, _ := twoClusters(t, 12)
	f.withEast(f.projects[1:]...)
	ctx := t.Context()
	var mu sync.Mutex
	requests := map[string]int{}
	counted := func() *Registry {
		clear(requests)
		return f.seenAs(map[string]cluster.Config{"east": {Token: "unused", Host: f.east.Proxy(func(_ http.ResponseWriter, r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			requests[r.Method+" "+path.Base(r.URL.Path)]++
			return false
		})}})
	}
	var all []airm.Assignment
	existing := map[string]Known{}
	for _, project := range f.projects {
		all, existing[project] = append(all, narrowedTo(project, "home")), Known{}
	}
	for _, assigned := range f.registry().AssignAll(ctx, all, nil) {
		f.ok(assigned.Err)
	}
	bounded := func(what string) {
		t.Helper()
		sum := 0
		for _, count := range requests {
			sum += count
		}
		if sum > 8 || requests["GET "+esoResource] > 1 || requests["GET s"] > 0 {
			t.Errorf("%s: requests to the cluster that is left out: %v", what, requests)
		}
	}
	for _, assigned := range counted().AssignAll(ctx, all, existing) {
		f.ok(assigned.Err)
	}
	bounded("update")
	status, err := counted().Status(ctx, "s")
	if f.ok(err); len(status.Assignments) != len(f.projects) || len(status.Copies()) != len(f.projects) {
		t.Errorf("read were %d assignments with %d copies", len(status.Assignments), len(status.Copies()))
	}
	bounded("refresh")
}
