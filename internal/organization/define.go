package organization

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// Define creates an organization secret. The API server checks the definition by a dry run before
// anything is recorded. The error satisfies cluster.IsAlreadyExists where there is one of that name.
func (r *Registry) Define(ctx context.Context, wanted secrets.OrganizationSecret) (*Definition, error) {
	organization, err := r.records.Namespace(ctx, true)
	if err != nil {
		return nil, err
	}
	if err := r.check(ctx, wanted, organization); err != nil {
		return nil, err
	}
	wanted.Revision = 1
	if err := r.step(ctx, "define: write definition"); err != nil {
		return nil, err
	}
	record, err := r.records.Create(ctx, wanted.ConfigMap(r.namespace))
	if err != nil {
		return nil, err
	}
	return parseDefinition(record)
}

// check has the API server look at the ExternalSecret that assignments will make. One of that name
// in the platform namespace is no objection: the API server says so only where all else is right.
func (r *Registry) check(ctx context.Context, wanted secrets.OrganizationSecret, organization string) error {
	sample := secrets.Assignment{Secret: wanted.Name, Project: r.namespace}
	err := r.cluster.DryRun(ctx, sample.Ref(), secrets.AssignedObject(wanted, sample, organization))
	if cluster.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// FanOut says how an update of all assignments is done.
type FanOut struct {
	Wait    bool // until every one is synced again
	Request bool // a sync, even where nothing changed
}

// Update changes the definition, if it differs, and then brings every assigned object to it, in
// place. Objects that are missing are not made: only who assigned them may. A canary, an assignment
// that is synced, goes first; if it does not become synced again the others are left as they are.
// The definition is returned wherever it is as wanted, whatever became of the objects.
func (r *Registry) Update(ctx context.Context, wanted secrets.OrganizationSecret, how FanOut) (*Definition, error) {
	organization, err := r.records.Namespace(ctx, false)
	if err != nil {
		return nil, err
	}
	definition, err := r.redefine(ctx, wanted, organization)
	if err != nil {
		return nil, err
	}
	if err := r.fanOut(ctx, definition, organization, how); err != nil {
		return definition, err
	}
	return definition, r.stillDefined(ctx, definition)
}

func (r *Registry) redefine(ctx context.Context, wanted secrets.OrganizationSecret, organization string) (*Definition, error) {
	definition, err := r.Definition(ctx, wanted.Name)
	if err != nil {
		return nil, Missing(wanted.Name, err)
	}
	if definition.BeingDeleted() && r.clock.now().Before(definition.DeletingUntil) {
		return nil, refuse(fmt.Sprintf("Organization secret %q is being deleted", wanted.Name),
			"Another run%s deletes it, until %s at the latest. Apply again after that.", ofOwner(definition.Owner), at(definition.DeletingUntil))
	}
	if err := r.check(ctx, wanted, organization); err != nil {
		return nil, err
	}
	wanted.Revision = definition.Revision
	if reflect.DeepEqual(wanted.ConfigMap(r.namespace), definition.ConfigMap(r.namespace)) {
		return definition, nil
	}
	wanted.Revision++
	if err := r.step(ctx, "update: write definition"); err != nil {
		return nil, err
	}
	err = r.saveDefinition(ctx, definition, wanted)
	if cluster.IsConflict(err) || cluster.IsNotFound(err) {
		return nil, changedMeanwhile(wanted.Name)
	}
	return definition, err
}

// stillDefined makes sure that nobody is told of a success which another run has overwritten.
func (r *Registry) stillDefined(ctx context.Context, definition *Definition) error {
	if err := r.step(ctx, "update: read definition again"); err != nil {
		return err
	}
	current, err := r.Definition(ctx, definition.Name)
	if cluster.IsNotFound(err) || err == nil && (current.UID() != definition.UID() || current.Revision != definition.Revision) {
		return changedMeanwhile(definition.Name)
	}
	return err
}

func changedMeanwhile(name string) error {
	return refuse(fmt.Sprintf("Organization secret %q was changed in the same moment", name), "Another run wrote or deleted it. Plan again to see what it is now.")
}

// FanOutError lists what did not work out, by assignment.
type FanOutError struct {
	Secret string
	Total  int
	Failed Failures
	Canary bool // only the canary was tried
}

func (e *FanOutError) Error() string {
	text := fmt.Sprintf("%d of %d assignments of %q are not up to date", len(e.Failed), e.Total, e.Secret)
	if e.Canary {
		text = fmt.Sprintf("the first assignment of %q that was updated did not become synced again, so the other %d were left as they were", e.Secret, e.Total-1)
	}
	return text + "\n" + e.Failed.String()
}

func (r *Registry) fanOut(ctx context.Context, definition *Definition, organization string, how FanOut) error {
	if err := r.step(ctx, "update: list rows"); err != nil {
		return err
	}
	rows, err := r.Rows(ctx, definition.Name)
	if err != nil {
		return err
	}
	objects, err := r.objects(ctx, rows, definition.Name)
	if err != nil {
		return err
	}
	rest := rows
	if canary := pickCanary(rows, objects); how.Wait && canary >= 0 && len(rows) > 1 {
		row := rows[canary]
		if err := r.bring(ctx, definition, row, objects[row.Project], organization, how); err != nil {
			return &FanOutError{Secret: definition.Name, Total: len(rows), Failed: Failures{row.Project: err}, Canary: true}
		}
		rest = append(append([]*Row{}, rows[:canary]...), rows[canary+1:]...)
	}
	failed := r.forRows(rest, func(row *Row) error {
		return r.bring(ctx, definition, row, objects[row.Project], organization, how)
	})
	if len(failed) > 0 {
		return &FanOutError{Secret: definition.Name, Total: len(rows), Failed: failed}
	}
	return nil
}

// pickCanary chooses an assignment that is synced: one that fails anyway would prove nothing.
func pickCanary(rows []*Row, objects map[string]*unstructured.Unstructured) int {
	for i, row := range rows {
		object := objects[row.Project]
		if object != nil && row.Status(object.Object, time.Now()).Status == secrets.Synced {
			return i
		}
	}
	return -1
}

// bring applies the definition to the object of one row, records a failure, and waits until it is
// synced. Where the project has lost the secret meanwhile, there is nothing to bring.
func (r *Registry) bring(ctx context.Context, definition *Definition, row *Row, live *unstructured.Unstructured, organization string, how FanOut) error {
	if live == nil || row.Phase == secrets.Unassigning || !secrets.CarriesOrganizationSecret(live.Object, row.Assignment, organization) {
		return nil
	}
	watch, err := r.cluster.WatchWidely(ctx, row.Ref())
	if err != nil {
		return err
	}
	defer watch.Stop()
	applied, err := r.applyNewest(ctx, definition, row, live, organization)
	if applied == nil || err != nil {
		return err
	}
	var requestedAt time.Time
	if how.Request {
		if requestedAt, err = r.cluster.RequestSync(ctx, row.Ref()); err != nil && !cluster.IsNotFound(err) {
			return err
		}
	}
	if !how.Wait {
		return nil
	}
	err = r.awaitSync(ctx, watch, applied, requestedAt)
	if err != nil && r.revoked(ctx, row) {
		return nil
	}
	return err
}

// applyNewest applies what the records say to the object of a row, until they still say so after it
// was written: the last writer is always one who knows the newest. It returns nil where there is no
// object or no assignment any more.
func (r *Registry) applyNewest(ctx context.Context, definition *Definition, row *Row, live *unstructured.Unstructured, organization string) (*unstructured.Unstructured, error) {
	for {
		sent := secrets.AssignedObject(definition.OrganizationSecret, row.Assignment, organization)
		if err := r.step(ctx, "update: apply object"); err != nil {
			return nil, err
		}
		applied, err := r.cluster.Apply(ctx, row.Ref(), live, sent, r.applying())
		if err != nil {
			again, getErr := r.carried(ctx, row, organization)
			if getErr == nil && again == nil {
				return nil, nil
			}
			if getErr == nil && again.GetUID() != live.GetUID() {
				live = again // another run has made it anew
				continue
			}
			return nil, r.recordFailure(ctx, row, err)
		}
		if err := r.step(ctx, "update: read row again"); err != nil {
			return nil, err
		}
		currentRow, err := r.Row(ctx, row.Secret, row.Project)
		if cluster.IsNotFound(err) || err == nil && currentRow.Phase == secrets.Unassigning {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		current, err := r.Definition(ctx, row.Secret)
		if cluster.IsNotFound(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if reflect.DeepEqual(sent, secrets.AssignedObject(current.OrganizationSecret, currentRow.Assignment, organization)) {
			return applied, r.recordSuccess(ctx, currentRow)
		}
		definition, row, live = current, currentRow, applied
	}
}

// recordSuccess takes an earlier failure out of a row.
func (r *Registry) recordSuccess(ctx context.Context, row *Row) error {
	if row.LastError == "" {
		return nil
	}
	if err := r.step(ctx, "update: record success"); err != nil {
		return err
	}
	healed := row.Assignment
	healed.LastError = ""
	err := r.saveRow(ctx, row, healed)
	if cluster.IsConflict(err) || cluster.IsNotFound(err) {
		return nil // another run has it; should the failure stand there still, the next apply takes it out
	}
	return err
}

// revoked tells whether the project has lost the secret, or is losing it.
func (r *Registry) revoked(ctx context.Context, row *Row) bool {
	current, err := r.Row(context.WithoutCancel(ctx), row.Secret, row.Project)
	return cluster.IsNotFound(err) || err == nil && (current.UID() != row.UID() || current.Phase == secrets.Unassigning)
}

// awaitSync waits until a written object is synced; the error says why it is not.
func (r *Registry) awaitSync(ctx context.Context, watch *cluster.Watch, written *unstructured.Unstructured, requestedAt time.Time) error {
	settled := r.cluster.Settle(ctx, watch, written, func(object map[string]any, now time.Time) secrets.Sync {
		return secrets.ExternalSecretSync(object, requestedAt, now)
	})
	if settled.Err == nil && settled.Sync.Status == secrets.Synced {
		return nil
	}
	if settled.Sync.Reason != "" {
		return fmt.Errorf("%s: %s", settled.Sync.Status, settled.Sync.Reason)
	}
	return settled.Err
}

// objects reads the objects of an organization secret, by project: with one list, or one by one
// where listing the whole cluster is forbidden.
func (r *Registry) objects(ctx context.Context, rows []*Row, secret string) (map[string]*unstructured.Unstructured, error) {
	byProject := map[string]*unstructured.Unstructured{}
	items, err := r.cluster.List(ctx, secrets.KindExternalSecret, "", secrets.CarriedSelector(secret))
	if err == nil {
		for i := range items {
			if items[i].GetName() == secret {
				byProject[items[i].GetNamespace()] = &items[i]
			}
		}
	} else if !cluster.IsForbidden(err) {
		return nil, err
	}
	var mu sync.Mutex
	failed := r.forRows(rows, func(row *Row) error {
		mu.Lock()
		_, listed := byProject[row.Project]
		mu.Unlock()
		if listed || err == nil && row.Phase == secrets.Unassigning {
			return nil
		}
		live, getErr := r.cluster.Get(ctx, row.Ref())
		if cluster.IsNotFound(getErr) {
			return nil
		}
		if getErr != nil {
			return getErr
		}
		mu.Lock()
		byProject[row.Project] = live
		mu.Unlock()
		return nil
	})
	for _, err := range failed {
		return nil, err
	}
	return byProject, nil
}
