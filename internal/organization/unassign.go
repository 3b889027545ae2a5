package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// Unassign takes an organization secret back from a project: in every cluster that the row names, object and
// Kubernetes Secret are gone when it returns, and then the row is. A row that is gone already is fine. A
// failure is recorded in the row. With a copy in a cluster that is not configured nothing is done, nor with another run's
// row: ErrAnotherRecord.
func (r *Registry) Unassign(ctx context.Context, secret, project string, known Known) error {
	ctx, cancel := r.withDeadline(ctx)
	defer cancel()
	row, err := r.markRow(ctx, secret, project, known)
	if cluster.IsNotFound(err) {
		return r.CheckHome(ctx, known)
	}
	if err != nil {
		return err
	}
	return r.remove(ctx, row)
}

// markRow writes into the row that it is being removed, so that nobody makes its object again. Who
// assigns right now is waited for: were it killed after the row is gone, its object would stay.
// Who removes it right now is joined.
func (r *Registry) markRow(ctx context.Context, secret, project string, known Known) (*Row, error) {
	for {
		row, err := r.Row(ctx, secret, project)
		if err == nil {
			err = known.checkRow(row)
		}
		if err != nil {
			return nil, err
		}
		if row.Phase == airm.Assigning && r.busy(row) {
			if err := r.wait(ctx, row); err != nil {
				return nil, err
			}
			continue
		}
		if err := r.locateCopies(ctx, row).refuseUnknown(row); err != nil {
			return nil, err
		}
		if err := r.mark(ctx, row); !cluster.IsConflict(err) {
			return row, err
		}
	}
}

func (r *Registry) mark(ctx context.Context, row *Row) error {
	marked := row.Assignment
	marked.Phase, marked.LastError = airm.Unassigning, ""
	marked.Until = r.clock.now().Add(removalLease)
	if err := r.step(ctx, "unassign: mark row"); err != nil {
		return err
	}
	return r.saveRow(ctx, row, marked)
}

// errRemoved means that another run has finished the removal.
var errRemoved = errors.New("removed already")

// remove does what a marked row says.
func (r *Registry) remove(ctx context.Context, row *Row) error {
	organization, err := r.organization(ctx)
	if err != nil {
		return r.recordFailure(ctx, row, err)
	}
	located := r.locateCopies(ctx, row)
	marked := *row
	stop := r.renewing(ctx, func(ctx context.Context) error { return r.renewMark(ctx, &marked) })
	failed := r.inEach(located.targets, func(t target) error { return r.removeObject(ctx, t, row, organization, r.whileMarked(row)) })
	stop()
	row = &marked
	maps.Copy(failed, located.unavailable)
	for _, err := range failed {
		if errors.Is(err, errRemoved) {
			return nil
		}
	}
	if len(failed) > 0 {
		why := joinErrors(fmt.Sprintf("Assignment %s is not removed everywhere", row.ID()), failed)
		return r.record(ctx, row, why, func(left *airm.Assignment) {
			left.LastError = jsonvalue.Sanitize(errorText(why))
			for _, t := range located.targets {
				if failed[t.id] == nil {
					delete(left.Copies, t.id)
				}
			}
		})
	}
	return r.deleteRow(ctx, row)
}

