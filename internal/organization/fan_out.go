// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// update is an object of an organization secret that is to be updated, with its row.
type update struct {
	target
	row     *Row
	live    *unstructured.Unstructured
	sent    map[string]any
	err     error // why it was not written
	failed  error // the same, or why it is not synced
	local   bool  // it is not synced for a reason of its project alone
	inDoubt bool  // as that reason may be a mistake of the definition: the project cannot use a store, or rejects the Secret
	gone    bool  // the object, or the assignment
	watch   *cluster.Watch
	renewed bool // it was applied and the records still say the same
	// requested: ESO was asked to sync it.
	requested bool
}

func (u *update) assignmentTarget() assignmentTarget { return assignmentTarget{u.target, u.row} }

// rollout brings the copies of an organization secret to its definition.
type rollout struct {
	*updater
	definition   *Definition
	organization string
	how          FanOut
}

func (u *updater) rollout(definition *Definition, organization string, how FanOut) *rollout {
	return &rollout{u, definition, organization, how}
}

// run brings every existing object to the definition, a canary first.
func (o *rollout) run(ctx context.Context) error {
	if err := o.step(ctx, "update: list rows"); err != nil {
		return err
	}
	rows, err := o.Rows(ctx, o.definition.Name)
	if err != nil {
		return err
	}
	found, err := o.findUpdates(ctx, rows)
	if err != nil {
		return err
	}
	o.notices.warn(found.notConfigured(o.definition.Name, o.namespace))
	updates, unavailable := found.updates, found.unavailable
	total, failed := len(updates)+len(unavailable), unavailable
	slog.DebugContext(ctx, "Updating all copies of "+o.definition.Name, logging.KeySecret, o.definition.Name,
		"revision", o.definition.Revision, logging.KeyCount, len(updates), "unavailable", len(unavailable))
	rest := updates
	if o.how.Wait && total > 1 {
		tried, stop := o.tryFirst(ctx, updates)
		for _, one := range tried {
			if one.failed != nil {
				failed = append(failed, one.failure())
			}
		}
		if stop {
			return o.incomplete(stoppedAtCanary(o.definition.Name, len(tried), total, failed), updates, unavailable)
		}
		rest = slices.DeleteFunc(slices.Clone(updates), func(one *update) bool {
			return slices.Contains(tried, one) && (one.renewed || one.failed != nil)
		})
	}
	if failed = append(failed, o.updateAll(ctx, rest)...); len(failed) > 0 {
		return o.incomplete(notUpToDate(o.definition.Name, total, failed), updates, unavailable)
	}
	return nil
}

// incomplete says in an error whether a sync was requested of all copies, if it was to be.
func (o *rollout) incomplete(err *FanOutError, updates []*update, unavailable Failures) *FanOutError {
	missed := func(one *update) bool { return !one.requested && !one.gone }
	err.Unrequested = o.how.Request && (len(unavailable) > 0 || slices.ContainsFunc(updates, missed))
	return err
}

// tryFirst proves a definition before it is applied everywhere: by a copy that has it already, or by a canary, a copy that is synced. If
// a copy has it and is not synced, only that one is tried again: a definition that fails spreads no further, however often it is
// applied. A copy that cannot be written, or fails for a reason of its own project, proves nothing, and the next one is tried; but if
// several projects cannot use a store, or reject the Secret, that is a mistake of the definition. It returns the updates that it tried,
// and whether to stop.
func (o *rollout) tryFirst(ctx context.Context, updates []*update) (tried []*update, stop bool) {
	having, canaries, proven := o.candidates(updates)
	slog.DebugContext(ctx, "Looked for copies to apply the definition to first", logging.KeySecret, o.definition.Name, "proven", proven,
		"have_it_and_fail", len(having), "canaries", len(canaries))
	if proven {
		return nil, false
	}
	if len(having) > 0 {
		o.updateAll(ctx, having)
		tried, canaries = having, slices.DeleteFunc(canaries, func(one *update) bool { return slices.Contains(having, one) })
		if proven, refuted := verdict(having); proven || refuted {
			return tried, !proven
		}
	}
	blocked := map[*cluster.Cluster]bool{} // a webhook does not answer, and each copy would wait for it
	left := false
	for _, canary := range canaries {
		if inDoubt(tried) >= enoughInDoubt {
			return tried, true
		}
		if blocked[canary.Cluster] {
			left = true
			continue
		}
		o.updateAll(ctx, []*update{canary})
		tried = append(tried, canary)
		proven, refuted := verdict([]*update{canary})
		slog.DebugContext(ctx, "Applied the definition to the canary "+canary.row.Project, logging.KeySecret, o.definition.Name,
			logging.KeyProject, canary.row.Project, logging.KeyCluster, canary.Name(), "proven", proven, "refuted", refuted)
		if proven || refuted {
			return tried, refuted
		}
		blocked[canary.Cluster] = cluster.IsUnansweredWebhook(canary.err)
	}
	return tried, left
}

