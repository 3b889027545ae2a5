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
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// remover takes secrets back from projects.
type remover struct {
	*leases
	*locator
	*notices
}

// Unassign takes an organization secret back from a project: in every cluster that the row names, object and
// Kubernetes Secret are gone when it returns, and then the row is. A row that is gone already is fine. A
// failure is recorded in the row. With a copy in a cluster that is not configured nothing is done, nor with another run's
// row: ErrAnotherRecord.
func (r *remover) Unassign(ctx context.Context, secret, project string, known Known) error {
	ctx, cancel := withDeadline(ctx)
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
func (r *remover) markRow(ctx context.Context, secret, project string, known Known) (*Row, error) {
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

// remove does what a marked row says.
func (r *remover) remove(ctx context.Context, row *Row) error {
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

// removeObject deletes the object of a row in one cluster, in the foreground, and waits until it is gone. An
// object that does not carry the secret of these records is somebody else's and stays. Whether the row is
// still as it has to be is asked after the object was found: had another run finished and somebody assigned
// anew, this would be the new object.
func (r *remover) removeObject(ctx context.Context, t target, row *Row, organization string, held lease) error {
	if err := r.step(ctx, "unassign: find object"); err != nil {
		return err
	}
	live, err := assignmentTarget{t, row}.findCopy(ctx, organization)
	if live == nil || err != nil {
		return err
	}
	left, err := objects.Remove(ctx, t.Cluster, live, func(ctx context.Context) error { return r.deleteObject(ctx, t, row, live, held) })
	if err == nil && left.Name != "" {
		r.notices.noteLeft(LeftSecret{Cluster: t.Name(), Secret: left})
	}
	return err
}

// deleteObject sends the request while the row is held: after that time another run may have assigned the object again.
func (r *remover) deleteObject(ctx context.Context, t target, row *Row, live *unstructured.Unstructured, held lease) error {
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
