// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// Update applies what is declared to the very objects of the state, in place, creates them in
// clusters that the project came to, and removes them where they do not belong any more. It may fail
// but never taints: what was not seen synced stays pending and the next apply waits again.
func (r *objectResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	m, before, config := r.kind.newModel(), r.kind.newModel(), r.kind.newModel()
	diags := &resp.Diagnostics
	diags.Append(req.Plan.Get(ctx, m)...)
	diags.Append(req.Config.Get(ctx, config)...)
	diags.Append(req.State.Get(ctx, before)...)
	diags.Append(r.identify(ctx, resp.Identity, m)...)
	if diags.HasError() {
		return
	}
	owner, loaded := loadOwnership(ctx, req.Private, before)
	diags.Append(loaded...)
	if owner.unknown {
		diags.AddError(r.explainUnknown(m).text())
	}
	if r.settings.clustersFor(diags); diags.HasError() || r.validate(m, diags) {
		return
	}
	ctx, cancel := r.timeout(ctx, m.common().Timeouts.Update, diags)
	defer cancel()

	all, lost := r.toUpdate(ctx, m, owner, diags)
	if diags.HasError() {
		return
	}
	all.each(func(c *objectCopy) { r.lookBeforeUpdate(ctx, c) })
	if owner.isNew() && r.refuseAssigned(all, diags) {
		return
	}
	owner = owner.learn(all)
	all.each(func(c *objectCopy) { r.checkUpdate(ctx, c, owner, before, config) })
	if all.flushDiagnostics(diags, false) {
		return
	}
	imported := owner.OwnerID == ""
	if imported {
		owner.OwnerID = newOwnerID()
	}
	stamp := r.stamp(m, owner)
	defer all.stop()
	all.wanted().each(func(c *objectCopy) {
		how := cluster.ApplyOptions{ForceConflicts: m.common().forces(r.settings), Adopt: imported || c.live != nil && !isWritten(c.live), Seen: c.render(ctx, before)}
		c.write(ctx, stamp, how, func() { r.refuseExisting(ctx, c) })
	})
	if len(all.wanted().succeeded()) == 0 {
		all.eachUnavailable(func(err error) { addError(diags, err) })
		all.flushDiagnostics(diags, false)
		return
	}
	diags.Append(saveEdit(ctx, resp.Private, false)...)
	save := func(status airm.Status, upToDate bool) {
		r.remember(all)
		diags.Append(owner.locate(ctx, all).keep(lost).save(ctx, resp.Private, m)...)
		now := organization.Health{Status: status, UpToDate: upToDate}
		diags.Append(r.record(ctx, m, all.wanted(), now, recorded{&resp.State, resp.Identity})...)
	}
	save(airm.Pending, false)
	all.wanted().each(func(c *objectCopy) { c.writeDependents(ctx, config) })
	all.wanted().each(func(c *objectCopy) { c.settle(ctx, r.retries(c, before)) })
	all.unwanted().each(func(c *objectCopy) { c.remove(ctx) })
	all.wanted().each(func(c *objectCopy) {
		if c.dependents != nil && c.result.ok {
			c.diags.Append(c.dependents.notifyUsers(ctx)...)
		}
	})
	save(all.wanted().status(), all.wanted().synced() == len(all.wanted()) && all.wanted().registered() && len(all.unwanted().succeeded()) == 0)
	r.report(all.wanted(), m, false, diags, "The change was written; the next apply waits again.")
	all.unwanted().flushDiagnostics(diags, false)
}

// isWritten reports whether a live object was ever written by this provider. A restored backup was not: its fields are
// those of the tool that restored it.
func isWritten(live *unstructured.Unstructured) bool {
	return slices.ContainsFunc(live.GetManagedFields(), func(entry metav1.ManagedFieldsEntry) bool { return entry.Manager == airm.FieldManager })
}

// toUpdate are the copies of the clusters that the object belongs into, and of those that the state
// knows. Where a cluster cannot be the one that the state knows, nothing is done.
func (r *objectResource) toUpdate(ctx context.Context, m kindModel, owner ownership, diags *diag.Diagnostics) (copies, map[string]placed) {
	all := r.begin(ctx, m, diags)
	known, lost := r.known(ctx, owner)
	for name := range lost {
		if r.settings.clusters.Named(name) != nil {
			diags.AddError(fmt.Sprintf("Cluster %q is not the cluster that the state knows", name), otherCluster(m.ref()))
		}
	}
	if diags.HasError() {
		return nil, nil
	}
	for _, c := range all {
		if its, found := known[c.cluster]; found {
			c.known = &its
			delete(known, c.cluster)
		}
	}
	for where, its := range known {
		c := newObjectCopy(m, where, r.settings)
		c.known = &its
		if r.isExcluded(ctx, c, diags); c.known != nil {
			all = append(all, c)
		}
	}
	return all, lost
}

// lookBeforeUpdate reads the live object of a copy.
func (r *objectResource) lookBeforeUpdate(ctx context.Context, c *objectCopy) {
	if !c.unselected {
		c.read(ctx, c.cluster.Get)
	}
}

// checkUpdate refuses what must not be written.
func (r *objectResource) checkUpdate(ctx context.Context, c *objectCopy, owner ownership, before, config kindModel) {
	ours := c.live != nil && owner.recognizes(ctx, c, before, c.m)
	switch {
	case c.unselected:
	case !c.wanted:
		if !ours {
			c.live = nil // somebody else's
		}
	case c.live == nil && c.known != nil:
		c.diags.AddError(fmt.Sprintf("Cannot update %s: it is gone", c.m.ref()),
			fmt.Sprintf("It was deleted from cluster %q after the refresh. Plan again; the plan creates it again.", c.cluster.Name()))
	case c.live != nil && !ours:
		c.diags.Append(r.explainExists(ctx, c, r.importHint))
	case c.live != nil && c.live.GetDeletionTimestamp() != nil:
		c.diags.AddError(fmt.Sprintf("Cannot update %s: it is being deleted", c.m.ref()),
			c.explainDeletion(ctx)+" After the deletion, the next apply creates it again.")
	default:
		c.check(ctx, config)
	}
}

// retries reports whether ESO has to be asked for a sync: the user's triggers changed, or an unchanged
// object is not synced, since its own retries may be minutes away.
func (r *objectResource) retries(c *objectCopy, before kindModel) bool {
	common := c.m.common()
	if c.earlier == nil {
		return false // new objects are fetched at once
	}
	return !common.SyncTriggers.Equal(before.common().SyncTriggers) || c.earlier.GetGeneration() == c.live.GetGeneration() && c.isFailing()
}

// isFailing reports whether the live object, which is waited for, is not synced.
func (c *objectCopy) isFailing() bool {
	return c.m.common().waits() && c.m.sync(c.live.Object, time.Time{}, c.cluster.Now()).Status != airm.Synced
}
