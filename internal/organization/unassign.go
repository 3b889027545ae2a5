package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// Unassign takes an organization secret back from a project: in every cluster that the row names, object and
// Kubernetes Secret are gone when it returns, and then the row is. A row that is gone already is fine. A
// failure is recorded in the row. With a copy in a cluster that is not configured nothing is done.
func (r *Registry) Unassign(ctx context.Context, secret, project string) error {
	ctx, cancel, deadline := r.untilDeadline(ctx)
	defer cancel()
	row, err := r.markRow(ctx, secret, project, deadline)
	if cluster.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return r.remove(ctx, row)
}

// markRow writes into the row that it is being removed, so that nobody makes its object again. Who
// assigns right now is waited for: were it killed after the row is gone, its object would stay.
// Who removes it right now is joined.
func (r *Registry) markRow(ctx context.Context, secret, project string, deadline time.Time) (*Row, error) {
	for {
		row, err := r.Row(ctx, secret, project)
		if err != nil {
			return nil, err
		}
		if row.Phase == secrets.Assigning && r.busy(row) {
			if err := r.wait(ctx, row); err != nil {
				return nil, err
			}
			continue
		}
		if err := r.standing(ctx, row).refuseUnknown("assignment " + row.ID()); err != nil {
			return nil, err
		}
		if err := r.mark(ctx, row, deadline); !cluster.IsConflict(err) {
			return row, err
		}
	}
}

func (r *Registry) mark(ctx context.Context, row *Row, deadline time.Time) error {
	marked := row.Assignment
	marked.Phase, marked.LastError = secrets.Unassigning, ""
	marked.Until = deadline.Add(time.Second) // time to record a failure
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
	at := r.standing(ctx, row)
	failed := r.inEach(at.places, func(p place) error {
		return r.removeObject(ctx, p, row, organization, func() error {
			_, err := r.stillMarked(ctx, row)
			return err
		})
	})
	maps.Copy(failed, at.away)
	for _, err := range failed {
		if errors.Is(err, errRemoved) {
			return nil
		}
	}
	if len(failed) > 0 {
		why := together(fmt.Sprintf("Assignment %s is not removed everywhere", row.ID()), failed)
		return r.record(ctx, row, why, func(left *secrets.Assignment) {
			left.LastError = secrets.Cap(explained(why))
			for _, p := range at.places {
				if failed[p.id] == nil {
					delete(left.Copies, p.id)
				}
			}
		})
	}
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
	case current.Phase != secrets.Unassigning:
		return nil, refuse(fmt.Sprintf("Assignment %s was assigned again", row.ID()),
			"Another run%s assigned it while this one was taking it away, so it stays. Plan again to see what is there now.", ofOwner(current.Owner))
	}
	return current, nil
}

// removeObject deletes the object of a row in one cluster, in the foreground, and waits until it is gone. An
// object that does not carry the secret of these records is somebody else's and stays. Whether the row is
// still as it has to be is asked after the object was found: had another run finished and somebody assigned
// anew, this would be the new object.
func (r *Registry) removeObject(ctx context.Context, p place, row *Row, organization string, still func() error) error {
	if err := r.step(ctx, "unassign: find object"); err != nil {
		return err
	}
	live, err := r.carried(ctx, p, row, organization)
	if live == nil || err != nil {
		return err
	}
	if err := r.step(ctx, "unassign: read row again"); err != nil {
		return err
	}
	if err := still(); err != nil {
		return err
	}
	watch, err := p.Watch(ctx, row.Ref())
	if err != nil {
		return err
	}
	defer watch.Stop()
	if err := r.step(ctx, "unassign: delete object"); err != nil {
		return err
	}
	if err := p.Delete(ctx, row.Ref(), live.GetUID()); err != nil {
		return err
	}
	last, err := watch.Until(ctx, live, func(object *unstructured.Unstructured) (bool, time.Duration) { return object == nil, 0 })
	if err == nil {
		return nil
	}
	return refuse(fmt.Sprintf("%s is not deleted yet", row.Ref()),
		"In cluster %q it did not go before this run had to end. %sDestroy again once that is settled.", p.Name(), Blockers(last))
}

// carried reads the object of a row, nil where there is none or it does not carry the secret of
// these records.
func (r *Registry) carried(ctx context.Context, p place, row *Row, organization string) (*unstructured.Unstructured, error) {
	live, err := p.Get(ctx, row.Ref())
	if cluster.IsNotFound(err) {
		return nil, nil
	}
	if err != nil || !row.IsCopy(live.Object, p.id, organization) {
		return nil, err
	}
	return live, nil
}

// Blockers says what an object that is being deleted waits for.
func Blockers(live *unstructured.Unstructured) string {
	text := ""
	for _, finalizer := range secrets.DeletionBlockers(live.Object) {
		text += fmt.Sprintf("It waits for the finalizer %s of %s. %s ", finalizer.Name, finalizer.Owner, finalizer.Hint)
	}
	return text
}

// recordFailure writes into the row why something could not be done.
func (r *Registry) recordFailure(ctx context.Context, row *Row, why error) error {
	return r.record(ctx, row, why, func(failed *secrets.Assignment) { failed.LastError = secrets.Cap(explained(why)) })
}

// record writes a failure into the row, and returns it. Where another run has taken the row over
// meanwhile, it is left as it is.
func (r *Registry) record(ctx context.Context, row *Row, why error, change func(*secrets.Assignment)) error {
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
