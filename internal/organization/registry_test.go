// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// newOrganization makes an organization with the secret "s", assigned to the first few projects.
func newOrganization(t *testing.T, projects, assigned int) (*fixture, *Registry) {
	t.Helper()
	t.Parallel()
	f := newFixture(t, projects)
	r := f.registry()
	_, err := r.Define(t.Context(), newDefinition("s", "c0"))
	f.ok(err)
	for _, project := range f.projects[:assigned] {
		_, _, err := r.assign(t.Context(), newAssignment("s", project, "w0"))
		f.ok(err)
	}
	return f, r
}

// row reads a row, nil where there is none.
func (f *fixture) row(r *Registry, project string) *Row {
	f.t.Helper()
	row, err := r.Row(context.Background(), "s", project)
	if cluster.IsNotFound(err) {
		return nil
	}
	f.ok(err)
	return row
}

// nothing makes sure that a project has neither row nor object.
func (f *fixture) nothing(r *Registry, project string) {
	f.t.Helper()
	if row := f.row(r, project); row != nil {
		f.t.Errorf("a row is left: %+v", row.Assignment)
	}
	if f.get(project, esoResource, "s") != nil {
		f.t.Error("an object is left")
	}
}

func (f *fixture) status(r *Registry, status airm.Status, upToDate bool, reasons ...string) *SecretStatus {
	f.t.Helper()
	secret, err := r.Status(context.Background(), "s")
	f.ok(err)
	if secret.Status != status || secret.UpToDate != upToDate {
		f.t.Errorf("status %s, up to date %t; expected %s, %t", secret.Status, secret.UpToDate, status, upToDate)
	}
	all := ""
	for _, its := range secret.Copies() {
		all += its.Sync.Reason + "\n"
	}
	for _, reason := range reasons {
		if !strings.Contains(all, reason) {
			f.t.Errorf("the reasons do not say %q: %s", reason, all)
		}
	}
	return secret
}

// afterLeases is a run after all leases that stand now.
func afterLeases(r *Registry) *Registry {
	ahead := &simulatedTime{}
	ahead.ahead.Store(int64(assignLease + leaseMargin + longestRemoval))
	ahead.jump.Store(int64(time.Minute))
	r.clock = ahead
	return r
}

// atTheEnd is a run that has no time left after its first sleep.
func atTheEnd(r *Registry) (context.Context, *Registry) {
	ctx, cancel := context.WithCancel(context.Background())
	r.clock = lastSleep{serverClock{r.home}, cancel}
	return ctx, r
}

type lastSleep struct {
	serverClock
	end context.CancelFunc
}

func (s lastSleep) sleep(context.Context, time.Duration) error {
	s.end()
	return nil
}

// before has something happen when an operation comes to a step, once.
func (r *Registry) before(step string, happen func()) *Registry {
	r.beforeStep = func(_ context.Context, name string) error {
		if name == step && happen != nil {
			now := happen
			happen = nil
			now()
		}
		return nil
	}
	return r
}

