// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// ErrAssigned means that the project has the secret already, from somewhere else.
var ErrAssigned = errors.New("assigned already")

// batch is how many assignments take their steps together: few enough that all are made within their leases.
const batch = 100

// PlacedCopy is the object of an assignment in one cluster.
type PlacedCopy struct {
	Cluster *cluster.Cluster
	Object  *unstructured.Unstructured
	// Unseen is the target Secret if the user was not allowed to check for it before the object was made: an existing one was
	// taken over by ESO. It is empty if the check was possible.
	Unseen string
}

// Assigned is the result of an assignment. With an error and no row, nothing of it exists. With an error and a row, the row says
// what exists. If it worked in some clusters only there is no error: the row says in which.
type Assigned struct {
	Project string
	Row     *Row
	Placed  []PlacedCopy
	Err     error
	// Unreached: a copy that exists could not be written, or its cluster was unavailable.
	Unreached bool

	tried     map[string]bool   // the identities of the clusters where it was to be made, updated or removed
	elsewhere map[string]string // why copies stay in clusters that are not configured here, by their names
}

// assigner shares organization secrets with projects.
type assigner struct {
	*leases
	*locator
	writer  *copyWriter
	remover *remover
	updater *updater
}

// Assign shares an organization secret with a project.
func (a *assigner) Assign(ctx context.Context, wanted airm.Assignment) Assigned {
	return a.AssignAll(ctx, []airm.Assignment{wanted}, nil)[0]
}

// Reassign brings an existing assignment to what is wanted: the row's labels and owner, and the objects. They are created again if
// they were deleted, created in clusters that the project has come to, and removed from clusters that the assignment leaves out.
// A failure is recorded in the row. The row of another run is left alone: ErrAnotherRecord.
func (a *assigner) Reassign(ctx context.Context, wanted airm.Assignment, known Known) Assigned {
	return a.AssignAll(ctx, []airm.Assignment{wanted}, map[string]Known{wanted.Project: known})[0]
}

// AssignAll assigns one organization secret to many projects, in batches. Those in existing have a row already, by project. All are
// narrowed to the same clusters.
func (a *assigner) AssignAll(ctx context.Context, wanted []airm.Assignment, existing map[string]Known) []Assigned {
	if len(wanted) == 0 {
		return nil
	}
	locate := a.projectLocator(ctx, wanted)
	var all []Assigned
	for first := 0; first < len(wanted); first += batch {
		var runs []*assignRun
		for _, one := range wanted[first:min(first+batch, len(wanted))] {
			known, again := existing[one.Project]
			one.Unconfirmed = !again && one.Owner != ""
			runs = append(runs, &assignRun{wanted: one, planned: one.ProjectID != "", again: again, known: known, strays: map[string]bool{}})
		}
		a.assignBatch(ctx, runs, locate)
		for _, run := range runs {
			all = append(all, run.assigned())
		}
	}
	return all
}

// assignRun is an assignment under way.
type assignRun struct {
	wanted  airm.Assignment
	planned bool  // a plan has shown for which project it is
	again   bool  // the assignment exists already
	isNew   bool  // this run made the row
	known   Known // what the state knows of the row
	copies  []*runCopy
	// unselected are the clusters, by name, where the namespace of that name is no project.
	unselected map[string]error
	strays     map[string]bool   // the identities of clusters where the copy was to be removed
	elsewhere  map[string]string // why copies stay in clusters that are not configured here, by their names
	row        *Row
	sent       map[string]any
	failsIn    func() string // a project in which the definition fails
	err        error         // ends it
	keeps      bool          // the row stays although it ended so
}

// runCopy is the object of an assignment under way in one of its clusters.
type runCopy struct {
	*assignRun
	target
	object *unstructured.Unstructured // nil if it could not be made
	unseen string                     // the target Secret, if the user was not allowed to check for it
	held   string                     // why the object stays as it is
	failed error                      // why it was not made, or not updated
	// mayExist: there may be an object, of this run or of an earlier one.
	mayExist bool
}

