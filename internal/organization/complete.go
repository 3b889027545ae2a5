package organization

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// abandon ends a job for which nothing was made.
func (r *Registry) abandon(ctx context.Context, j *job) {
	if j.again {
		j.err, j.keeps = r.endLease(ctx, j.row, j.err), true
	} else {
		j.keeps, j.err = r.giveUp(ctx, j.row, j.err)
	}
}

// giveUp takes a new row back, and tells whether it stays: where an API server did not say whether it
// made the object, it stands for what may be there.
func (r *Registry) giveUp(ctx context.Context, row *Row, why error) (stays bool, failed error) {
	if unclear(why) {
		return true, r.endLease(ctx, row, why)
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

// endLease records a failure of who holds the lease. A project that had the secret still has it, so
// that the next run need not wait; unless an object may still be made.
func (r *Registry) endLease(ctx context.Context, row *Row, why error) error {
	return r.record(ctx, row, why, func(failed *secrets.Assignment) {
		failed.LastError = secrets.Cap(explained(why))
		if failed.Placed() && !unclear(why) {
			failed.Phase, failed.Until = secrets.Assigned, noTime
		}
	})
}

// complete looks again at what others write, now that the objects are there: what has changed is
// applied at once, and objects that this run made after its time are removed. It is not interrupted:
// these few requests are what makes the assignments known.
func (r *Registry) complete(ctx context.Context, jobs []*job, organization string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), assignLease)
	defer cancel()
	for _, j := range jobs {
		j.keeps = true // from now on there is something to keep
	}
	for pending := jobs; len(pending) > 0; {
		rows, definition, err := r.lookAgain(ctx, pending)
		if err != nil {
			endAll(pending, err)
			return
		}
		var mu sync.Mutex
		var again []*job
		inParallel(r.parallel, pending, func(j *job) {
			if r.completeOne(ctx, j, rows[j.wanted.Project], definition, organization) {
				mu.Lock()
				defer mu.Unlock()
				again = append(again, j)
			}
		})
		pending = again
	}
}

// lookAgain reads the rows and the definition of jobs: nil where there is none.
func (r *Registry) lookAgain(ctx context.Context, jobs []*job) (map[string]*Row, *Definition, error) {
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

func (r *Registry) rowsOf(ctx context.Context, secret string, jobs []*job) (map[string]*Row, error) {
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
func (r *Registry) completeOne(ctx context.Context, j *job, current *Row, definition *Definition, organization string) (again bool) {
	if current == nil || !j.row.sameClaim(current) {
		j.err = r.withdraw(ctx, j.row)
		return false
	}
	if definition == nil {
		j.err = r.endLease(ctx, current, noSuchSecret(current.Secret))
		return false
	}
	newest := secrets.AssignedObject(definition.OrganizationSecret, current.Assignment, organization)
	if !reflect.DeepEqual(newest, j.sent) {
		return r.applyAgain(ctx, j, current, newest)
	}
	r.removeStrays(ctx, j, current, organization)
	done := r.merged(j.wanted, current.Assignment)
	done.Phase, done.Until, done.LastError = secrets.Assigned, noTime, ""
	for _, p := range j.places {
		its := done.Copies[p.id]
		its.Cluster, its.Error = p.Name(), ""
		if object := j.objects[p.id]; object != nil {
			its.UID = string(object.GetUID())
		}
		if err := j.failed[p.id]; err != nil {
			its.Error = secrets.Cap(explained(err))
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
func (r *Registry) applyAgain(ctx context.Context, j *job, current *Row, newest map[string]any) (again bool) {
	if j.err = r.step(ctx, "assign: apply again"); j.err != nil {
		return false
	}
	for _, p := range j.places {
		if j.objects[p.id] == nil {
			continue
		}
		object, err := p.Apply(ctx, current.Ref(), j.objects[p.id], newest, r.applying())
		if err != nil {
			j.failed[p.id] = err
			continue
		}
		j.objects[p.id] = object
	}
	j.sent = newest
	if len(j.failed) >= len(j.places) {
		j.err = r.endLease(ctx, current, together("Cannot update "+current.ID(), j.failed))
		return false
	}
	return true
}

// removeStrays removes objects from clusters where the assignment does not belong any more: the project has left them,
// or they are not among those that it is narrowed to. What cannot be removed now stays recorded, as a failure.
func (r *Registry) removeStrays(ctx context.Context, j *job, current *Row, organization string) {
	if len(current.Copies) <= len(j.places) {
		return
	}
	ctx, cancel := context.WithDeadline(ctx, j.row.Until)
	defer cancel()
	for _, p := range r.standing(ctx, current).places {
		if slices.ContainsFunc(j.places, func(belongs place) bool { return belongs.Cluster == p.Cluster }) {
			continue
		}
		if err := r.removeObject(ctx, p, current, organization, func() error { return r.stillOurs(ctx, j.row) }); err != nil {
			its := current.Copies[p.id]
			its.Error = secrets.Cap(explained(err))
			current.Copies[p.id] = its
			continue
		}
		delete(current.Copies, p.id)
	}
}

func (r *Registry) stillOurs(ctx context.Context, row *Row) error {
	current, err := r.Row(ctx, row.Secret, row.Project)
	if cluster.IsNotFound(err) || err == nil && !row.sameClaim(current) {
		return errRemoved // whoever has taken it over decides
	}
	return err
}

// withdraw is for a run that overslept its lease. A row that another run has made or taken over is
// theirs, with the objects; otherwise the objects are removed, under a row again, so that they are known
// until they are gone.
func (r *Registry) withdraw(ctx context.Context, row *Row) error {
	ctx, cancel, deadline := r.untilDeadline(ctx)
	defer cancel()
	for {
		mark := row.Assignment
		mark.Phase, mark.Until, mark.Copies = secrets.Unassigning, deadline, map[string]secrets.Copy{}
		for id, its := range row.Copies {
			mark.Copies[id] = secrets.Copy{Cluster: its.Cluster}
		}
		if err := r.step(ctx, "assign: write row to withdraw"); err != nil {
			return err
		}
		current, err := r.createRow(ctx, mark)
		if cluster.IsAlreadyExists(err) {
			current, err = r.Row(ctx, row.Secret, row.Project)
			if err == nil && current.Phase != secrets.Unassigning {
				return refuse(fmt.Sprintf("Assignment %s was taken over", row.ID()),
					"This run took longer than %s, and another one%s assigned the secret meanwhile. What is there is theirs.", assignLease, ofOwner(current.Owner))
			}
			if err == nil {
				err = r.mark(ctx, current, deadline)
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
