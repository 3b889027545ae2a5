package organization

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// update is an object that carries an organization secret, with its row.
type update struct {
	target
	row     *Row
	live    *unstructured.Unstructured
	sent    map[string]any
	err     error // why it was not written
	failed  error // the same, or why it is not synced
	local   bool  // it is not synced for a reason of its project alone
	gone    bool  // the object, or the assignment
	watch   *cluster.Watch
	renewed bool // it was applied and the records still say the same
}

func (c *update) assignmentTarget() assignmentTarget { return assignmentTarget{c.target, c.row} }

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
	total, failed := len(carriers)+len(away), away
	slog.DebugContext(ctx, "Updating all copies of "+definition.Name, logging.KeySecret, definition.Name, "revision", definition.Revision,
		logging.KeyCount, len(carriers), "unavailable", len(away))
	rest := carriers
	if how.Wait && total > 1 {
		tried, stop := r.tryFirst(ctx, definition, carriers, organization, how)
		for _, c := range tried {
			if c.failed != nil {
				failed = append(failed, c.failure())
			}
		}
		if stop {
			return &FanOutError{Secret: definition.Name, Total: total, Failed: failed, Canary: true, Tried: len(tried)}
		}
		rest = slices.DeleteFunc(slices.Clone(carriers), func(c *update) bool { return slices.Contains(tried, c) && (c.renewed || c.failed != nil) })
	}
	if failed = append(failed, r.update(ctx, definition, rest, organization, how)...); len(failed) > 0 {
		return &FanOutError{Secret: definition.Name, Total: total, Failed: failed}
	}
	return nil
}

// tryFirst proves a definition before it goes everywhere: by a copy that has it already, or by a canary, a copy that is
// synced. Where one that has it is not synced, it is tried again, and nothing else: so a definition that fails goes no
// further, however often it is applied. A copy that cannot be written, or fails for a reason of its project alone, proves
// nothing, and another one is tried. It returns those that it tried, and whether to stop.
func (r *Registry) tryFirst(ctx context.Context, definition *Definition, carriers []*update, organization string, how FanOut) (tried []*update, stop bool) {
	having, canaries, proven := r.candidates(definition, carriers, organization)
	slog.DebugContext(ctx, "Looked for copies to try the definition on", logging.KeySecret, definition.Name, "proven", proven,
		"have_it_and_fail", len(having), "canaries", len(canaries))
	if proven {
		return nil, false
	}
	if len(having) > 0 {
		r.update(ctx, definition, having, organization, how)
		tried, canaries = having, slices.DeleteFunc(canaries, func(c *update) bool { return slices.Contains(having, c) })
		if proven, refuted := verdict(having); proven || refuted {
			return tried, !proven
		}
	}
	blocked := map[*cluster.Cluster]bool{} // a webhook is away, and each copy would wait for it
	left := false
	for _, canary := range canaries {
		if blocked[canary.Cluster] {
			left = true
			continue
		}
		r.update(ctx, definition, []*update{canary}, organization, how)
		tried = append(tried, canary)
		proven, refuted := verdict([]*update{canary})
		slog.DebugContext(ctx, "Tried the definition on the canary "+canary.row.Project, logging.KeySecret, definition.Name, logging.KeyProject, canary.row.Project,
			logging.KeyCluster, canary.Name(), "proven", proven, "refuted", refuted)
		if proven || refuted {
			return tried, refuted
		}
		blocked[canary.Cluster] = cluster.IsUnansweredWebhook(canary.err)
	}
	return tried, left
}

// candidates finds the copies that have this very definition and are not synced, and those that are synced with another one, last
// those that an earlier run could not write; proven is whether some copy is synced with this one.
func (r *Registry) candidates(definition *Definition, carriers []*update, organization string) (having, canaries []*update, proven bool) {
	var failedBefore []*update
	for _, c := range carriers {
		status := eso.ExternalSecretSync(c.live.Object, time.Time{}, r.clock.now())
		desired := eso.AssignedObject(definition.OrganizationSecret, c.row.Assignment, organization)
		has := len(eso.CopyDrift(desired, c.live.Object)) == 0
		switch {
		case has && status.Status == airm.Synced:
			proven = true
		case has && !status.Local && c.row.Copies[c.id].Error == "":
			having = append(having, c)
		case status.Status == airm.Synced && c.row.Copies[c.id].Error == "" && c.row.LastError == "":
			canaries = append(canaries, c)
		case status.Status == airm.Synced:
			failedBefore = append(failedBefore, c)
		}
	}
	return having, append(canaries, failedBefore...), proven
}