// assignmentTarget returns the target as checkTarget and write take it.
func (c *runCopy) assignmentTarget() assignmentTarget { return assignmentTarget{c.target, c.row} }

// locate sets the clusters of an assignment.
func (run *assignRun) locate(targets []target) {
	for _, t := range targets {
		run.copies = append(run.copies, &runCopy{assignRun: run, target: t})
	}
}

// noteRecorded notes of which copies an earlier run may have made the object.
func (run *assignRun) noteRecorded(row *Row) {
	for _, c := range run.copies {
		recorded, found := row.Copies[c.id]
		c.mayExist = found && recorded.MayExist()
	}
}

// outcome returns what the row is to say of a copy.
func (c *runCopy) outcome(recorded airm.Copy) airm.Copy {
	recorded.Cluster, recorded.Error, recorded.Refused = c.Name(), "", false
	if c.object != nil {
		recorded.UID = string(c.object.GetUID())
	}
	if c.failed != nil {
		recorded.Error = jsonvalue.Sanitize(cluster.ErrorText(c.failed))
		recorded.Refused = recorded.UID == "" && !c.mayExist && !unclear(c.failed)
	}
	return recorded
}

// failures returns why copies were not made or updated, by the identity of the cluster.
func (run *assignRun) failures() map[string]error {
	failed := map[string]error{}
	for _, c := range run.copies {
		if c.failed != nil {
			failed[c.id] = c.failed
		}
	}
	return failed
}

// leavesCopies reports whether a copy stays as it was because it could not be written.
func (run *assignRun) leavesCopies() bool {
	if run.err != nil || len(run.failures()) > 0 {
		return true
	}
	for _, recorded := range run.row.Copies {
		if run.wanted.Waiting[recorded.Cluster] != "" { // unavailable
			return true
		}
	}
	return false
}

// copiesOf returns the copies of all runs.
func copiesOf(runs []*assignRun) []*runCopy {
	var all []*runCopy
	for _, run := range runs {
		all = append(all, run.copies...)
	}
	return all
}

func (run *assignRun) assigned() Assigned {
	done := Assigned{Project: run.wanted.Project, Row: run.row, Err: run.err, Unreached: run.leavesCopies(), tried: run.strays}
	if run.err != nil {
		if !run.keeps {
			done.Row = nil
		}
		return done
	}
	done.elsewhere = run.elsewhere
	for _, c := range run.copies {
		done.tried[c.id] = true
		if c.object != nil {
			done.Placed = append(done.Placed, PlacedCopy{Cluster: c.Cluster, Object: c.object, Unseen: c.unseen})
		}
	}
	return done
}

// pendingRuns returns the runs that have not ended.
func pendingRuns(runs []*assignRun) []*assignRun {
	var left []*assignRun
	for _, run := range runs {
		if run.err == nil {
			left = append(left, run)
		}
	}
	return left
}

func endAll(runs []*assignRun, err error) {
	for _, run := range pendingRuns(runs) {
		run.err = err
	}
}

// assignBatch takes the steps of assignments of one secret, all together.
func (a *assigner) assignBatch(ctx context.Context, runs []*assignRun, locate projectLocator) {
	if err := a.clusters.CheckDistinct(ctx); err != nil {
		endAll(runs, err)
		return
	}
	cluster.ForEach(a.parallel, runs, func(run *assignRun) {
		var targets []target
		targets, run.unselected, run.err = a.locateTargets(ctx, &run.wanted, locate)
		if run.locate(targets); run.again {
			run.err = explainGone(run.wanted, run.err)
		}
	})
	organization, err := a.organization(ctx)
	if cluster.IsNotFound(err) {
		err = noSuchSecret(runs[0].wanted.Secret)
	}
	if err != nil {
		endAll(runs, err)
		return
	}
	a.openRows(ctx, pendingRuns(runs), organization)
	opened := pendingRuns(runs)
	a.makeObjects(ctx, opened, organization)
	cluster.ForEach(a.parallel, opened, func(run *assignRun) {
		if run.err != nil {
			a.rollBack(ctx, run, organization)
		}
	})
	a.complete(ctx, pendingRuns(opened), organization)
}

