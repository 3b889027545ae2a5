package organization

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// Unassign takes an organization secret back from a project: object, Kubernetes Secret and row are
// gone when it returns. A row that is gone already is fine. A failure is recorded in the row.
func (r *Registry) Unassign(ctx context.Context, secret, project string) error {
	row, err := r.markRow(ctx, secret, project)
	if cluster.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := r.removeObject(ctx, row); err != nil {
		return r.recordFailure(ctx, row, err)
	}
	for {
		if err := r.step(ctx, "unassign: delete row"); err != nil {
			return err
		}
		err := r.records.Delete(ctx, row.record)
		if !cluster.IsConflict(err) {
			return err
		}
		current, err := r.Row(ctx, secret, project)
		if cluster.IsNotFound(err) || err == nil && current.UID() != row.UID() {
			return nil
		}
		if err != nil {
			return err
		}
		row = current
	}
}

// markRow writes into the row that it is being removed, so that nobody makes its object again.
func (r *Registry) markRow(ctx context.Context, secret, project string) (*Row, error) {
	for {
		row, err := r.Row(ctx, secret, project)
		if err != nil {
			return nil, err
		}
		marked := row.Assignment
		marked.Phase, marked.Until, marked.LastError = secrets.Unassigning, lease(ctx), ""
		if err := r.step(ctx, "unassign: mark row"); err != nil {
			return nil, err
		}
		if err := r.saveRow(ctx, row, marked); !cluster.IsConflict(err) {
			return row, err
		}
	}
}

// lease is when an operation is over at the latest: it ends with its context.
func lease(ctx context.Context) time.Time {
	if deadline, ok := ctx.Deadline(); ok {
		return deadline.Add(time.Second)
	}
	return time.Now().Add(5 * time.Minute)
}

// removeObject deletes the object of a row, in the foreground, and waits until it is gone. An object
// that does not carry the secret of these records is somebody else's and stays.
func (r *Registry) removeObject(ctx context.Context, row *Row) error {
	organization, err := r.records.Namespace(ctx, false)
	if err != nil {
		return err
	}
	if err := r.step(ctx, "unassign: delete object"); err != nil {
		return err
	}
	live, err := r.cluster.Get(ctx, row.Ref())
	if cluster.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if !secrets.CarriesOrganizationSecret(live.Object, row.Assignment, organization) {
		return nil
	}
	watch, err := r.cluster.Watch(ctx, row.Ref())
	if err != nil {
		return err
	}
	defer watch.Stop()
	if err := r.cluster.Delete(ctx, row.Ref(), live.GetUID()); err != nil {
		return err
	}
	last, err := watch.Until(ctx, live, func(object *unstructured.Unstructured) (bool, time.Duration) { return object == nil, 0 })
	if errors.Is(err, context.DeadlineExceeded) && last != nil {
		return refuse(fmt.Sprintf("%s is not deleted yet", row.Ref()), "Cluster %q: %s", r.cluster.Name(), Blockers(last))
	}
	return err
}

// Blockers says what an object that is being deleted waits for.
func Blockers(live *unstructured.Unstructured) string {
	text := ""
	for _, finalizer := range secrets.DeletionBlockers(live.Object) {
		text += fmt.Sprintf("It waits for the finalizer %s of %s. %s ", finalizer.Name, finalizer.Owner, finalizer.Hint)
	}
	return text
}

// recordFailure writes into the row why it could not be done; the mark stays.
func (r *Registry) recordFailure(ctx context.Context, row *Row, why error) error {
	ctx = context.WithoutCancel(ctx)
	if err := r.step(ctx, "record failure"); err != nil {
		return err
	}
	failed := row.Assignment
	failed.LastError = secrets.Cap(why.Error())
	if err := r.saveRow(ctx, row, failed); err != nil && !cluster.IsConflict(err) && !cluster.IsNotFound(err) {
		return errors.Join(why, err)
	}
	return why
}