// verdict tells from copies that were tried whether the definition works, or does not; neither where they say nothing.
func verdict(tried []*update) (proven, refuted bool) {
	for _, c := range tried {
		switch {
		case c.failed == nil && c.renewed && !c.gone:
			proven = true
		case c.failed != nil && c.err == nil && !c.local:
			refuted = true
		}
	}
	return proven, refuted && !proven
}

func (c *update) failure() Failure {
	return Failure{Project: c.row.Project, Cluster: c.Name(), Err: c.failed}
}

// carriers finds the objects of rows in all clusters. What a row has in a cluster that cannot be asked is a failure:
// it stays as it is until the next update. So is one that is being deleted.
func (r *Registry) carriers(ctx context.Context, rows []*Row, secret, organization string) ([]*update, Failures, error) {
	views, err := r.clusterStates(ctx, rows, secret)
	if err != nil {
		return nil, nil, err
	}
	var found []*update
	var away Failures
	for _, row := range rows {
		if row.Phase == airm.Unassigning {
			continue
		}
		for _, v := range views {
			object, id, err := v.objects[row.Ref()], "", v.err
			if object != nil && err == nil {
				id, err = r.identify(ctx, v.Cluster, row.Assignment)
			}
			switch {
			case err != nil && (object != nil || v.mayHave(row)):
				away = append(away, Failure{Project: row.Project, Cluster: v.Name(), Err: err})
			case object == nil || !row.IsCopy(object.Object, id, organization):
			case object.GetDeletionTimestamp() != nil: // who makes it again gives it the definition of then
				away = append(away, Failure{Project: row.Project, Cluster: v.Name(), Err: terminating(ctx, v.Cluster, object)})
			default:
				found = append(found, &update{target: target{v.Cluster, id}, row: row, live: object})
			}
		}
	}
	return found, away, nil
}

// update applies the definition to objects, records failures, and waits until all are synced. Where a project
// has lost the secret meanwhile, there is nothing to bring.
func (r *Registry) update(ctx context.Context, definition *Definition, carriers []*update, organization string, how FanOut) Failures {
	for _, c := range carriers {
		if how.Wait {
			if c.watch, c.err = c.WatchAllNamespaces(ctx, c.row.Ref()); c.err == nil {
				defer c.watch.Stop()
			}
		}
	}
	r.applyNewest(ctx, definition, carriers, organization)
	r.recordOutcome(ctx, carriers)
	limit := len(carriers) // they wait most of the time, and requests are bounded
	if r.parallel == 1 {
		limit = 1
	}
	return gatherFailures(limit, carriers, func(c *update) Failure {
		c.failed = r.awaitUpdate(ctx, c, how)
		return c.failure()
	})
}

// applyNewest applies what the records say, until they still say so after it was written: the last writer is always
// one who knows the newest.
func (r *Registry) applyNewest(ctx context.Context, definition *Definition, carriers []*update, organization string) {
	for pending := carriers; len(pending) > 0; {
		cluster.ForEach(r.parallel, pending, func(c *update) {
			if c.err == nil {
				c.err = r.applyOne(ctx, definition, c, organization)
			}
		})
		pending = unfinished(pending)
		if len(pending) == 0 {
			return
		}
		rows, current, err := r.recordsNow(ctx, definition.Name)
		var changed []*update
		for _, c := range pending {
			row := rows[c.row.Project]
			switch {
			case err != nil:
				c.err = err
			case current == nil || row == nil || row.Phase == airm.Unassigning:
				c.gone = true
			case reflect.DeepEqual(c.sent, eso.AssignedObject(current.OrganizationSecret, row.Assignment, organization)):
				c.row, c.renewed = row, true
			default:
				c.row = row
				changed = append(changed, c)
			}
		}
		definition, pending = current, changed
	}
}

