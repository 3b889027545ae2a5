// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// twoClusters makes an organization with the secret "s", unassigned. The first project is in both clusters.
func twoClusters(t *testing.T, projects int) (*fixture, *Registry) {
	t.Helper()
	t.Parallel()
	f := newFixture(t, projects)
	if !f.withEast(f.projects[0]) {
		t.Skip("KUBECONFIG has no context east: several clusters are tested with `make test-all` without KUBECONFIG, which starts them")
	}
	r := f.registry()
	_, err := r.Define(t.Context(), newDefinition("s", "c0"))
	f.ok(err)
	return f, r
}

// A cluster that keeps creates waiting takes no place of the others.
func TestAccSlowClusterHoldsUpNoOther(t *testing.T) {
	f, _ := twoClusters(t, 8)
	f.withEast(f.projects[1:]...)
	released := make(chan struct{})
	proxy := f.east.Proxy(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/"+esoResource) {
			<-released
		}
		return false
	})
	r := f.seenAs(map[string]cluster.Config{"east": {Host: proxy}})
	r.parallel = 3
	var all []airm.Assignment
	for _, project := range f.projects {
		all = append(all, newAssignment("s", project, "w0"))
	}
	done := make(chan []Assigned, 1)
	go func() { done <- r.AssignAll(t.Context(), all, nil) }()
	inHome := func() bool {
		return !slices.ContainsFunc(f.projects, func(project string) bool { return f.get(project, esoResource, "s") == nil })
	}
	err := acctest.Poll(t.Context(), func() (bool, string) {
		select {
		case early := <-done:
			done <- early
			return true, ""
		default:
			return inHome(), ""
		}
	})
	close(released)
	f.ok(err)
	for _, assigned := range <-done {
		if assigned.Err != nil {
			t.Error(assigned.Err)
		}
	}
	for _, project := range f.projects {
		if f.east.get(project, esoResource, "s") == nil {
			t.Errorf("%s has no copy in east", project)
		}
	}
}

// seenAs is a run whose provider block has other clusters beside home: by name, how they are reached.
func (f *fixture) seenAs(others map[string]cluster.Config) *Registry {
	f.t.Helper()
	selector, err := labels.Parse(airm.DefaultProjectSelector)
	f.ok(err)
	options := cluster.Options{UserAgent: "test", ProjectSelector: selector}
	all := []*cluster.Cluster{cluster.New("home", f.config(), options)}
	for name, config := range others {
		all = append(all, cluster.New(name, config, options))
	}
	r, err := New(cluster.NewClusters("home", all...), f.platform, Options{})
	f.ok(err)
	return r
}

// withoutEast is a run for which the second cluster is unavailable.
func (f *fixture) withoutEast() *Registry { return f.awayAs("east") }

// awayAs is a run for which the second cluster is unavailable, and has this name.
func (f *fixture) awayAs(name string) *Registry {
	f.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	f.ok(err)
	defer listener.Close()
	return f.seenAs(map[string]cluster.Config{name: {Host: "https://" + listener.Addr().String()}})
}

// stands makes sure how the assignment of the first project stands in each cluster: "east Pending, home Synced".
func (f *fixture) stands(r *Registry, upToDate bool, expected string) {
	f.t.Helper()
	assigned, err := r.AssignmentStatus(f.t.Context(), "s", f.projects[0])
	f.ok(err)
	sync := func(assigned *AssignmentStatus) string {
		var all []string
		for _, its := range assigned.Copies {
			all = append(all, its.Cluster+" "+string(its.Sync.Status))
		}
		return strings.Join(all, ", ")
	}
	if got := sync(assigned); got != expected || assigned.UpToDate != upToDate {
		f.t.Errorf("it stands as %s (up to date %t), expected %s (%t)", got, assigned.UpToDate, expected, upToDate)
		for _, its := range assigned.Copies {
			f.t.Log(its.Cluster, its.Sync.Reason)
		}
	}
	secret, err := r.Status(f.t.Context(), "s")
	f.ok(err)
	for _, its := range secret.Assignments {
		if its.Project == f.projects[0] && sync(its) != expected {
			f.t.Errorf("in the organization secret it stands as %s, expected %s", sync(its), expected)
		}
	}
}

// recordedIn makes sure that the record of an assignment names copies in these clusters and no others.
func (f *fixture) recordedIn(row *Row, clusters ...string) {
	f.t.Helper()
	var all []string
	for _, its := range row.Copies {
		all = append(all, its.Cluster)
	}
	if slices.Sort(all); !slices.Equal(all, clusters) {
		f.t.Errorf("the record names copies in %v, expected %v", all, clusters)
	}
}

