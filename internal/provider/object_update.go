// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// Update applies what is declared to the very objects of the state, in place, creates them in
// clusters that the project came to, and removes them where they do not belong any more. It may fail
// but never taints: what was not seen synced stays pending and the next apply waits again.
func (r *objectResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	diags := &resp.Diagnostics
	update := r.newWrite(objectResponse{&resp.State, resp.Identity, resp.Private}, diags)
	update.before = r.kind.newModel()
	update.readPlan(ctx, req.Plan, req.Config)
	diags.Append(req.State.Get(ctx, update.before)...)
	diags.Append(r.identify(ctx, resp.Identity, update.m)...)
	if diags.HasError() {
		return
	}
	update.loadPrivate(ctx, req.Private)
	update.refuseUnknown()
	if r.settings.clustersFor(diags); diags.HasError() || r.validate(update.m, diags) {
		return
	}
	ctx, cancel := r.timeout(ctx, update.m.common().Timeouts.Update, diags)
	defer cancel()

	if update.locateUpdate(ctx); diags.HasError() {
		return
	}
	if update.checkUpdate(ctx); diags.HasError() {
		return
	}
	update.makeStamp()
	defer update.all.stop()
	if !update.write(ctx, r.refuseExisting) {
		return
	}
	update.forgetEdits(ctx)
	update.recordPending(ctx)
	update.writeDependents(ctx)
	update.trigger()
	update.awaitSync(ctx)
	update.checkTriggers()
	update.all.unwanted().each(func(c *objectCopy) {
		if c.checkDelete(ctx); !c.needed {
			c.remove(ctx)
		}
	})
	update.notifyUsers(ctx)
	update.saveOwnership(ctx) // without what was removed
	update.recordOutcome(ctx)
	update.report(diag.SeverityError, "The change was written; the next apply waits again.")
}

// locateUpdate finds the copies of the clusters that the object belongs into, and of those that the state knows. Where a
// cluster cannot be the one that the state knows, nothing is done.
func (w *objectWrite) locateUpdate(ctx context.Context) {
	all := w.relevantCopies(ctx)
	known, lost := w.known(ctx, w.owner)
	for name := range lost {
		if w.settings.clusters.Named(name) != nil {
			w.diags.AddError(fmt.Sprintf("Cluster %q is not the cluster that the state knows", name), otherCluster(w.m.ref()))
		}
	}
	if w.diags.HasError() {
		return
	}
	for _, c := range all {
		if copied, found := known[c.cluster]; found {
			c.known = &copied
			delete(known, c.cluster)
		}
	}
	for where, copied := range known {
		c := w.knownCopy(where, copied)
		if w.excludeCopy(ctx, c, w.diags); c.known != nil {
			all = append(all, c)
		}
	}
	w.all, w.lost = all, lost
}

// checkUpdate reads the live objects, and refuses what must not be written, before anything is written anywhere.
func (w *objectWrite) checkUpdate(ctx context.Context) {
	w.all.each(func(c *objectCopy) {
		if !c.unselected {
			c.read(ctx, c.cluster.Get)
		}
	})
	if w.owner.isNew() && w.refuseAssigned() {
		return
	}
	w.owner = w.owner.learn(w.all)
	w.all.each(func(c *objectCopy) { w.checkCopy(ctx, c) })
	w.all.flushDiagnostics(w.diags, diag.SeverityError)
}

// checkCopy refuses a copy that must not be written.
func (w *objectWrite) checkCopy(ctx context.Context, c *objectCopy) {
	ours := c.live != nil && w.owner.recognizes(ctx, c, w.before, w.m)
	switch {
	case c.unselected:
	case !c.wanted:
		if !ours {
			c.live = nil // of another owner
		}
	case c.live == nil && c.known != nil:
		c.diags.AddError(fmt.Sprintf("Cannot update %s: it is gone", c.m.ref()),
			fmt.Sprintf("It was deleted from cluster %q after the refresh. Plan again; the plan creates it again.", c.cluster.Name()))
	case c.live != nil && !ours:
		c.diags.Append(w.explainExists(ctx, c, w.importHint))
	case c.live != nil && c.live.GetDeletionTimestamp() != nil:
		c.diags.AddError(fmt.Sprintf("Cannot update %s: it is being deleted", c.m.ref()),
			c.explainDeletion(ctx)+" After the deletion, the next apply creates it again.")
	default:
		c.check(ctx)
	}
}

// isWritten reports whether a live object was ever written by this provider. A restored backup was not: its fields are
// those of the tool that restored it.
func isWritten(live *unstructured.Unstructured) bool {
	return slices.ContainsFunc(live.GetManagedFields(), func(entry metav1.ManagedFieldsEntry) bool {
		return entry.Manager == airm.FieldManager
	})
}

// trigger has ESO sync the objects again if the user's triggers changed. ESO syncs new objects at once anyway.
func (w *objectWrite) trigger() {
	triggered := w.m.common().requestsSync(w.before.common())
	for _, c := range w.all.wanted() {
		c.needsSync = c.needsSync || triggered && c.earlier != nil
	}
}

// checkTriggers keeps the triggers of the state if ESO could not be asked to sync a copy that existed before.
func (w *objectWrite) checkTriggers() {
	missed := func(c *objectCopy) bool {
		return (c.known != nil || c.earlier != nil) && (c.unavailable != nil || c.diags.HasError())
	}
	if w.m.common().requestsSync(w.before.common()) && slices.ContainsFunc(w.all.wanted(), missed) {
		w.m.common().keepTriggers(w.before.common(), w.diags)
	}
}

// notifyUsers lets the users of the updated objects know.
func (w *objectWrite) notifyUsers(ctx context.Context) {
	w.all.wanted().each(func(c *objectCopy) {
		if c.dependents != nil && c.result.ok {
			c.diags.Append(c.dependents.notifyUsers(ctx)...)
		}
	})
}