func unfinished(carriers []*update) []*update {
	var left []*update
	for _, c := range carriers {
		if c.err == nil && !c.gone && !c.renewed {
			left = append(left, c)
		}
	}
	return left
}

// applyOne applies to one object, which another run may have removed, or made anew.
func (r *Registry) applyOne(ctx context.Context, definition *Definition, c *update, organization string) error {
	for {
		c.sent = eso.AssignedObject(definition.OrganizationSecret, c.row.Assignment, organization)
		if err := r.step(ctx, "update: apply object"); err != nil {
			return err
		}
		applied, unseen, err := r.write(ctx, c.assignmentTarget(), c.live, c.sent, nil)
		r.noteUnseen(unseen)
		if err == nil {
			c.live = applied
			return nil
		}
		again, getErr := r.carried(ctx, c.target, c.row, organization)
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
func (r *Registry) recordOutcome(ctx context.Context, carriers []*update) {
	byProject := map[string][]*update{}
	for _, c := range carriers {
		its := c.row.Copies[c.id]
		failed := c.err != nil && !unclear(c.err)
		if failed || c.renewed && (its.Error != "" || c.row.LastError != "") {
			byProject[c.row.Project] = append(byProject[c.row.Project], c)
		}
	}
	var all [][]*update
	for _, its := range byProject {
		all = append(all, its)
	}
	cluster.ForEach(r.parallel, all, func(its []*update) {
		_ = r.record(ctx, its[0].row, nil, func(row *airm.Assignment) { // should a failure stand there still, the next apply takes it out
			row.Copies = maps.Clone(row.Copies)
			if row.Copies == nil {
				row.Copies = map[string]airm.Copy{}
			}
			for _, c := range its {
				outcome := row.Copies[c.id]
				outcome.Cluster, outcome.Error = c.Name(), ""
				if c.err != nil {
					outcome.Error = jsonvalue.Sanitize(errorText(c.err))
				} else {
					row.LastError = ""
				}
				row.Copies[c.id] = outcome
			}
		})
	})
}

// awaitUpdate ends the update of one object.
func (r *Registry) awaitUpdate(ctx context.Context, c *update, how FanOut) error {
	if c.err != nil || c.gone {
		return c.err
	}
	var requestedAt time.Time
	var err error
	if how.Request || how.Wait && r.failing(c.live) { // ESO's own retries may be minutes away
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

func (r *Registry) failing(live *unstructured.Unstructured) bool {
	return live != nil && eso.ExternalSecretSync(live.Object, time.Time{}, r.clock.now()).Status == airm.SyncedError
}

// awaitSync waits until a written object is synced; the error says why it is not.
func (r *Registry) awaitSync(ctx context.Context, c *update, requestedAt time.Time) error {
	settled := c.WaitSynced(ctx, c.watch, c.live, func(object map[string]any, now time.Time) eso.Sync {
		return eso.ExternalSecretSync(object, requestedAt, now)
	})
	if settled.Err == nil && settled.Sync.Status == airm.Synced {
		return nil
	}
	c.local = settled.Sync.Local || settled.Sync.NeedsEvent && r.ownStoreFails(ctx, c)
	if settled.Sync.Reason != "" {
		return fmt.Errorf("%s: %s", settled.Sync.Status, settled.Sync.Reason)
	}
	return settled.Err
}

// ownStoreFails reports whether a copy cannot fetch because the store of its own project is not there, or not ready.
func (r *Registry) ownStoreFails(ctx context.Context, c *update) bool {
	ref, namespaced := eso.ProjectStore(c.live.Object)
	if !namespaced {
		return false
	}
	store, err := c.Get(context.WithoutCancel(ctx), ref)
	if cluster.IsNotFound(err) {
		return true
	}
	return err == nil && eso.StoreSync(store.Object, r.clock.now()).Status == airm.SyncedError
}

// revoked reports whether the project has lost the secret, or is losing it.
func (r *Registry) revoked(ctx context.Context, row *Row) bool {
	current, err := r.Row(context.WithoutCancel(ctx), row.Secret, row.Project)
	return cluster.IsNotFound(err) || err == nil && (current.UID() != row.UID() || current.Phase == airm.Unassigning)
}