func (r *Registry) deleteRow(ctx context.Context, row *Row) error {
	for {
		if err := r.step(ctx, "unassign: delete row"); err != nil {
			return err
		}
		err := r.records.Delete(ctx, row.record)
		if !cluster.IsConflict(err) {
			return err
		}
		row, err = r.stillMarked(ctx, row)
		if errors.Is(err, errRemoved) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// stillMarked reads a marked row again. A new row in its place is a new assignment, which is not the
// one to remove.
func (r *Registry) stillMarked(ctx context.Context, row *Row) (*Row, error) {
	current, err := r.Row(ctx, row.Secret, row.Project)
	switch {
	case cluster.IsNotFound(err) || err == nil && current.UID() != row.UID():
		return nil, errRemoved
	case err != nil:
		return nil, err
	case current.Phase != airm.Unassigning:
		return nil, refuse(fmt.Sprintf("Assignment %s was assigned again", row.ID()),
			"Another run%s assigned it while this one was taking it away, so it stays. Plan again to see what is there now.", ofOwner(current.Owner))
	}
	return current, nil
}

// renewMark extends a mark to its full time again.
func (r *Registry) renewMark(ctx context.Context, row *Row) error {
	for {
		renewed := row.Assignment
		renewed.Until = r.clock.now().Add(removalLease)
		err := r.saveRow(ctx, row, renewed)
		if !cluster.IsConflict(err) && !cluster.IsNotFound(err) {
			return err
		}
		current, err := r.stillMarked(ctx, row)
		if err != nil {
			return err
		}
		*row = *current
	}
}

// holding tells until when a run holds what it needs to delete an object; an error, that it does not any more.
type lease func(ctx context.Context) (until time.Time, err error)

// whileMarked holds the mark of a row, renewed where a run overslept.
func (r *Registry) whileMarked(row *Row) lease {
	return func(ctx context.Context) (time.Time, error) {
		current, err := r.stillMarked(ctx, row)
		if err != nil {
			return time.Time{}, err
		}
		if current.Until.Sub(r.clock.now()) < removalLease/2 {
			err = r.renewMark(ctx, current)
		}
		return current.Until, err
	}
}

// removeObject deletes the object of a row in one cluster, in the foreground, and waits until it is gone. An
// object that does not carry the secret of these records is somebody else's and stays. Whether the row is
// still as it has to be is asked after the object was found: had another run finished and somebody assigned
// anew, this would be the new object.
func (r *Registry) removeObject(ctx context.Context, t target, row *Row, organization string, held lease) error {
	if err := r.step(ctx, "unassign: find object"); err != nil {
		return err
	}
	live, err := r.findCopy(ctx, t, row, organization)
	if live == nil || err != nil {
		return err
	}
	left, err := objects.Remove(ctx, t.Cluster, live, func(ctx context.Context) error { return r.deleteObject(ctx, t, row, live, held) })
	if err == nil && left.Name != "" {
		r.noteLeft(LeftSecret{Cluster: t.Name(), Secret: left})
	}
	return err
}

// deleteObject sends the request while the row is held: after that time another run may have assigned the object again.
func (r *Registry) deleteObject(ctx context.Context, t target, row *Row, live *unstructured.Unstructured, held lease) error {
	for {
		if err := r.step(ctx, "unassign: read row again"); err != nil {
			return err
		}
		until, err := held(ctx)
		if err != nil {
			return err
		}
		if err := r.step(ctx, "unassign: delete object"); err != nil {
			return err
		}
		left := until.Sub(r.clock.now())
		if left <= 0 {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, left)
		err = t.Delete(limited, row.Ref(), live.GetUID())
		cancel()
		return err
	}
}

// carried reads the copy of a row, nil where there is none. One that is not known for sure, but has marks of a copy, is an
// error: taking the marks off must not make us forget it.
func (r *Registry) findCopy(ctx context.Context, t target, row *Row, organization string) (*unstructured.Unstructured, error) {
	live, err := t.Get(ctx, row.Ref())
	switch {
	case cluster.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	case row.IsCopy(live.Object, t.id, organization):
		return live, nil
	case !airm.HasLabel(live.Object) && (row.Copies[t.id].UID != "" || !airm.HasMark(live.Object)):
		return nil, nil // ours, whose UID is known, is gone; or this one never was ours
	}
	return nil, refuse(fmt.Sprintf("%s is not recognized", row.Ref()),
		"Cluster %q has an ExternalSecret of that name with some of the marks of an organization secret's copy, but not all, so it was left as it is, and so was the record of the assignment. "+
			"If it is the copy, delete it by hand; if it is not, remove its labels and annotations terraform-provider-airm/organization*. Then run again.", t.Name())
}

// recordFailure writes into the row why something could not be done.
func (r *Registry) recordFailure(ctx context.Context, row *Row, why error) error {
	return r.record(ctx, row, why, func(failed *airm.Assignment) { failed.LastError = jsonvalue.Sanitize(errorText(why)) })
}

// record writes a failure into the row, and returns it. Where another run has taken the row over
// meanwhile, it is left as it is.
func (r *Registry) record(ctx context.Context, row *Row, why error, change func(*airm.Assignment)) error {
	ctx = context.WithoutCancel(ctx)
	for {
		failed := row.Assignment
		failed.Copies = maps.Clone(failed.Copies)
		change(&failed)
		if err := r.step(ctx, "record failure"); err != nil {
			return err
		}
		err := r.saveRow(ctx, row, failed)
		if err == nil || cluster.IsNotFound(err) {
			return why
		}
		if !cluster.IsConflict(err) {
			return errors.Join(why, err)
		}
		current, err := r.Row(ctx, row.Secret, row.Project)
		if err != nil || !row.sameClaim(current) {
			return why
		}
		row = current
	}
}