// candidates returns the copies that have this very definition and are not synced, and those that are synced with another one; last
// come those that an earlier run could not write. Proven reports whether some copy is synced with this definition.
func (o *rollout) candidates(updates []*update) (having, canaries []*update, proven bool) {
	var failedBefore []*update
	for _, one := range updates {
		status := eso.ExternalSecretSync(one.live.Object, time.Time{}, o.clock.now())
		desired := eso.AssignedObject(o.definition.OrganizationSecret, one.row.Assignment, o.organization)
		has := len(eso.CopyDrift(desired, one.live.Object)) == 0
		switch {
		case has && status.Status == airm.Synced:
			proven = true
		case has && !status.Local && one.row.Copies[one.id].Error == "":
			having = append(having, one)
		case status.Status == airm.Synced && one.row.Copies[one.id].Error == "" && one.row.LastError == "":
			canaries = append(canaries, one)
		case status.Status == airm.Synced:
			failedBefore = append(failedBefore, one)
		}
	}
	return having, append(canaries, failedBefore...), proven
}

// failsIn returns a project whose copy has this very definition and is not synced, while no other copy is synced with it; empty if
// there is none. Content belongs to the organization secret: an assignment must not bring a definition that fails to more projects.
func (o *rollout) failsIn(ctx context.Context) string {
	rows, err := o.Rows(ctx, o.definition.Name)
	if err != nil {
		return ""
	}
	found, err := o.findUpdates(ctx, rows)
	if err != nil {
		return ""
	}
	having, _, proven := o.candidates(found.updates)
	if proven {
		return ""
	}
	for _, one := range having {
		status := eso.ExternalSecretSync(one.live.Object, time.Time{}, o.clock.now())
		one.inDoubt = status.InDoubt || status.NeedsEvent && o.cannotUseStore(ctx, one)
		if status.Status == airm.SyncedError && (!one.inDoubt || inDoubt(having) >= enoughInDoubt) {
			return one.row.Project
		}
	}
	return ""
}

// enoughInDoubt is how many projects that cannot use a store, or reject the Secret, are taken for a mistake of the definition.
const enoughInDoubt = 3

func inDoubt(tried []*update) (count int) {
	for _, one := range tried {
		if one.inDoubt {
			count++
		}
	}
	return count
}

// verdict reports whether copies prove or refute the definition; they may do neither.
func verdict(tried []*update) (proven, refuted bool) {
	for _, one := range tried {
		switch {
		case one.failed == nil && one.renewed && !one.gone:
			proven = true
		case one.failed != nil && one.err == nil && !one.local:
			refuted = true
		}
	}
	return proven, refuted && !proven
}

func (u *update) failure() Failure {
	return Failure{Project: u.row.Project, Cluster: u.Name(), Err: u.failed}
}

// foundUpdates are the copies of an organization secret.
type foundUpdates struct {
	updates     []*update
	unavailable Failures // copies that stay as they are until the next update
	// unconfigured are the projects with a copy in a cluster that is not configured here, by that cluster.
	unconfigured map[string][]string
}

// findUpdates returns the objects of rows in all clusters. A copy in an unavailable cluster is a failure: it stays as it is until the
// next update. So is one that is being deleted.
func (o *rollout) findUpdates(ctx context.Context, rows []*Row) (foundUpdates, error) {
	found := foundUpdates{unconfigured: map[string][]string{}}
	o.rekey(ctx, rows...)
	states, err := o.clusterStates(ctx, rows, o.definition.Name)
	if err != nil {
		return found, err
	}
	if rows, err = o.relabel(ctx, rows, copiesIn(states, o.organization)); err != nil {
		return found, err
	}
	for _, row := range rows {
		if row.Phase != airm.Unassigning {
			o.findUpdatesOf(ctx, row, states, &found)
		}
	}
	return found, nil
}

