// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// rollBack ends a run for which nothing was made. A row that existed before, and may stand for a copy, stays.
func (a *assigner) rollBack(ctx context.Context, run *assignRun, organization string) {
	if run.again || !run.isNew && a.mayHaveCopy(ctx, run.row, organization) {
		run.err, run.keeps = a.releaseRow(ctx, run.row, run.err), true
	} else {
		run.keeps, run.err = a.deleteNewRow(ctx, run.row, run.err)
	}
}

// mayHaveCopy reports whether there is a copy of a row somewhere, or a cluster does not say.
func (a *assigner) mayHaveCopy(ctx context.Context, row *Row, organization string) bool {
	located := a.locateCopies(context.WithoutCancel(ctx), row)
	if len(located.unavailable) > 0 || len(located.unconfigured) > 0 {
		return true
	}
	return slices.ContainsFunc(located.targets, func(t target) bool {
		live, err := assignmentTarget{t, row}.findCopy(context.WithoutCancel(ctx), organization)
		return live != nil || err != nil
	})
}

// deleteNewRow deletes a new row, and reports whether it stays: it does if an API server did not say whether it made the object.
func (a *assigner) deleteNewRow(ctx context.Context, row *Row, why error) (stays bool, failed error) {
	if unclear(why) {
		return true, a.releaseRow(ctx, row, why)
	}
	ctx = context.WithoutCancel(ctx)
	for {
		if err := a.step(ctx, "assign: take row back"); err != nil {
			return true, err
		}
		err := a.store.Delete(ctx, row.record)
		if err == nil {
			return false, why
		}
		if !cluster.IsConflict(err) {
			return true, errors.Join(why, err)
		}
		current, err := a.Row(ctx, row.Secret, row.Project)
		if err != nil || !row.sameClaim(current) {
			return false, why // another run has taken it over
		}
		row = current
	}
}

// complete reads again what other runs write, now that the objects exist. Changes are applied at once, and objects that were made
// after the lease are removed. It is not interrupted: only these few requests make the assignments known.
func (a *assigner) complete(ctx context.Context, runs []*assignRun, organization string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), assignLease)
	defer cancel()
	for _, run := range runs {
		run.keeps = true // from now on there is something to keep
	}
	for pending := runs; len(pending) > 0; {
		rows, definition, err := a.rereadRecords(ctx, pending)
		if err != nil {
			endAll(pending, err)
			return
		}
		results := cluster.Gather(a.parallel, pending, func(run *assignRun) (again bool, _ error) {
			return a.completeOne(ctx, run, rows[run.wanted.Project], definition, organization), nil
		})
		pending = nil
		for _, done := range results {
			if done.Value {
				pending = append(pending, done.Item)
			}
		}
	}
}

// rereadRecords reads the rows of runs, by project, and the definition, nil where there is none.
func (a *assigner) rereadRecords(ctx context.Context, runs []*assignRun) (map[string]*Row, *Definition, error) {
	if err := a.step(ctx, "assign: read row again"); err != nil {
		return nil, nil, err
	}
	project := runs[0].wanted.Project
	if len(runs) > 1 {
		project = ""
	}
	return a.reread(ctx, runs[0].wanted.Secret, project)
}

// completeOne completes one assignment, and reports whether it has to be done again.
func (a *assigner) completeOne(
	ctx context.Context, run *assignRun, current *Row, definition *Definition, organization string,
) (again bool) {
	if current == nil || !run.row.sameClaim(current) {
		run.err = a.undoAssign(ctx, run.row)
		return false
	}
	if definition == nil {
		run.err = a.releaseRow(ctx, current, noSuchSecret(current.Secret))
		return false
	}
	newest := eso.AssignedObject(definition.OrganizationSecret, current.Assignment, organization)
	if !reflect.DeepEqual(newest, run.sent) {
		return a.applyAgain(ctx, run, current, newest)
	}
	done := a.completed(run, current, a.removeStrays(ctx, run, current, organization))
	if run.err = a.step(ctx, "assign: complete row"); run.err != nil {
		return false
	}
	err := a.saveRow(ctx, current, done)
	if cluster.IsConflict(err) || cluster.IsNotFound(err) {
		return true
	}
	run.err = err
	*run.row = *current
	return false
}

