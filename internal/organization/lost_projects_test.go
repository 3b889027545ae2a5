// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// A project is gone only where every cluster says so: while one does not answer, the assignment counts, and the organization
// secret is not deleted. One that was never placed stays Failed.
func TestAccLostProjectNeedsAnswers(t *testing.T) {
	f, r := twoClusters(t, 2)
	ctx, project, never := t.Context(), f.projects[0], f.projects[1]
	f.ok(r.Assign(ctx, newAssignment("s", project, "w0")).Err)
	f.remove("", "namespaces", project)
	f.east.remove("", "namespaces", project)
	status := func(r *Registry) airm.Status {
		secret, err := r.Status(ctx, "s")
		f.ok(err)
		return secret.Status
	}
	for name, reject := range unreadable {
		blind := f.blind(reject)
		if got := status(blind); got == airm.Unassigned {
			t.Errorf("%s: the status is %s", name, got)
		}
		says(t, blind.Delete(ctx, "s", Known{}), "is still assigned", project)
		f.row(r, project)
	}
	if got := status(f.registry()); got != airm.Unassigned {
		t.Errorf("the status is %s", got)
	}

	row := newAssignment("s", never, "w0")
	row.Phase, row.LastError = airm.Assigned, "it failed"
	record, err := json.Marshal(row.ConfigMap(f.platform))
	f.ok(err)
	f.apply(f.platform, "configmaps", string(record), airm.AssignmentRecordName("s", never))
	f.remove("", "namespaces", never)
	if got := status(f.registry()); got != airm.Failed {
		t.Errorf("with an assignment that was never placed, the status is %s", got)
	}
	says(t, f.registry().Delete(ctx, "s", Known{}), "is still assigned", never)
	f.ok(f.registry().Unassign(ctx, "s", never, Known{}))
	f.ok(f.registry().Delete(ctx, "s", Known{}))
	f.nothing(r, project)
}

// A project that comes back while the organization secret is being deleted keeps its copy and its record.
func TestAccLostProjectComesBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	ctx, project := t.Context(), f.projects[0]
	r := f.registry()
	_, err := r.Define(ctx, newDefinition("s", "c0"))
	f.ok(err)
	f.ok(r.Assign(ctx, newAssignment("s", project, "w0")).Err)
	f.remove("", "namespaces", project)
	deleting := f.registry()
	deleting.beforeStep = func(_ context.Context, step string) error {
		if step == "unassign: mark row" {
			f.project(project)
		}
		return nil
	}
	says(t, deleting.Delete(ctx, "s", Known{}), "is still assigned", project)
	if row := f.row(r, project); row.Phase != airm.Assigned {
		t.Errorf("the row is %s", row.Phase)
	}
	f.ok(f.registry().Reassign(ctx, newAssignment("s", project, "w0"), Known{}).Err)
	f.ok(f.registry().Unassign(ctx, "s", project, Known{}))
	f.ok(f.registry().Delete(ctx, "s", Known{}))
}

// A project that has another id now is another one only where a cluster says so: a cluster that does not answer may still have
// the copy, so the assignment counts.
func TestAccAnotherProjectBesideUnavailable(t *testing.T) {
	f, r := twoClusters(t, 1)
	ctx, project := t.Context(), f.projects[0]
	f.ok(r.Assign(ctx, newAssignment("s", project, "w0")).Err)
	f.remove("", "namespaces", project)
	f.namespace(project, "metadata: {labels: {"+airm.LabelProjectID+": another}}")
	secret, err := f.withoutEast().Status(ctx, "s")
	f.ok(err)
	its := secret.Assignments[0]
	if its.Lost || secret.Status == airm.Unassigned {
		t.Errorf("it does not count any more: %s", secret.Status)
	}
	for _, copied := range its.Copies {
		if unavailable := strings.Contains(copied.Sync.Reason, "The cluster is unavailable"); unavailable != (copied.Cluster == "east") {
			t.Errorf("%s: %s", copied.Cluster, copied.Sync.Reason)
		}
	}
}