// findUpdatesOf adds the objects of one row. A copy whose cluster did not answer may be in any that did not, whatever its name is here.
func (o *rollout) findUpdatesOf(ctx context.Context, row *Row, states []clusterState, found *foundUpdates) {
	clusters, unavailable := map[string]*cluster.Cluster{}, map[string]error{}
	failed := map[string]error{} // by the name of the cluster
	for _, state := range states {
		object, id, err := state.objects[row.Ref()], "", state.err
		if err == nil {
			id, err = o.identify(ctx, state.Cluster, row.Assignment)
		}
		if err != nil {
			unavailable[state.Name()] = err
			if object != nil {
				failed[state.Name()] = err
			}
			continue
		}
		clusters[id] = state.Cluster
		switch {
		case object == nil || !row.IsCopy(object.Object, id, o.organization):
		case object.GetDeletionTimestamp() != nil: // the run that makes it again applies the definition of that time
			failed[state.Name()] = terminating(ctx, state.Cluster, object)
		default:
			found.updates = append(found.updates, &update{target: target{state.Cluster, id}, row: row, live: object})
		}
	}
	located := row.locate(clusters, unavailable)
	for id, err := range located.unavailable {
		failed[located.names[id]] = err
	}
	for name, err := range failed {
		found.unavailable = append(found.unavailable, Failure{Project: row.Project, Cluster: name, Err: err})
	}
	for _, id := range located.unconfigured {
		where := row.describeCluster(id)
		found.unconfigured[where] = append(found.unconfigured[where], row.Project)
	}
}

// notConfigured warns of the copies in clusters that are not configured here; nil if there are none.
func (f foundUpdates) notConfigured(secret, namespace string) *Error {
	if len(f.unconfigured) == 0 {
		return nil
	}
	var lines []string
	for _, where := range slices.Sorted(maps.Keys(f.unconfigured)) {
		projects := slices.Sorted(slices.Values(f.unconfigured[where]))
		lines = append(lines, fmt.Sprintf("- cluster %s: project %s", where, strings.Join(projects, ", ")))
	}
	return refuse(fmt.Sprintf("Organization secret %q was not updated in every cluster", secret),
		"It has copies in clusters that are not in the provider block, and these were not changed:\n%s\n\nConfigure the cluster (under any name, since the UID identifies it), and apply again. If the cluster no longer exists, delete the records of these assignments, ConfigMaps in namespace %q of the home cluster, and apply again.",
		strings.Join(lines, "\n"), namespace)
}

// updateAll applies the definition to objects, records failures, and waits until all are synced. If the project has lost the secret
// meanwhile there is nothing to update.
func (o *rollout) updateAll(ctx context.Context, updates []*update) Failures {
	for _, one := range updates {
		if o.how.Wait {
			if one.watch, one.err = one.WatchAllNamespaces(ctx, one.row.Ref()); one.err == nil {
				defer one.watch.Stop()
			}
		}
	}
	o.applyNewest(ctx, updates)
	o.recordOutcome(ctx, updates)
	limit := len(updates) // they wait most of the time, and requests are bounded
	if o.parallel == 1 {
		limit = 1
	}
	return gatherFailures(limit, updates, func(one *update) Failure {
		one.failed = o.awaitUpdate(ctx, one, o.how)
		return one.failure()
	})
}

// applyNewest applies what the records say, and reads them again, until they have not changed: the last writer always knows the
// newest records.
func (o *rollout) applyNewest(ctx context.Context, updates []*update) {
	definition := o.definition
	for pending := updates; len(pending) > 0; {
		cluster.ForEachIn(o.parallel, pending, func(one *update) *cluster.Cluster { return one.Cluster }, func(one *update) {
			if one.err == nil {
				one.err = o.applyOne(ctx, definition, one)
			}
		})
		pending = unfinished(pending)
		if len(pending) == 0 {
			return
		}
		rows, current, err := o.rereadRecords(ctx, definition.Name)
		var changed []*update
		for _, one := range pending {
			row := rows[one.row.Project]
			switch {
			case err != nil:
				one.err = err
			case current == nil || row == nil || row.Phase == airm.Unassigning:
				one.gone = true
			case reflect.DeepEqual(one.sent, eso.AssignedObject(current.OrganizationSecret, row.Assignment, o.organization)):
				one.row, one.renewed = row, true
			default:
				one.row = row
				changed = append(changed, one)
			}
		}
		definition, pending = current, changed
	}
}

func unfinished(updates []*update) []*update {
	var left []*update
	for _, one := range updates {
		if one.err == nil && !one.gone && !one.renewed {
			left = append(left, one)
		}
	}
	return left
}

// applyOne applies to one object, which another run may have removed, or made anew.
func (o *rollout) applyOne(ctx context.Context, definition *Definition, one *update) error {
	for {
		one.sent = eso.AssignedObject(definition.OrganizationSecret, one.row.Assignment, o.organization)
		if err := o.step(ctx, "update: apply object"); err != nil {
			return err
		}
		applied, unseen, err := o.writer.write(ctx, one.assignmentTarget(), one.live, one.sent, nil)
		o.notices.noteUnseen(unseen)
		if err == nil {
			one.live = applied
			return nil
		}
		again, getErr := one.assignmentTarget().findCopy(ctx, o.organization)
		switch {
		case getErr == nil && again == nil:
			one.gone = true
			return nil
		case getErr == nil && again.GetUID() != one.live.GetUID():
			one.live = again
		default:
			return err
		}
	}
}