// placedIn makes sure that an assignment was placed in these clusters and no others.
func (f *fixture) placedIn(assigned Assigned, clusters ...string) {
	f.t.Helper()
	var all []string
	for _, its := range assigned.Placed {
		all = append(all, its.Cluster.Name())
	}
	if slices.Sort(all); !slices.Equal(all, clusters) {
		f.t.Errorf("%s is placed in %v, expected %v", assigned.Project, all, clusters)
	}
}

func (f *fixture) has(where *fixture, content string) {
	f.t.Helper()
	got := ""
	if object := where.get(f.projects[0], esoResource, "s"); object != nil {
		got = contentOf(object)
	}
	if got != content {
		f.t.Errorf("%s has %q, expected %q", where.name, got, content)
	}
}

func TestAccClustersAssigned(t *testing.T) {
	f, r := twoClusters(t, 2)
	ctx := t.Context()
	both := []airm.Assignment{newAssignment("s", f.projects[0], "w0"), newAssignment("s", f.projects[1], "w0")}
	for i, assigned := range r.AssignAll(ctx, both, nil) {
		f.ok(assigned.Err)
		expected := [][]string{{"east", "home"}, {"home"}}[i]
		f.placedIn(assigned, expected...)
		f.recordedIn(assigned.Row, expected...)
	}
	f.stands(r, true, "east Pending, home Pending")
	_, err := r.Update(ctx, newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	f.has(f, "c1")
	f.has(f.east, "c1")

	// Another user deletes it in one of them.
	f.east.remove(f.projects[0], esoResource, "s")
	f.stands(r, false, "east SyncedError, home Pending")
	f.ok(r.Reassign(ctx, newAssignment("s", f.projects[0], "w0"), Known{}).Err)
	f.has(f.east, "c1")

	// Each workspace has its own names of clusters.
	renamed := f.seenAs(map[string]cluster.Config{"ost": f.east.config()})
	f.stands(renamed, true, "home Pending, ost Pending")
	f.ok(renamed.Unassign(ctx, "s", f.projects[0], Known{}))
	f.has(f, "")
	f.has(f.east, "")
	f.ok(r.ForceDelete(ctx, "s", Known{}))
}

func TestAccClustersFailInPart(t *testing.T) {
	f, r := twoClusters(t, 1)
	ctx := t.Context()
	f.east.apply(f.projects[0], esoResource, "spec: {secretStoreRef: {name: idle}, data: [{secretKey: value, remoteRef: {key: theirs}}]}", "s")
	assigned := r.Assign(ctx, newAssignment("s", f.projects[0], "w0"))
	f.ok(assigned.Err)
	f.placedIn(assigned, "home")
	says(t, errors.New(assigned.Failures().String()), "cluster east", "already exists")
	f.has(f.east, "theirs")
	f.stands(r, false, "east Failed, home Pending")
	f.east.remove(f.projects[0], esoResource, "s")
	assigned = r.Reassign(ctx, newAssignment("s", f.projects[0], "w0"), Known{})
	if f.ok(assigned.Err); len(assigned.Failures()) > 0 {
		t.Error(assigned.Failures())
	}
	f.stands(r, true, "east Pending, home Pending")

	f.east.apply(f.projects[0], esoResource, "spec: {data: [{secretKey: value, remoteRef: {key: theirs}}]}", "s")
	_, err := r.Update(ctx, newDefinition("s", "c1"), Known{}, FanOut{})
	says(t, err, "1 of 2 copies", "project "+f.projects[0]+", cluster east", `is managed by "another-manager"`)
	f.has(f, "c1")
	f.stands(r, false, "east Failed, home Pending")
}

func TestAccClustersUnavailable(t *testing.T) {
	f, r := twoClusters(t, 1)
	ctx, project := t.Context(), f.projects[0]
	withoutEast := f.withoutEast()
	assigned := withoutEast.Assign(ctx, newAssignment("s", project, "w0"))
	f.ok(assigned.Err)
	if waiting := assigned.Waiting().String(); !strings.Contains(waiting, "cluster east") || !strings.Contains(waiting, "cannot be reached") {
		t.Errorf("it does not say what is missing: %q", waiting)
	}
	f.stands(withoutEast, false, "east Pending, home Pending")
	f.stands(r, false, "east Pending, home Pending")
	secret, err := r.Status(ctx, "s")
	f.ok(err)
	if !secret.UpToDate {
		t.Error("the content is up to date although an assignment is not placed everywhere")
	}
	f.ok(f.registry().Reassign(ctx, newAssignment("s", project, "w0"), Known{}).Err)
	f.stands(r, true, "east Pending, home Pending")

	f.stands(withoutEast, true, "east SyncedError, home Pending")
	later := f.seenAs(map[string]cluster.Config{"east": {Unknown: []string{`clusters["east"].host`}}})
	f.stands(later, true, "home Pending") // it is not known yet how to ask, so that is no outage
	if secret, err := later.Status(ctx, "s"); err != nil || !secret.Unavailable || secret.Unknown {
		t.Errorf("%+v, %v", secret, err)
	}
	_, err = f.withoutEast().Update(ctx, newDefinition("s", "c1"), Known{}, FanOut{})
	says(t, err, "1 of 2 copies", "cluster east", "cannot be reached")
	f.has(f, "c1")
	f.has(f.east, "c0")
	secret, err = r.Status(ctx, "s")
	f.ok(err)
	if secret.UpToDate {
		t.Error("the object in east is old, and that is not seen")
	}
	_, err = r.Update(ctx, newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	f.has(f.east, "c1")

	says(t, f.withoutEast().Unassign(ctx, "s", project, Known{}), `"east"`, "cannot be reached")
	f.has(f, "")
	f.has(f.east, "c1")
	row := f.row(r, project)
	if row == nil || row.Phase != airm.Unassigning || !strings.Contains(row.LastError, "east") {
		t.Fatalf("the row does not say what is left: %+v", row)
	}
	f.stands(r, false, "east DeleteFailed")
	f.ok(r.Unassign(ctx, "s", project, Known{}))
	f.has(f.east, "")
	if f.row(r, project) != nil {
		t.Error("the row is left")
	}
}

func TestAccClustersNotConfigured(t *testing.T) {
	f, r := twoClusters(t, 1)
	ctx, project := t.Context(), f.projects[0]
	f.ok(r.Assign(ctx, newAssignment("s", project, "w0")).Err)
	id := string(f.east.get("", "namespaces", metav1.NamespaceSystem).GetUID())
	alone := f.seenAs(nil)
	f.stands(alone, true, "east SyncedError, home Pending")
	// The name does not help: the connection leads to another cluster.
	elsewhere := f.seenAs(map[string]cluster.Config{"east": f.config()})
	for _, other := range []*Registry{alone, elsewhere} {
		says(t, other.Unassign(ctx, "s", project, Known{}), "Cannot remove assignment s/"+project, `"east"`, id, "Nothing was deleted")
		says(t, other.ForceDelete(ctx, "s", Known{}), "Cannot remove assignment s/"+project, `"east"`, "Nothing was deleted")
		f.has(f, "c0")
		f.has(f.east, "c0")
		if row := f.row(r, project); row.Phase != airm.Assigned {
			t.Errorf("the row is %s", row.Phase)
		}
	}
	f.status(r, airm.Pending, true)
	f.ok(r.ForceDelete(ctx, "s", Known{}))
}

// Namespaces of one name are two projects: narrowed to one of them, an assignment is as it should be.
func TestAccClustersOfOneName(t *testing.T) {
	f, r := twoClusters(t, 1)
	ctx := t.Context()
	f.east.patch("", "namespaces", f.projects[0], `{"metadata":{"labels":{"`+airm.LabelProjectID+`":"another"}}}`)
	says(t, r.Assign(ctx, newAssignment("s", f.projects[0], "w0")).Err, "is the name of different projects")
	narrow := newAssignment("s", f.projects[0], "w0")
	narrow.Only = map[string]string{"home": ""}
	f.ok(r.Assign(ctx, narrow).Err)
	f.has(f.east, "")
	f.stands(r, true, "home Pending")
	f.stands(f.registry(), true, "home Pending")
	f.remove(f.projects[0], esoResource, "s")
	f.stands(f.registry(), false, "home SyncedError")
}

func TestAccClustersComeAndGo(t *testing.T) {
	f, r := twoClusters(t, 2)
	ctx := t.Context()
	narrow := newAssignment("s", f.projects[0], "w0")
	narrow.Only = map[string]string{"home": ""}
	f.ok(r.Assign(ctx, narrow).Err)
	f.has(f.east, "")
	f.stands(r, true, "home Pending")
	f.ok(r.Reassign(ctx, newAssignment("s", f.projects[0], "w0"), Known{}).Err)
	f.has(f.east, "c0")
	f.stands(r, true, "east Pending, home Pending")
	f.ok(r.Reassign(ctx, narrow, Known{}).Err)
	f.has(f.east, "")
	f.stands(r, true, "home Pending")

	// The second project comes to the other cluster, and leaves it.
	f.projects = f.projects[1:]
	f.ok(r.Assign(ctx, newAssignment("s", f.projects[0], "w0")).Err)
	f.stands(f.registry(), true, "home Pending")
	f.east.project(f.projects[0])
	f.stands(f.registry(), false, "east Pending, home Pending")
	f.ok(f.registry().Reassign(ctx, newAssignment("s", f.projects[0], "w0"), Known{}).Err)
	f.has(f.east, "c0")
	f.stands(f.registry(), true, "east Pending, home Pending")
	f.east.remove("", "namespaces", f.projects[0])
	f.stands(f.registry(), false, "home Pending")
	f.ok(f.registry().Reassign(ctx, newAssignment("s", f.projects[0], "w0"), Known{}).Err)
	f.stands(f.registry(), true, "home Pending")
	f.recordedIn(f.row(r, f.projects[0]), "home")
}

// Two names for one cluster are refused, before anything is written.
func TestAccOneClusterTwice(t *testing.T) {
	f, r := twoClusters(t, 1)
	ctx, project := t.Context(), f.projects[0]
	twice := f.seenAs(map[string]cluster.Config{"again": f.config()})
	says(t, twice.Assign(ctx, newAssignment("s", project, "w0")).Err, "are the same cluster", "Nothing was written")
	f.nothing(r, project)
	_, err := twice.Update(ctx, newDefinition("s", "c1"), Known{}, FanOut{})
	says(t, err, "are the same cluster")
}

// A copy that an update does not reach is told of, whatever its cluster is called here, and whether it is configured or not.
func TestAccUpdateTellsOfCopiesThatItDoesNotReach(t *testing.T) {
	f, r := twoClusters(t, 1)
	ctx, project := t.Context(), f.projects[0]
	f.ok(r.Assign(ctx, newAssignment("s", project, "w0")).Err)
	id := string(f.east.get("", "namespaces", metav1.NamespaceSystem).GetUID())
	_, err := f.awayAs("ost").Update(ctx, newDefinition("s", "c1"), Known{}, FanOut{})
	says(t, err, "1 of 2", "project "+project+", cluster ost", "cannot be reached")
	f.has(f, "c1")
	f.has(f.east, "c0")

	alone := f.seenAs(nil)
	_, err = alone.Update(ctx, newDefinition("s", "c2"), Known{}, FanOut{})
	f.ok(err)
	if warnings := alone.Warnings(); len(warnings) != 1 {
		t.Errorf("the warnings are %v", warnings)
	} else {
		says(t, warnings[0], `Organization secret "s" was not updated in every cluster`, `cluster "east"`, id, "project "+project)
	}
	f.has(f, "c2")
	f.has(f.east, "c0")
	both := f.registry()
	_, err = both.Update(ctx, newDefinition("s", "c2"), Known{}, FanOut{})
	f.ok(err)
	f.has(f.east, "c2")
	if warnings := both.Warnings(); len(warnings) > 0 {
		t.Errorf("the warnings are %v", warnings)
	}
}

// A change of an assignment is not complete while a copy is in a cluster that is not configured, until its record is gone.
func TestAccReassignTellsOfCopiesElsewhere(t *testing.T) {
	f, r := twoClusters(t, 1)
	ctx, project := t.Context(), f.projects[0]
	f.ok(r.Assign(ctx, newAssignment("s", project, "w0")).Err)
	id := string(f.east.get("", "namespaces", metav1.NamespaceSystem).GetUID())
	for _, wanted := range []airm.Assignment{newAssignment("s", project, "w1"), narrowedTo(project, "home")} {
		assigned := f.seenAs(nil).Reassign(ctx, wanted, Known{})
		f.ok(assigned.Err)
		says(t, errors.New(assigned.Waiting().String()), "project "+project+", cluster east", id, "neither changed nor removed")
	}
	f.recordedIn(f.row(r, project), "east", "home")
	if waiting := f.row(r, project).Waiting; len(waiting) > 0 {
		t.Errorf("the record says so to workspaces that have the cluster: %v", waiting)
	}
	f.remove(f.platform, "configmaps", airm.AssignmentRecordName("s", project))
	assigned := f.seenAs(nil).Assign(ctx, newAssignment("s", project, "w1"))
	if f.ok(assigned.Err); len(assigned.Waiting()) > 0 {
		t.Error(assigned.Waiting())
	}
}