// openRows writes the rows, with a lease. Rows that exist are written only if the secret can be assigned.
func (a *assigner) openRows(ctx context.Context, runs []*assignRun, organization string) {
	var unusable error
	for _, run := range runs {
		if run.again {
			_, unusable = a.usableDefinition(ctx, run.wanted.Secret)
			break
		}
	}
	var with *sharedLists // of many, for the copies in clusters that they leave out
	if len(runs) > 1 && len(runs[0].wanted.Only) > 0 && unusable == nil {
		with = &sharedLists{copies: a.listAllCopies(ctx, runs[0].wanted.Secret)}
	}
	cluster.ForEach(a.parallel, runs, func(run *assignRun) {
		switch {
		case !run.again:
			run.row, run.isNew, run.err = a.openRow(ctx, run)
		case unusable != nil:
			run.err = unusable
		default:
			run.row, run.err = a.reacquireRow(ctx, run, with)
		}
	})
	cluster.ForEach(a.parallel, pendingRuns(runs), func(run *assignRun) {
		if run.err = a.renew(ctx, run.row); run.err != nil {
			a.rollBack(ctx, run, organization)
		}
	})
}

// openRow creates the row. A row is taken over, once its lease is over, if its run never made a copy, or if it is what a killed
// create of the same workspace left.
func (a *assigner) openRow(ctx context.Context, run *assignRun) (opened *Row, isNew bool, err error) {
	for wanted := run.wanted; ; {
		wanted.Phase, wanted.Until, wanted.LastError = airm.Assigning, a.clock.now().Add(assignLease), ""
		if err := a.step(ctx, "assign: write row"); err != nil {
			return nil, false, err
		}
		row, err := a.createRow(ctx, wanted)
		if !cluster.IsAlreadyExists(err) {
			return row, true, err
		}
		row, err = a.currentRow(ctx, wanted)
		switch {
		case cluster.IsNotFound(err):
		case err != nil:
			return nil, false, err
		case a.busy(row):
			if err := a.wait(ctx, row); err != nil {
				return nil, false, err
			}
		case row.Phase == airm.Unassigning && row.HasCopy():
			return nil, false, refuse(fmt.Sprintf("Assignment %s is not removed yet", row.ID()),
				"A run%s that was removing the assignment failed or was killed. Destroy the assignment again in that workspace, or import it here to keep it.", ofOwner(row.Owner))
		case (row.Phase == airm.Assigned || row.HasCopy()) && !row.IsLeftBehind(wanted.Owner) && !row.isMissedBy(wanted):
			return nil, false, fmt.Errorf("%w%s", ErrAssigned, ofOwner(row.Owner))
		default:
			run.noteRecorded(row)
			if err := a.saveRow(ctx, row, a.merged(wanted, row.Assignment)); err == nil || !cluster.IsConflict(err) && !cluster.IsNotFound(err) {
				return row, false, err
			}
		}
	}
}