// rereadRecords reads the rows, by project, and the definition, nil where there is none.
func (u *updater) rereadRecords(ctx context.Context, secret string) (map[string]*Row, *Definition, error) {
	if err := u.step(ctx, "update: read rows again"); err != nil {
		return nil, nil, err
	}
	rows, definition, err := u.reread(ctx, secret, "")
	u.rekey(ctx, slices.Collect(maps.Values(rows))...)
	return rows, definition, err
}

// recordOutcome writes failures into the rows, and clears earlier ones. That a cluster is unavailable is no failure: the copy is as
// it was.
func (u *updater) recordOutcome(ctx context.Context, updates []*update) {
	byProject := map[string][]*update{}
	for _, one := range updates {
		recorded := one.row.Copies[one.id]
		failed := one.err != nil && !unclear(one.err)
		if failed || one.renewed && (recorded.Error != "" || one.row.LastError != "") {
			byProject[one.row.Project] = append(byProject[one.row.Project], one)
		}
	}
	var all [][]*update
	for _, ofProject := range byProject {
		all = append(all, ofProject)
	}
	cluster.ForEach(u.parallel, all, func(ofProject []*update) {
		_ = u.record(ctx, ofProject[0].row, nil, func(row *airm.Assignment) { // should a failure stand there still, the next apply takes it out
			row.Copies = maps.Clone(row.Copies)
			if row.Copies == nil {
				row.Copies = map[string]airm.Copy{}
			}
			for _, one := range ofProject {
				outcome := row.Copies[one.id]
				outcome.Cluster, outcome.Error, outcome.Refused = one.Name(), "", false
				if one.err != nil {
					outcome.Error = jsonvalue.Sanitize(cluster.ErrorText(one.err))
				} else {
					row.LastError = ""
				}
				row.Copies[one.id] = outcome
			}
		})
	})
}

// awaitUpdate completes the update of one object.
func (u *updater) awaitUpdate(ctx context.Context, one *update, how FanOut) error {
	if one.err != nil || one.gone {
		return one.err
	}
	wait := objects.Wait{Cluster: one.Cluster, Watch: one.watch, Reader: eso.ExternalSecretSync}
	if how.Request {
		if err := wait.RequestSync(ctx, one.row.Ref()); err != nil && !cluster.IsNotFound(err) {
			return err
		}
		one.requested = true
	}
	if !how.Wait {
		return nil
	}
	err := u.awaitSync(ctx, one, wait)
	if err != nil && u.revoked(ctx, one.row) {
		return nil
	}
	return err
}

// awaitSync waits until a written object is synced; the error says why it is not.
func (u *updater) awaitSync(ctx context.Context, one *update, wait objects.Wait) error {
	result := wait.ForSync(ctx, one.live)
	if result.Err == nil && result.Sync.Status == airm.Synced {
		return nil
	}
	one.inDoubt = result.Sync.InDoubt || result.Sync.NeedsEvent && u.cannotUseStore(ctx, one)
	one.local = result.Sync.Local || one.inDoubt
	if result.Sync.Reason != "" {
		return fmt.Errorf("%s: %s", result.Sync.Status, result.Sync.Reason)
	}
	return result.Err
}

// cannotUseStore reports whether a copy is not synced for a reason of its project alone: a store of the organization does not admit
// the project, or a store of its own is missing or not ready.
func (u *updater) cannotUseStore(ctx context.Context, one *update) bool {
	ctx = context.WithoutCancel(ctx)
	if cause, err := one.Cause(ctx, one.live); err == nil && eso.IsStoreDenial(cause) {
		return true
	}
	return slices.ContainsFunc(eso.ProjectStores(one.live.Object), func(ref airm.Ref) bool {
		store, err := one.Get(ctx, ref)
		return cluster.IsNotFound(err) || err == nil && eso.StoreSync(store.Object, u.clock.now()).Status == airm.SyncedError
	})
}

// revoked reports whether the project has lost the secret, or is losing it.
func (u *updater) revoked(ctx context.Context, row *Row) bool {
	current, err := u.Row(context.WithoutCancel(ctx), row.Secret, row.Project)
	return cluster.IsNotFound(err) || err == nil && (current.UID() != row.UID() || current.Phase == airm.Unassigning)
}