// completed returns the row of an assignment that is complete. Kept says, by cluster, why copies stay where the assignment is not
// placed now.
func (a *assigner) completed(run *assignRun, current *Row, kept map[string]string) airm.Assignment {
	done := a.merged(run.wanted, current.Assignment)
	maps.Copy(done.Waiting, kept)
	done.Phase, done.Until, done.LastError = airm.Assigned, noTime, ""
	for _, c := range run.copies {
		if c.held != "" {
			done.Waiting[c.Name()] = c.held
		}
		done.Copies[c.id] = c.outcome(done.Copies[c.id])
	}
	return done
}

// applyAgain brings the objects to what has changed meanwhile.
func (a *assigner) applyAgain(ctx context.Context, run *assignRun, current *Row, newest map[string]any) (again bool) {
	if run.err = a.step(ctx, "assign: apply again"); run.err != nil {
		return false
	}
	for _, c := range run.copies {
		if c.object == nil || c.held != "" {
			continue
		}
		object, _, err := a.writer.write(ctx, assignmentTarget{c.target, current}, c.object, newest, nil)
		if err != nil {
			c.failed = err
			continue
		}
		c.object = object
	}
	run.sent = newest
	if failed := run.failures(); len(failed) == len(run.copies) {
		run.err = a.releaseRow(ctx, current, joinErrors("Cannot update "+current.ID(), failed))
		return false
	}
	return true
}

// removeStrays removes copies in clusters where the assignment is not placed now, but only if the configuration narrows it to other
// clusters. A copy is forgotten if the cluster itself says that the namespace is gone. Otherwise (the cluster did not answer, or
// the namespace lacks its label) the copy stays, recorded as waiting, also in a cluster that is left out. A copy that cannot be
// removed is recorded as a failure.
func (a *assigner) removeStrays(ctx context.Context, run *assignRun, current *Row, organization string) (waiting map[string]string) {
	run.forgetRefused(current)
	if len(current.Copies) <= len(run.copies) {
		return nil
	}
	ctx, cancel := a.until(ctx, run.row.Until)
	defer cancel()
	known := func() (string, error) { return organization, nil }
	located := a.locateCopies(ctx, current)
	waiting, run.elsewhere = run.notRemoved(located), run.notConfigured(current, located)
	for _, t := range located.targets {
		if slices.ContainsFunc(run.copies, func(c *runCopy) bool { return c.Cluster == t.Cluster }) {
			continue
		}
		if run.wanted.Includes(t.id, t.Name()) {
			gone, err := t.NamespaceGone(ctx, current.Project)
			if gone {
				delete(current.Copies, t.id)
			} else {
				waiting[t.Name()] = jsonvalue.Sanitize(run.whyNotPlaced(t, err))
			}
			continue
		}
		stray := removal{assignmentTarget: assignmentTarget{t, current}, organization: known, held: a.whileOurs(run.row)}
		run.strays[t.id] = true
		if err := a.remover.removeObject(ctx, stray); err != nil {
			recorded := current.Copies[t.id]
			recorded.Error = jsonvalue.Sanitize(cluster.ErrorText(err))
			current.Copies[t.id] = recorded
			continue
		}
		delete(current.Copies, t.id)
	}
	return waiting
}

// forgetRefused forgets copies that were never made, in clusters where the assignment is not placed now.
func (run *assignRun) forgetRefused(current *Row) {
	maps.DeleteFunc(current.Copies, func(id string, recorded airm.Copy) bool {
		_, placed := run.wanted.Copies[id]
		return !placed && !recorded.MayExist()
	})
}

// notRemoved returns why copies stay in unavailable clusters that the configuration leaves out, by the names of the clusters.
func (run *assignRun) notRemoved(located copyClusters) map[string]string {
	waiting := map[string]string{}
	for id, err := range located.unavailable {
		if name := located.names[id]; !run.wanted.Includes(id, name) {
			waiting[name] = jsonvalue.Sanitize("The copy was not removed, although the assignment leaves the cluster out. " + cluster.ErrorText(err))
		}
	}
	return waiting
}

