package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// rollBack ends a job for which nothing was made. A row that was there before, and may stand for a copy, stays.
func (r *Registry) rollBack(ctx context.Context, run *assignRun, organization string) {
	if run.again || !run.isNew && r.mayHaveCopy(ctx, run.row, organization) {
		run.err, run.keeps = r.releaseRow(ctx, run.row, run.err), true
	} else {
		run.keeps, run.err = r.deleteNewRow(ctx, run.row, run.err)
	}
}

// mayHaveCopy reports whether there is a copy of a row somewhere, or a cluster does not say.
func (r *Registry) mayHaveCopy(ctx context.Context, row *Row, organization string) bool {
	located := r.locateCopies(context.WithoutCancel(ctx), row)
	if len(located.unavailable) > 0 || len(located.unconfigured) > 0 {
		return true
	}
	return slices.ContainsFunc(located.targets, func(t target) bool {
		live, err := r.findCopy(context.WithoutCancel(ctx), t, row, organization)
		return live != nil || err != nil
	})
}

// deleteNewRow takes a new row back, and tells whether it stays: where an API server did not say whether it
// made the object, it stands for what may be there.
func (r *Registry) deleteNewRow(ctx context.Context, row *Row, why error) (stays bool, failed error) {
	if unclear(why) {
		return true, r.releaseRow(ctx, row, why)
	}
	ctx = context.WithoutCancel(ctx)
	for {
		if err := r.step(ctx, "assign: take row back"); err != nil {
			return true, err
		}
		err := r.records.Delete(ctx, row.record)
		if err == nil {
			return false, why
		}
		if !cluster.IsConflict(err) {
			return true, errors.Join(why, err)
		}
		current, err := r.Row(ctx, row.Secret, row.Project)
		if err != nil || !row.sameClaim(current) {
			return false, why // whoever took it over has it
		}
		row = current
	}
}

// releaseRow records a failure of who holds the lease. A project that had the secret still has it, so
// that the next run need not wait; unless an object may still be made.
func (r *Registry) releaseRow(ctx context.Context, row *Row, why error) error {
	return r.record(ctx, row, why, func(failed *airm.Assignment) {
		failed.LastError = jsonvalue.Sanitize(errorText(why))
		if failed.HasCopy() && !unclear(why) {
			failed.Phase, failed.Until = airm.Assigned, noTime
		}
	})
}

// complete looks again at what others write, now that the objects are there: what has changed is
// applied at once, and objects that this run made after its time are removed. It is not interrupted:
// these few requests are what makes the assignments known.
func (r *Registry) complete(ctx context.Context, runs []*assignRun, organization string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), assignLease)
	defer cancel()
	for _, run := range runs {
		run.keeps = true // from now on there is something to keep
	}
	for pending := runs; len(pending) > 0; {
		rows, definition, err := r.rereadRecords(ctx, pending)
		if err != nil {
			endAll(pending, err)
			return
		}
		results := cluster.Gather(r.parallel, pending, func(run *assignRun) (again bool, _ error) {
			return r.completeOne(ctx, run, rows[run.wanted.Project], definition, organization), nil
		})
		pending = nil
		for _, done := range results {
			if done.Value {
				pending = append(pending, done.Item)
			}
		}
	}
}

// rereadRecords reads the rows and the definition of jobs: nil where there is none.
func (r *Registry) rereadRecords(ctx context.Context, runs []*assignRun) (map[string]*Row, *Definition, error) {
	if err := r.step(ctx, "assign: read row again"); err != nil {
		return nil, nil, err
	}
	secret := runs[0].wanted.Secret
	rows, err := r.rowsOf(ctx, secret, runs)
	if err != nil {
		return nil, nil, err
	}
	definition, err := r.Definition(ctx, secret)
	if cluster.IsNotFound(err) {
		return rows, nil, nil
	}
	return rows, definition, err
}

func (r *Registry) rowsOf(ctx context.Context, secret string, runs []*assignRun) (map[string]*Row, error) {
	found := map[string]*Row{}
	if len(runs) > 1 {
		rows, err := r.Rows(ctx, secret)
		for _, row := range rows {
			found[row.Project] = row
		}
		return found, err
	}
	row, err := r.Row(ctx, secret, runs[0].wanted.Project)
	switch {
	case cluster.IsNotFound(err):
		return found, nil
	case err == nil:
		found[row.Project] = row
	}
	return found, err
}

// completeOne ends one assignment, or tells that it has to be looked at again.
func (r *Registry) completeOne(ctx context.Context, run *assignRun, current *Row, definition *Definition, organization string) (again bool) {
	if current == nil || !run.row.sameClaim(current) {
		run.err = r.undoAssign(ctx, run.row)
		return false
	}
	if definition == nil {
		run.err = r.releaseRow(ctx, current, noSuchSecret(current.Secret))
		return false
	}
	newest := eso.AssignedObject(definition.OrganizationSecret, current.Assignment, organization)
	if !reflect.DeepEqual(newest, run.sent) {
		return r.applyAgain(ctx, run, current, newest)
	}
	kept := r.removeStrays(ctx, run, current, organization)
	done := r.merged(run.wanted, current.Assignment)
	maps.Copy(done.Waiting, kept)
	for _, t := range run.targets {
		if run.held[t.id] != "" {
			done.Waiting[t.Name()] = run.held[t.id]
		}
	}
	done.Phase, done.Until, done.LastError = airm.Assigned, noTime, ""
	for _, t := range run.targets {
		its := done.Copies[t.id]
		its.Cluster, its.Error = t.Name(), ""
		if object := run.objects[t.id]; object != nil {
			its.UID = string(object.GetUID())
		}
		if err := run.failed[t.id]; err != nil {
			its.Error = jsonvalue.Sanitize(errorText(err))
		}
		done.Copies[t.id] = its
	}
	if run.err = r.step(ctx, "assign: complete row"); run.err != nil {
		return false
	}
	err := r.saveRow(ctx, current, done)
	if cluster.IsConflict(err) || cluster.IsNotFound(err) {
		return true
	}
	run.err = err
	*run.row = *current
	return false
}