// Where the project may be in a cluster that another workspace waits for and this one does not have, it is not gone.
func TestAccLostProjectWaitsElsewhere(t *testing.T) {
	f, _ := twoClusters(t, 1)
	ctx, project := t.Context(), f.projects[0]
	f.ok(f.withoutEast().Assign(ctx, newAssignment("s", project, "w0")).Err)
	f.remove("", "namespaces", project)
	says(t, f.seenAs(nil).Delete(ctx, "s", Known{}), "is still assigned", project)
	secret, err := f.seenAs(nil).Status(ctx, "s")
	f.ok(err)
	if secret.Status == airm.Unassigned {
		t.Error("the assignment does not count any more")
	}
	f.namespace(project, "metadata: {labels: {"+airm.LabelProjectID+": another}}")
	secret, err = f.seenAs(nil).Status(ctx, "s")
	f.ok(err)
	if secret.Status == airm.Unassigned {
		t.Error("the assignment does not count any more where another project has the name")
	}
	f.ok(f.registry().Unassign(ctx, "s", project, Known{}))
	f.ok(f.registry().Delete(ctx, "s", Known{}))
}

// An assignment that is narrowed to clusters has lost its project where these say so: that another cluster has a project of that name,
// or does not answer, changes nothing.
func TestAccLostProjectOfNarrowedAssignment(t *testing.T) {
	f, r := twoClusters(t, 1)
	ctx, project := t.Context(), f.projects[0]
	f.ok(r.Assign(ctx, narrowedTo(project, "home")).Err)
	stands := func(r *Registry, gone bool, reason string) {
		t.Helper()
		its, err := r.AssignmentStatus(ctx, "s", project)
		f.ok(err)
		if its.Status != airm.Failed || its.Lost != gone || its.ProjectGone != gone || its.UpToDate {
			t.Errorf("status %s, lost %t, project gone %t, up to date %t", its.Status, its.Lost, its.ProjectGone, its.UpToDate)
		}
		if len(its.Copies) != 1 || !strings.Contains(its.Copies[0].Sync.Reason, reason) {
			t.Errorf("the reason does not say %q: %+v", reason, its.Copies)
		}
	}
	f.patch("", "namespaces", project, `{"metadata":{"labels":{"`+airm.LabelProjectID+`":null}}}`)
	f.remove(project, esoResource, "s")
	stands(f.registry(), false, "is not a project")
	f.status(f.registry(), airm.Failed, true, "is not a project")

	f.remove("", "namespaces", project)
	for name, r := range map[string]*Registry{"both": f.registry(), "one unavailable": f.withoutEast()} {
		t.Run(name, func(*testing.T) { stands(r, true, "does not exist any more") })
	}
	f.ok(f.registry().Delete(ctx, "s", Known{}))
	f.nothing(r, project)
}

// While a cluster does not answer that may have the project now, it is unknown whether the assignment has lost it.
func TestAccProjectGoneBesideUnavailable(t *testing.T) {
	f, r := twoClusters(t, 2)
	ctx, project := t.Context(), f.projects[1] // in home alone
	f.ok(r.Assign(ctx, newAssignment("s", project, "w0")).Err)
	f.remove("", "namespaces", project)
	its, err := f.withoutEast().AssignmentStatus(ctx, "s", project)
	f.ok(err)
	if its.Status != airm.SyncedError || its.Lost || !its.Unavailable || its.UpToDate {
		t.Errorf("status %s, lost %t, unavailable %t, up to date %t", its.Status, its.Lost, its.Unavailable, its.UpToDate)
	}
	if len(its.Copies) != 1 || !strings.Contains(its.Copies[0].Sync.Reason, "cannot be reached") {
		t.Errorf("it does not say why: %+v", its.Copies)
	}
}