// notConfigured returns why copies stay as they are in clusters that are not configured here, by the names of the clusters. The row does
// not say so: in other workspaces these clusters may have other names, and be configured.
func (run *assignRun) notConfigured(current *Row, located copyClusters) map[string]string {
	elsewhere := map[string]string{}
	for _, id := range located.unconfigured {
		elsewhere[current.Copies[id].Cluster] = fmt.Sprintf(
			"The copy was neither changed nor removed: cluster %s is not in the provider block. Configure the cluster (under any name, since the UID identifies it). If it no longer exists, delete the record of the assignment, the ConfigMap %s/%s.",
			current.describeCluster(id), current.record.GetNamespace(), current.record.GetName())
	}
	return elsewhere
}

// whyNotPlaced returns why nothing is written to a cluster that has a copy.
func (run *assignRun) whyNotPlaced(t target, err error) string {
	if err == nil {
		err = run.unselected[t.Name()]
	}
	switch {
	case run.wanted.Waiting[t.Name()] != "":
		return run.wanted.Waiting[t.Name()]
	case err != nil:
		return "The copy was not changed. " + cluster.ErrorText(err)
	}
	return "The copy was not changed: the namespace exists, but was not found among the projects."
}

// undoAssign is for a run that was asleep for longer than its lease. If another run has created or taken over the row, the objects are
// that run's. Otherwise they are removed, under a new row, so that they are known until they are gone.
func (a *assigner) undoAssign(ctx context.Context, row *Row) error {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	for {
		current, err := a.withdrawRow(ctx, row)
		if cluster.IsNotFound(err) || cluster.IsConflict(err) {
			continue
		}
		if err == nil {
			err = a.remover.remove(ctx, current, nil)
		}
		if err != nil {
			return err
		}
		return refuse(fmt.Sprintf("Assignment %s was revoked", row.ID()),
			"This run took longer than %s, and another run has removed the assignment meanwhile. The objects of this run (%s) were deleted. Plan again to see the current assignments.", assignLease, row.Ref())
	}
}

// withdrawRow creates a row under which the objects of a lost one are removed, or marks that of another removal. The error satisfies
// cluster.IsNotFound or cluster.IsConflict if that row has just changed.
func (a *assigner) withdrawRow(ctx context.Context, row *Row) (*Row, error) {
	mark := row.Assignment
	mark.Phase, mark.Until, mark.Copies = airm.Unassigning, a.clock.now().Add(removalLease), map[string]airm.Copy{}
	for id, recorded := range row.Copies {
		mark.Copies[id] = airm.Copy{Cluster: recorded.Cluster}
	}
	if err := a.step(ctx, "assign: write row to withdraw"); err != nil {
		return nil, err
	}
	current, err := a.createRow(ctx, mark)
	if cluster.IsNotFound(err) {
		return nil, a.recordsGone(row)
	}
	if !cluster.IsAlreadyExists(err) {
		return current, err
	}
	current, err = a.Row(ctx, row.Secret, row.Project)
	if err != nil {
		return nil, err
	}
	if current.Phase != airm.Unassigning {
		return nil, refuse(fmt.Sprintf("Assignment %s was taken over", row.ID()),
			"This run took longer than %s, and another run%s has assigned the secret meanwhile. The assignment belongs to that run.", assignLease, ofOwner(current.Owner))
	}
	return current, a.mark(ctx, current)
}

// recordsGone is the error of a run whose platform namespace was deleted.
func (a *assigner) recordsGone(row *Row) error {
	var names []string
	for _, recorded := range row.Copies {
		names = append(names, recorded.Cluster)
	}
	slices.Sort(names)
	return refuse(fmt.Sprintf("Assignment %s has no record", row.ID()),
		"The platform namespace %q of cluster %q was deleted, with the organization's records, while this run was assigning the secret. This run made %s (clusters: %s), which was not deleted. Delete it there, or restore the records from a backup, and then plan again.",
		a.namespace, a.home.Name(), row.Ref(), strings.Join(names, ", "))
}