// applyAgain brings the objects to what has changed meanwhile.
func (r *Registry) applyAgain(ctx context.Context, run *assignRun, current *Row, newest map[string]any) (again bool) {
	if run.err = r.step(ctx, "assign: apply again"); run.err != nil {
		return false
	}
	for _, t := range run.targets {
		if run.objects[t.id] == nil || run.held[t.id] != "" {
			continue
		}
		object, _, err := r.write(ctx, assignmentTarget{t, current}, run.objects[t.id], newest, nil)
		if err != nil {
			run.failed[t.id] = err
			continue
		}
		run.objects[t.id] = object
	}
	run.sent = newest
	if len(run.failed) >= len(run.targets) {
		run.err = r.releaseRow(ctx, current, joinErrors("Cannot update "+current.ID(), run.failed))
		return false
	}
	return true
}

// removeStrays ends copies in clusters where the assignment is not placed now. Nothing but the configuration's word removes
// one: where the assignment is narrowed to other clusters. A copy is forgotten where the cluster itself says that the
// namespace is gone. Otherwise (a cluster that did not answer, a namespace without its label) it stays, recorded as
// waiting. What cannot be removed now stays recorded too, as a failure.
func (r *Registry) removeStrays(ctx context.Context, run *assignRun, current *Row, organization string) (waiting map[string]string) {
	waiting = map[string]string{}
	if len(current.Copies) <= len(run.targets) {
		return waiting
	}
	ctx, cancel := r.until(ctx, run.row.Until)
	defer cancel()
	for _, t := range r.locateCopies(ctx, current).targets {
		if slices.ContainsFunc(run.targets, func(belongs target) bool { return belongs.Cluster == t.Cluster }) {
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
		if err := r.removeObject(ctx, t, current, organization, r.whileOurs(run.row)); err != nil {
			its := current.Copies[t.id]
			its.Error = jsonvalue.Sanitize(errorText(err))
			current.Copies[t.id] = its
			continue
		}
		delete(current.Copies, t.id)
	}
	return waiting
}

// whyNotPlaced says why nothing is written to a cluster that has a copy.
func (run *assignRun) whyNotPlaced(t target, err error) string {
	if err == nil {
		err = run.unselected[t.Name()]
	}
	switch {
	case run.wanted.Waiting[t.Name()] != "":
		return run.wanted.Waiting[t.Name()]
	case err != nil:
		return "The copy stays as it is. " + errorText(err)
	}
	return "The copy stays as it is: the namespace is there, but was not found among the projects."
}

// whileOurs holds the lease of who assigns.
func (r *Registry) whileOurs(row *Row) lease {
	return func(ctx context.Context) (time.Time, error) {
		current, err := r.Row(ctx, row.Secret, row.Project)
		if cluster.IsNotFound(err) || err == nil && !row.sameClaim(current) {
			return time.Time{}, errRemoved // the run that has taken it over decides
		}
		if err == nil && !r.clock.now().Before(row.Until) {
			err = refuse(fmt.Sprintf("%s is not removed yet", row.Ref()), "This run took longer than %s. Apply again.", assignLease)
		}
		return row.Until, err
	}
}

// undoAssign is for a run that overslept its lease. A row that another run has made or taken over is
// theirs, with the objects; otherwise the objects are removed, under a row again, so that they are known
// until they are gone.
func (r *Registry) undoAssign(ctx context.Context, row *Row) error {
	ctx, cancel := r.withDeadline(ctx)
	defer cancel()
	for {
		mark := row.Assignment
		mark.Phase, mark.Until, mark.Copies = airm.Unassigning, r.clock.now().Add(removalLease), map[string]airm.Copy{}
		for id, its := range row.Copies {
			mark.Copies[id] = airm.Copy{Cluster: its.Cluster}
		}
		if err := r.step(ctx, "assign: write row to withdraw"); err != nil {
			return err
		}
		current, err := r.createRow(ctx, mark)
		if cluster.IsAlreadyExists(err) {
			current, err = r.Row(ctx, row.Secret, row.Project)
			if err == nil && current.Phase != airm.Unassigning {
				return refuse(fmt.Sprintf("Assignment %s was taken over", row.ID()),
					"This run took longer than %s, and another one%s assigned the secret meanwhile. What is there is theirs.", assignLease, ofOwner(current.Owner))
			}
			if err == nil {
				err = r.mark(ctx, current)
			}
		}
		if cluster.IsNotFound(err) || cluster.IsConflict(err) {
			continue
		}
		if err == nil {
			err = r.remove(ctx, current)
		}
		if err != nil {
			return err
		}
		return refuse(fmt.Sprintf("Assignment %s was revoked", row.ID()),
			"This run took longer than %s, and another one took the secret away meanwhile. What was made (%s) is removed again. Plan again to see what is there now.", assignLease, row.Ref())
	}
}
