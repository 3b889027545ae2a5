package organization

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// carrier is an object that carries an organization secret, with its row.
type carrier struct {
	place
	row     *Row
	live    *unstructured.Unstructured
	sent    map[string]any
	err     error
	gone    bool // the object, or the assignment
	watch   *cluster.Watch
	renewed bool // it was applied and the records still say the same
}

// fanOut brings every object that is there to the definition, a canary first.
func (r *Registry) fanOut(ctx context.Context, definition *Definition, organization string, how FanOut) error {
	if err := r.step(ctx, "update: list rows"); err != nil {
		return err
	}
	rows, err := r.Rows(ctx, definition.Name)
	if err != nil {
		return err
	}
	carriers, away, err := r.carriers(ctx, rows, definition.Name, organization)
	if err != nil {
		return err
	}
	total, first := len(carriers)+len(away), pickCanary(carriers)
	if how.Wait && first != nil && total > 1 {
		if failed := r.update(ctx, definition, []*carrier{first}, organization, how); len(failed) > 0 {
			return &FanOutError{Secret: definition.Name, Total: total, Failed: failed, Canary: true}
		}
	}
	var rest []*carrier
	for _, c := range carriers {
		if c != first || !c.renewed {
			rest = append(rest, c)
		}
	}
	if failed := append(r.update(ctx, definition, rest, organization, how), away...); len(failed) > 0 {
		return &FanOutError{Secret: definition.Name, Total: total, Failed: failed}
	}
	return nil
}

// carriers finds the objects of rows in all clusters. What a row has in a cluster that cannot be asked is a failure:
// it stays as it is until the next update.
func (r *Registry) carriers(ctx context.Context, rows []*Row, secret, organization string) ([]*carrier, Failures, error) {
	views, err := r.views(ctx, rows, secret)
	if err != nil {
		return nil, nil, err
	}
	var found []*carrier
	var away Failures
	for _, row := range rows {
		if row.Phase == secrets.Unassigning {
			continue
		}
		for _, v := range views {
			object := v.objects[row.Project]
			switch {
			case v.err != nil && v.mayHave(row):
				away = append(away, Failure{Project: row.Project, Cluster: v.Name(), Err: v.err})
			case object != nil && row.IsCopy(object.Object, r.id(ctx, v, row), organization):
				found = append(found, &carrier{place: place{v.Cluster, r.id(ctx, v, row)}, row: row, live: object})
			}
		}
	}
	return found, away, nil
}

// pickCanary chooses an object that is synced: one that fails anyway would prove nothing.
func pickCanary(carriers []*carrier) *carrier {
	for _, c := range carriers {
		if c.row.Status(c.id, c.live.Object, time.Now()).Status == secrets.Synced {
			return c
		}
	}
	return nil
}

// update applies the definition to objects, records failures, and waits until all are synced. Where a project
// has lost the secret meanwhile, there is nothing to bring.
func (r *Registry) update(ctx context.Context, definition *Definition, carriers []*carrier, organization string, how FanOut) Failures {
	for _, c := range carriers {
		if how.Wait {
			if c.watch, c.err = c.WatchWidely(ctx, c.row.Ref()); c.err == nil {
				defer c.watch.Stop()
			}
		}
	}
	r.applyNewest(ctx, definition, carriers, organization)
	r.recordOutcome(ctx, carriers)
	var failed failures
	var group sync.WaitGroup
	for _, c := range carriers {
		wait := func() {
			failed.add(Failure{Project: c.row.Project, Cluster: c.Name(), Err: r.awaitUpdate(ctx, c, how)})
		}
		if r.parallel == 1 {
			wait()
		} else {
			group.Go(wait) // they wait most of the time, and requests are bounded
		}
	}
	group.Wait()
	return failed.all
}

// applyNewest applies what the records say, until they still say so after it was written: the last writer is always
// one who knows the newest.
func (r *Registry) applyNewest(ctx context.Context, definition *Definition, carriers []*carrier, organization string) {
	for pending := carriers; len(pending) > 0; {
		inParallel(r.parallel, pending, func(c *carrier) {
			if c.err == nil {
				c.err = r.applyOne(ctx, definition, c, organization)
			}
		})
		pending = unfinished(pending)
		if len(pending) == 0 {
			return
		}
		rows, current, err := r.recordsNow(ctx, definition.Name)
		var changed []*carrier
		for _, c := range pending {
			row := rows[c.row.Project]
			switch {
			case err != nil:
				c.err = err
			case current == nil || row == nil || row.Phase == secrets.Unassigning:
				c.gone = true
			case reflect.DeepEqual(c.sent, secrets.AssignedObject(current.OrganizationSecret, row.Assignment, organization)):
				c.row, c.renewed = row, true
			default:
				c.row = row
				changed = append(changed, c)
			}
		}
		definition, pending = current, changed
	}
}