func TestAccDefine(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 0)
	r := f.registry()
	wrong := newDefinition("s", "c0")
	wrong.Definition.Spec["target"] = map[string]any{"creationPolicy": "Sometimes"}
	_, err := r.Define(t.Context(), wrong)
	says(t, err, "Cannot create (dry run) ExternalSecret "+f.platform+"/s", `Cluster "home" rejected the object (422 Invalid): spec.target.creationPolicy`)
	unknown := newDefinition("s", "c0")
	unknown.Definition.Spec["nonsense"] = true
	_, err = r.Define(t.Context(), unknown)
	says(t, err, "spec.nonsense")
	if found := f.list(f.platform, "configmaps", airm.LabelRecord); len(found) > 0 {
		t.Errorf("%d records of what was refused", len(found))
	}

	// An ExternalSecret of the name in the platform namespace is not the organization secret.
	f.apply(f.platform, esoResource, "spec: {secretStoreRef: {name: idle}, data: []}", "s")
	made, err := r.Define(t.Context(), newDefinition("s", "c0"))
	f.ok(err)
	if made.Revision != 1 || made.UID() == "" {
		t.Errorf("revision %d, UID %q", made.Revision, made.UID())
	}
	elsewhere := newDefinition("s", "c1")
	elsewhere.Owner = "acme/elsewhere"
	if _, err := r.Define(t.Context(), elsewhere); !cluster.IsAlreadyExists(err) {
		t.Errorf("defined twice: %v", err)
	}
	f.status(r, airm.Unassigned, true)

	updated, err := r.Update(t.Context(), newDefinition("s", "c0"), Known{}, FanOut{})
	f.ok(err)
	if updated.Revision != 1 {
		t.Errorf("revision %d after an update that changes nothing", updated.Revision)
	}
	if _, err := r.Update(t.Context(), wrong, Known{}, FanOut{}); err == nil {
		t.Error("an update was accepted that the API server refuses")
	}
	updated, err = r.Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	if updated.Revision != 2 {
		t.Errorf("revision %d after a change", updated.Revision)
	}
	f.ok(r.Delete(t.Context(), "s", Known{}, false))
	f.ok(r.Delete(t.Context(), "s", Known{}, false))
	_, err = r.Update(t.Context(), newDefinition("s", "c2"), Known{}, FanOut{})
	says(t, err, `Organization secret "s" does not exist`)
}

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
	refused("s", f.projects[2], "already exists", "does not belong to the organization secret")
	_, err = r.Update(ctx, newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	if content := contentOf(f.get(f.projects[2], esoResource, "s")); content != "theirs" {
		t.Errorf("an update wrote %q to another organization's object", content)
	}

	for _, step := range []string{"delete: list rows", "delete: delete definition"} {
		if err := f.registry().killAt(step).Delete(ctx, "s", Known{}, false); !errors.Is(err, errKilled) {
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

// synced makes an organization whose secret "s" ESO fetches, in all projects.
func synced(t *testing.T, projects int) (*fixture, *Registry, string) {
	t.Helper()
	t.Parallel()
	f := newFixture(t, projects)
	r := f.registry()
	store := "values-" + rand.String(8)
	_, err := r.Define(t.Context(), definitionOf("s", store, "key"))
	f.ok(err)
	for _, project := range f.projects {
		f.values(project, store)
		_, _, err := r.assign(t.Context(), newAssignment("s", project, "w0"))
		f.ok(err)
	}
	f.eventually("all are synced", func() bool {
		secret, err := r.Status(t.Context(), "s")
		return err == nil && secret.Status == airm.Synced
	})
	return f, r, store
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

func TestAccUpdateOverwritten(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	overwritten := func(step string) {
		t.Helper()
		_, err := f.registry().before(step, func() {
			_, err := r.Update(t.Context(), newDefinition("s", "of "+strings.ReplaceAll(step, ":", "")), Known{}, FanOut{})
			f.ok(err)
		}).Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
		says(t, err, `Organization secret "s" was changed at the same time`, "Plan again")
		if content := contentOf(f.get(f.projects[0], esoResource, "s")); content != "of "+strings.ReplaceAll(step, ":", "") {
			t.Errorf("an older definition was applied over the newest: %q", content)
		}
	}
	overwritten("update: write definition")
	overwritten("update: apply object")
	overwritten("update: read rows again")
	overwritten("update: read definition again")
}

func TestAccDelete(t *testing.T) {
	f, r := newOrganization(t, 2, 2)
	err := r.Delete(t.Context(), "s", Known{}, false)
	says(t, err, `Organization secret "s" is still assigned`,
		f.projects[0]+" (by acme/w0)", f.projects[1]+" (by acme/w0)", "Nothing was deleted", "force_destroy = true")
	f.status(r, airm.Pending, true)

	f.patch(f.projects[0], esoResource, "s", `{"metadata":{"finalizers":["example.com/stays"]}}`)
	err = r.Delete(f.untilHeld(f.projects[0], func() bool { // and the other project is done
		_, err := f.registry().Row(t.Context(), "s", f.projects[1])
		return cluster.IsNotFound(err)
	}), "s", Known{}, true)
	says(t, err, "could not be removed from every project",
		"project "+f.projects[0], "finalizer example.com/stays", "destroy it again; or, to keep it, apply it")
	f.nothing(r, f.projects[1])
	f.status(r, airm.DeleteFailed, false, "example.com/stays")
	_, _, err = r.assign(t.Context(), newAssignment("s", f.projects[1], "w0"))
	says(t, err, "is being deleted")

	f.patch(f.projects[0], esoResource, "s", `{"metadata":{"finalizers":null}}`)
	f.ok(r.Delete(t.Context(), "s", Known{}, true))
	f.nothing(r, f.projects[0])
	if _, err := r.Status(t.Context(), "s"); !cluster.IsNotFound(err) {
		t.Errorf("the definition is left: %v", err)
	}
	f.ok(r.Delete(t.Context(), "s", Known{}, true))
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

	// Without an object, the row tells what happened.
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

func TestAccLeaseOverslept(t *testing.T) {
	f, _ := newOrganization(t, 3, 0)
	slow := func(step string, meanwhile func()) (*Registry, error) {
		r := f.registry()
		asleep := &simulatedTime{}
		r.clock = asleep
		_, _, err := r.before(step, func() {
			asleep.ahead.Add(int64(assignLease + leaseMargin + time.Second))
			meanwhile()
		}).assign(t.Context(), newAssignment("s", f.projects[0], "slow"))
		return r, err
	}
	r, err := slow("assign: make object", func() {})
	says(t, err, "Cannot assign s/"+f.projects[0], `Cluster "home" did not answer within 30s`, "Apply again")
	f.nothing(r, f.projects[0])

	// The object was made too late: a request that took its time, or a computer that was asleep.
	r, err = slow("assign: read row again", func() {
		f.remove(f.platform, "configmaps", airm.AssignmentRecordName("s", f.projects[0]))
	})
	says(t, err, "was revoked", "were deleted", "Plan again")
	f.nothing(r, f.projects[0])

	_, err = slow("assign: read row again", func() {
		_, _, err := afterLeases(f.registry()).assign(t.Context(), newAssignment("s", f.projects[0], "quick"))
		f.ok(err)
	})
	says(t, err, "was taken over", "(by acme/quick)")
	if object := f.get(f.projects[0], esoResource, "s"); object == nil || object.GetLabels()["by"] != "quick" {
		t.Errorf("the object of who took it over: %v", object)
	}
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

	err := f.registry().before("unassign: read row again", func() {
		_, _, err := afterLeases(f.registry()).reassign(t.Context(), newAssignment("s", project, "w2"))
		f.ok(err)
	}).Unassign(t.Context(), "s", project, Known{})
	says(t, err, "was assigned again", "(by acme/w2)", "Plan again")
	if object := f.get(project, esoResource, "s"); object == nil || object.GetDeletionTimestamp() != nil {
		t.Error("the object of who assigned it again was removed")
	}
}

func TestAccInterrupted(t *testing.T) {
	f, r := newOrganization(t, 1, 0)
	project := f.projects[0]
	interrupted := func(step string) error {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		_, _, err := f.registry().before(step, interrupt).assign(ctx, newAssignment("s", project, "w1"))
		return err
	}
	if err := interrupted("assign: write row"); err == nil {
		t.Error("interrupted before the first write, and no error")
	}
	f.nothing(r, project)

	says(t, interrupted("assign: make object"), "run was interrupted")
	if row := f.row(r, project); row == nil || !strings.Contains(row.LastError, "interrupted") {
		t.Errorf("what may have been made is not recorded: %v", row)
	}
	f.status(r, airm.Failed, true, "interrupted")
	f.ok(afterLeases(f.registry()).Unassign(t.Context(), "s", project, Known{}))

	f.ok(interrupted("assign: read row again")) // what is made is completed
	f.status(r, airm.Pending, true)

	ctx, interrupt := context.WithCancel(t.Context())
	err := f.registry().before("unassign: delete object", interrupt).Unassign(ctx, "s", project, Known{})
	says(t, err, "run was interrupted")
	f.status(r, airm.DeleteFailed, true, "interrupted")
	f.ok(r.Unassign(t.Context(), "s", project, Known{}))
	f.nothing(r, project)
}

// contentsByProject are the keys that the copies of an organization secret refer to, in one cluster.
func contentsByProject(secret *SecretStatus) map[string]string {
	contents := map[string]string{}
	for _, its := range secret.Copies() {
		contents[its.Project] = contentOf(its.Object)
	}
	return contents
}

func TestAccLongNames(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	r := f.registry()
	slices.Sort(f.projects)
	first := strings.Repeat("a123456789", 25) + "abc" // 253, as long as a name may be
	second := first[:252] + "d"
	for _, name := range []string{first, second} {
		_, err := r.Define(t.Context(), newDefinition(name, "c0"))
		f.ok(err)
		for _, project := range f.projects {
			_, _, err := r.assign(t.Context(), newAssignment(name, project, "w0"))
			f.ok(err)
		}
	}
	_, err := r.Update(t.Context(), newDefinition(first, "c1"), Known{}, FanOut{})
	f.ok(err)
	for name, content := range map[string]string{first: "c1", second: "c0"} {
		secret, err := r.Status(t.Context(), name)
		f.ok(err)
		expected := map[string]string{f.projects[0]: content, f.projects[1]: content}
		if got := contentsByProject(secret); !secret.UpToDate || !maps.Equal(got, expected) {
			t.Errorf("%s has the copies %v, up to date %t", name, got, secret.UpToDate)
		}
	}
	secrets, err := r.StatusOfAll(t.Context())
	f.ok(err)
	var names []string
	for _, secret := range secrets {
		names = append(names, secret.Name)
	}
	if !slices.Equal(names, []string{first, second}) {
		t.Errorf("the organization secrets are %v", names)
	}
	f.ok(r.Delete(t.Context(), first, Known{}, true))
	rows, err := r.Rows(t.Context(), "")
	f.ok(err)
	var left []string
	for _, row := range rows {
		left = append(left, row.Secret+" in "+row.Project)
	}
	slices.Sort(left)
	expected := []string{second + " in " + f.projects[0], second + " in " + f.projects[1]}
	if slices.Sort(expected); !slices.Equal(left, expected) {
		t.Errorf("the rows left are %v", left)
	}
	f.ok(r.Delete(t.Context(), second, Known{}, true))
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
	f.ok(r.Delete(t.Context(), "s", Known{}, true))
}

func TestAccDamagedRecords(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	name := airm.AssignmentRecordName("s", f.projects[0])
	whole := f.get(f.platform, "configmaps", name).Object["data"].(map[string]any)
	for field, value := range map[string]string{"phase": "resting", "until": "tomorrow", "labels": "{", "project": "another"} {
		f.patch(f.platform, "configmaps", name, `{"data":{"`+field+`":"`+value+`"}}`)
		damaged := "ConfigMap " + f.platform + "/" + name + " cannot be read"
		_, _, err := r.assign(t.Context(), newAssignment("s", f.projects[0], "w1"))
		says(t, err, damaged, "Restore it")
		says(t, r.Unassign(t.Context(), "s", f.projects[0], Known{}), damaged)
		says(t, r.Delete(t.Context(), "s", Known{}, true), damaged)
		_, err = r.Status(t.Context(), "s")
		says(t, err, damaged)
		text := "null"
		if before, ok := whole[field].(string); ok {
			text = `"` + strings.ReplaceAll(before, `"`, `\"`) + `"`
		}
		f.patch(f.platform, "configmaps", name, `{"data":{"`+field+`":`+text+`}}`)
	}
	if f.get(f.projects[0], esoResource, "s") == nil {
		t.Error("an object went although its record could not be read")
	}
	definitionName := airm.DefinitionRecordName("s")
	for field, value := range map[string]string{"definition": "{", "deletingUntil": "soon", "name": "t"} {
		before := f.get(f.platform, "configmaps", definitionName)
		f.patch(f.platform, "configmaps", definitionName, `{"data":{"`+field+`":"`+value+`"}}`)
		_, err := r.Status(t.Context(), "s")
		says(t, err, "ConfigMap "+f.platform+"/"+definitionName+" cannot be read")
		before.SetResourceVersion("")
		before.SetManagedFields(nil)
		f.remove(f.platform, "configmaps", definitionName)
		_, err = r.store.Create(t.Context(), before.Object)
		f.ok(err)
	}
	f.ok(r.Delete(t.Context(), "s", Known{}, true))
}

func TestAccDefinitionRemovedByHand(t *testing.T) {
	f, r := newOrganization(t, 2, 2)
	f.remove(f.platform, "configmaps", airm.DefinitionRecordName("s"))
	assigned, err := r.AssignmentStatus(t.Context(), "s", f.projects[0])
	f.ok(err)
	if assigned.Status != airm.Failed || assigned.UpToDate || !strings.Contains(assigned.Copies[0].Sync.Reason, "a ConfigMap, was deleted") {
		t.Errorf("%s: %s", assigned.Status, assigned.Copies[0].Sync.Reason)
	}
	_, _, err = r.reassign(t.Context(), newAssignment("s", f.projects[0], "w0"))
	says(t, err, `Organization secret "s" does not exist`)
	f.ok(r.Unassign(t.Context(), "s", f.projects[1], Known{}))
	f.nothing(r, f.projects[1])

	_, err = r.Define(t.Context(), newDefinition("s", "c1"))
	f.ok(err)
	f.status(r, airm.Pending, false)
	_, err = r.Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	f.status(r, airm.Pending, true)
}

func TestAccUpdateOfObjectMadeAnew(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	_, err := f.registry().before("update: apply object", func() {
		f.ok(r.Unassign(t.Context(), "s", project, Known{}))
		_, _, err := r.assign(t.Context(), newAssignment("s", project, "w1"))
		f.ok(err)
	}).Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	f.status(r, airm.Pending, true)
	vanishes := f.registry().before("update: apply object", func() { f.remove(project, esoResource, "s") })
	_, err = vanishes.Update(t.Context(), newDefinition("s", "c2"), Known{}, FanOut{})
	f.ok(err)
	if f.get(project, esoResource, "s") != nil {
		t.Error("the update made the object again")
	}
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
