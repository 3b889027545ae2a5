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
func (r *Registry) rollBack(ctx context.Context, j *assignRun, organization string) {
	if j.again || !j.isNew && r.mayHaveCopy(ctx, j.row, organization) {
		j.err, j.keeps = r.releaseRow(ctx, j.row, j.err), true
	} else {
		j.keeps, j.err = r.deleteNewRow(ctx, j.row, j.err)
	}
}

// mayHaveCopy reports whether there is a copy of a row somewhere, or a cluster does not say.
func (r *Registry) mayHaveCopy(ctx context.Context, row *Row, organization string) bool {
	at := r.locateCopies(context.WithoutCancel(ctx), row)
	if len(at.unavailable) > 0 || len(at.unconfigured) > 0 {
		return true
	}
	return slices.ContainsFunc(at.targets, func(p target) bool {
		live, err := r.carried(context.WithoutCancel(ctx), p, row, organization)
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
func (r *Registry) complete(ctx context.Context, jobs []*assignRun, organization string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), assignLease)
	defer cancel()
	for _, j := range jobs {
		j.keeps = true // from now on there is something to keep
	}
	for pending := jobs; len(pending) > 0; {
		rows, definition, err := r.rereadRecords(ctx, pending)
		if err != nil {
			endAll(pending, err)
			return
		}
		results := cluster.Gather(r.parallel, pending, func(j *assignRun) (again bool, _ error) {
			return r.completeOne(ctx, j, rows[j.wanted.Project], definition, organization), nil
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
func (r *Registry) rereadRecords(ctx context.Context, jobs []*assignRun) (map[string]*Row, *Definition, error) {
	if err := r.step(ctx, "assign: read row again"); err != nil {
		return nil, nil, err
	}
	secret := jobs[0].wanted.Secret
	rows, err := r.rowsOf(ctx, secret, jobs)
	if err != nil {
		return nil, nil, err
	}
	definition, err := r.Definition(ctx, secret)
	if cluster.IsNotFound(err) {
		return rows, nil, nil
	}
	return rows, definition, err
}

func (r *Registry) rowsOf(ctx context.Context, secret string, jobs []*assignRun) (map[string]*Row, error) {
	found := map[string]*Row{}
	if len(jobs) > 1 {
		rows, err := r.Rows(ctx, secret)
		for _, row := range rows {
			found[row.Project] = row
		}
		return found, err
	}
	row, err := r.Row(ctx, secret, jobs[0].wanted.Project)
	switch {
	case cluster.IsNotFound(err):
		return found, nil
	case err == nil:
		found[row.Project] = row
	}
	return found, err
}

// completeOne ends one assignment, or tells that it has to be looked at again.
func (r *Registry) completeOne(ctx context.Context, j *assignRun, current *Row, definition *Definition, organization string) (again bool) {
	if current == nil || !j.row.sameClaim(current) {
		j.err = r.undoAssign(ctx, j.row)
		return false
	}
	if definition == nil {
		j.err = r.releaseRow(ctx, current, noSuchSecret(current.Secret))
		return false
	}
	newest := eso.AssignedObject(definition.OrganizationSecret, current.Assignment, organization)
	if !reflect.DeepEqual(newest, j.sent) {
		return r.applyAgain(ctx, j, current, newest)
	}
	kept := r.removeStrays(ctx, j, current, organization)
	done := r.merged(j.wanted, current.Assignment)
	maps.Copy(done.Waiting, kept)
	for _, p := range j.targets {
		if j.held[p.id] != "" {
			done.Waiting[p.Name()] = j.held[p.id]
		}
	}
	done.Phase, done.Until, done.LastError = airm.Assigned, noTime, ""
	for _, p := range j.targets {
		its := done.Copies[p.id]
		its.Cluster, its.Error = p.Name(), ""
		if object := j.objects[p.id]; object != nil {
			its.UID = string(object.GetUID())
		}
		if err := j.failed[p.id]; err != nil {
			its.Error = jsonvalue.Sanitize(errorText(err))
		}
		done.Copies[p.id] = its
	}
	if j.err = r.step(ctx, "assign: complete row"); j.err != nil {
		return false
	}
	err := r.saveRow(ctx, current, done)
	if cluster.IsConflict(err) || cluster.IsNotFound(err) {
		return true
	}
	j.err = err
	*j.row = *current
	return false
}

// applyAgain brings the objects to what has changed meanwhile.
func (r *Registry) applyAgain(ctx context.Context, j *assignRun, current *Row, newest map[string]any) (again bool) {
	if j.err = r.step(ctx, "assign: apply again"); j.err != nil {
		return false
	}
	for _, p := range j.targets {
		if j.objects[p.id] == nil || j.held[p.id] != "" {
			continue
		}
		object, _, err := r.write(ctx, assignmentTarget{p, current}, j.objects[p.id], newest, nil)
		if err != nil {
			j.failed[p.id] = err
			continue
		}
		j.objects[p.id] = object
	}
	j.sent = newest
	if len(j.failed) >= len(j.targets) {
		j.err = r.releaseRow(ctx, current, joinErrors("Cannot update "+current.ID(), j.failed))
		return false
	}
	return true
}

// removeStrays ends copies in clusters where the assignment is not placed now. Nothing but the configuration's word removes
// one: where the assignment is narrowed to other clusters. A copy is forgotten where the cluster itself says that the
// namespace is gone. Otherwise (a cluster that did not answer, a namespace without its label) it stays, recorded as
// waiting. What cannot be removed now stays recorded too, as a failure.
func (r *Registry) removeStrays(ctx context.Context, j *assignRun, current *Row, organization string) (waiting map[string]string) {
	waiting = map[string]string{}
	if len(current.Copies) <= len(j.targets) {
		return waiting
	}
	ctx, cancel := r.until(ctx, j.row.Until)
	defer cancel()
	for _, p := range r.locateCopies(ctx, current).targets {
		if slices.ContainsFunc(j.targets, func(belongs target) bool { return belongs.Cluster == p.Cluster }) {
			continue
		}
		if j.wanted.Includes(p.id, p.Name()) {
			gone, err := p.NamespaceGone(ctx, current.Project)
			if gone {
				delete(current.Copies, p.id)
			} else {
				waiting[p.Name()] = jsonvalue.Sanitize(j.whyNotPlaced(p, err))
			}
			continue
		}
		if err := r.removeObject(ctx, p, current, organization, r.whileOurs(j.row)); err != nil {
			its := current.Copies[p.id]
			its.Error = jsonvalue.Sanitize(errorText(err))
			current.Copies[p.id] = its
			continue
		}
		delete(current.Copies, p.id)
	}
	return waiting
}

// whyNotPlaced says why nothing is written to a cluster that has a copy.
func (j *assignRun) whyNotPlaced(p target, err error) string {
	if err == nil {
		err = j.unselected[p.Name()]
	}
	switch {
	case j.wanted.Waiting[p.Name()] != "":
		return j.wanted.Waiting[p.Name()]
	case err != nil:
		return "The copy stays as it is. " + errorText(err)
	}
	return "The copy stays as it is: the namespace is there, but was not found among the projects."
}

// whileOurs holds the lease of who assigns.
func (r *Registry) whileOurs(row *Row) holding {
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