func unfinished(carriers []*carrier) []*carrier {
	var left []*carrier
	for _, c := range carriers {
		if c.err == nil && !c.gone && !c.renewed {
			left = append(left, c)
		}
	}
	return left
}

// applyOne applies to one object, which another run may have removed, or made anew.
func (r *Registry) applyOne(ctx context.Context, definition *Definition, c *carrier, organization string) error {
	for {
		c.sent = secrets.AssignedObject(definition.OrganizationSecret, c.row.Assignment, organization)
		if err := r.step(ctx, "update: apply object"); err != nil {
			return err
		}
		applied, err := c.Apply(ctx, c.row.Ref(), c.live, c.sent, r.applying())
		if err == nil {
			c.live = applied
			return nil
		}
		again, getErr := r.carried(ctx, c.place, c.row, organization)
		switch {
		case getErr == nil && again == nil:
			c.gone = true
			return nil
		case getErr == nil && again.GetUID() != c.live.GetUID():
			c.live = again
		default:
			return err
		}
	}
}

// recordsNow reads the rows, by project, and the definition, nil where there is none.
func (r *Registry) recordsNow(ctx context.Context, secret string) (map[string]*Row, *Definition, error) {
	if err := r.step(ctx, "update: read rows again"); err != nil {
		return nil, nil, err
	}
	rows, err := r.Rows(ctx, secret)
	if err != nil {
		return nil, nil, err
	}
	byProject := map[string]*Row{}
	for _, row := range rows {
		byProject[row.Project] = row
	}
	definition, err := r.Definition(ctx, secret)
	if cluster.IsNotFound(err) {
		return byProject, nil, nil
	}
	return byProject, definition, err
}

// recordOutcome writes failures into the rows, and takes earlier ones out. A cluster that could not be asked has not
// failed: what is there is as it was.
func (r *Registry) recordOutcome(ctx context.Context, carriers []*carrier) {
	byProject := map[string][]*carrier{}
	for _, c := range carriers {
		its := c.row.Copies[c.id]
		failed := c.err != nil && !unclear(c.err)
		if failed || c.renewed && (its.Error != "" || c.row.LastError != "") {
			byProject[c.row.Project] = append(byProject[c.row.Project], c)
		}
	}
	var all [][]*carrier
	for _, its := range byProject {
		all = append(all, its)
	}
	inParallel(r.parallel, all, func(its []*carrier) {
		_ = r.record(ctx, its[0].row, nil, func(row *secrets.Assignment) { // should a failure stand there still, the next apply takes it out
			row.Copies = maps.Clone(row.Copies)
			if row.Copies == nil {
				row.Copies = map[string]secrets.Copy{}
			}
			for _, c := range its {
				outcome := row.Copies[c.id]
				outcome.Cluster, outcome.Error = c.Name(), ""
				if c.err != nil {
					outcome.Error = secrets.Cap(explained(c.err))
				} else {
					row.LastError = ""
				}
				row.Copies[c.id] = outcome
			}
		})
	})
}

// awaitUpdate ends the update of one object.
func (r *Registry) awaitUpdate(ctx context.Context, c *carrier, how FanOut) error {
	if c.err != nil || c.gone {
		return c.err
	}
	var requestedAt time.Time
	var err error
	if how.Request || how.Wait && failing(c.live) { // ESO's own retries may be minutes away
		if requestedAt, err = c.RequestSync(ctx, c.row.Ref()); err != nil && !cluster.IsNotFound(err) {
			return err
		}
	}
	if !how.Wait {
		return nil
	}
	if err = r.awaitSync(ctx, c, requestedAt); err != nil && r.revoked(ctx, c.row) {
		return nil
	}
	return err
}

func failing(live *unstructured.Unstructured) bool {
	return live != nil && secrets.ExternalSecretSync(live.Object, time.Time{}, time.Now()).Status == secrets.SyncedError
}

// awaitSync waits until a written object is synced; the error says why it is not.
func (r *Registry) awaitSync(ctx context.Context, c *carrier, requestedAt time.Time) error {
	settled := c.Settle(ctx, c.watch, c.live, func(object map[string]any, now time.Time) secrets.Sync {
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

// revoked tells whether the project has lost the secret, or is losing it.
func (r *Registry) revoked(ctx context.Context, row *Row) bool {
	current, err := r.Row(context.WithoutCancel(ctx), row.Secret, row.Project)
	return cluster.IsNotFound(err) || err == nil && (current.UID() != row.UID() || current.Phase == secrets.Unassigning)
}