// reacquireRow writes what is wanted into an existing row, with a lease. A row that is for another project of that name is left as it
// is, unless a plan has shown the change or the assignment chooses its clusters anew.
func (a *assigner) reacquireRow(ctx context.Context, run *assignRun, with *sharedLists) (*Row, error) {
	wanted := run.wanted
	for {
		row, err := a.currentRow(ctx, wanted)
		if err == nil {
			err = run.known.checkRow(row)
		}
		switch {
		case cluster.IsNotFound(err):
			if row, err = a.recreateRow(ctx, run); cluster.IsAlreadyExists(err) {
				continue
			}
			return row, err
		case err != nil:
			return nil, err
		case a.busy(row) && row.Phase == airm.Unassigning:
			return nil, refuse(fmt.Sprintf("Assignment %s is being removed", row.ID()), "%s", underWay(row))
		case a.busy(row):
			if err := a.wait(ctx, row); err != nil {
				return nil, err
			}
			continue
		case !run.planned && isAnotherProject(row.ProjectID, wanted.ProjectID) && !choosesClusters(wanted, row.Assignment):
			return nil, anotherProject(wanted, row.ProjectID, wanted.ProjectID)
		}
		if len(wanted.Only) > 0 { // otherwise they are where it is placed
			if err := a.noteUnrecorded(ctx, row, with, a.organization); err != nil {
				return nil, err
			}
		}
		run.noteRecorded(row)
		changed := a.merged(wanted, row.Assignment)
		changed.Phase, changed.Until, changed.LastError = airm.Assigning, a.clock.now().Add(assignLease), ""
		if err := a.step(ctx, "reassign: write row"); err != nil {
			return nil, err
		}
		if err := a.saveRow(ctx, row, changed); err == nil || !cluster.IsConflict(err) && !cluster.IsNotFound(err) {
			return row, err
		}
	}
}

// currentRow reads the row that is to be taken over, with the identities of the clusters.
func (a *assigner) currentRow(ctx context.Context, wanted airm.Assignment) (*Row, error) {
	row, err := a.Row(ctx, wanted.Secret, wanted.Project)
	if err == nil {
		a.rekey(ctx, row)
	}
	return row, err
}

// usableDefinition reads a definition that can be assigned.
func (a *assigner) usableDefinition(ctx context.Context, secret string) (*Definition, error) {
	definition, err := a.Definition(ctx, secret)
	switch {
	case err != nil:
		return nil, Missing(secret, err)
	case definition.BeingDeleted() && a.clock.now().After(definition.DeletingUntil):
		return nil, refuse(fmt.Sprintf("Organization secret %q is being deleted", secret),
			"A run%s that was deleting it failed or was killed. Meanwhile, new assignments are refused. Destroy the organization secret again; or, to keep it, apply it again.", ofOwner(definition.Owner))
	case definition.BeingDeleted():
		return nil, refuse(fmt.Sprintf("Organization secret %q is being deleted", secret),
			"A run%s is deleting it, until %s at the latest, and new assignments are refused. Remove the assignment from the configuration, or apply again after that time.",
			ofOwner(definition.Owner), formatTime(definition.DeletingUntil))
	}
	return definition, nil
}

// Missing explains the error of reading a definition, where there is none.
func Missing(secret string, err error) error {
	if cluster.IsNotFound(err) {
		return noSuchSecret(secret)
	}
	return err
}

func noSuchSecret(secret string) error {
	return refuse(fmt.Sprintf("Organization secret %q does not exist", secret),
		"Create it first with airm_organization_secret, and refer to the name of that resource, so that the assignment waits for it; or correct the name.")
}

// Failures returns the clusters where this run could not make, update or remove the object.
func (a Assigned) Failures() Failures {
	if a.Err != nil || a.Row == nil {
		return Failures{{Project: a.Project, Err: a.Err}}
	}
	var all Failures
	for id, recorded := range a.Row.Copies {
		if recorded.Error != "" && a.tried[id] {
			all = append(all, Failure{Project: a.Project, Cluster: recorded.Cluster, Err: errors.New(recorded.Error)})
		}
	}
	return all
}

// Waiting returns the clusters that were unavailable, so that it is not known whether they hold the project: nothing is placed there
// yet. So does it those that have a copy and are not configured here.
func (a Assigned) Waiting() Failures {
	if a.Err != nil || a.Row == nil {
		return nil
	}
	waiting := maps.Clone(a.Row.Waiting)
	if waiting == nil {
		waiting = map[string]string{}
	}
	maps.Copy(waiting, a.elsewhere)
	var all Failures
	for name, why := range waiting {
		all = append(all, Failure{Project: a.Project, Cluster: name, Err: errors.New(why)})
	}
	return all
}
