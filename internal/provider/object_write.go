// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// objectWrite is a create or an update: the steps that both have.
type objectWrite struct {
	objectOperation
	before  kindModel         // the state; nil for a create
	uneven  map[string]string // fingerprints of the copies whose edits the plan warned of, by cluster
	isFirst bool              // the state has written none of the objects yet
	stamp   eso.Stamp
}

func (r *objectResource) newWrite(to objectResponse, diags *diag.Diagnostics) *objectWrite {
	return &objectWrite{objectOperation: r.operation(r.kind.newModel(), to, diags)}
}

// readPlan reads the plan and, from the configuration, the write-only arguments.
func (w *objectWrite) readPlan(ctx context.Context, plan tfsdk.Plan, config tfsdk.Config) {
	w.diags.Append(plan.Get(ctx, w.m)...)
	if m, ok := w.m.(hasWriteOnly); ok {
		w.diags.Append(m.readWriteOnly(ctx, config)...)
	}
}

// relevantCopies returns a copy for each relevant cluster; those of unavailable ones have only the reason.
func (w *objectWrite) relevantCopies(ctx context.Context) objectCopies {
	located, err := w.relevant(ctx, w.m, (*cluster.Clusters).LocateProject)
	if err != nil {
		addError(w.diags, err)
		return nil
	}
	if err := w.settings.clusters.CheckDistinct(ctx); err != nil {
		addError(w.diags, err)
		return nil
	}
	var all objectCopies
	for _, c := range located.Clusters {
		all = append(all, newObjectCopy(w.m, c, w.settings))
	}
	for _, name := range slices.Sorted(maps.Keys(located.Unavailable)) {
		unavailable := newObjectCopy(w.m, w.settings.clusters.Named(name), w.settings)
		unavailable.unavailable = located.Unavailable[name]
		all = append(all, unavailable)
	}
	return all
}

// makeStamp makes what marks the objects as those of this state. A state that has written none yet gets an owner id.
func (w *objectWrite) makeStamp() {
	if w.isFirst = w.owner.OwnerID == ""; w.isFirst {
		w.owner.OwnerID = newOwnerID()
	}
	w.stamp = eso.Stamp{OwnerID: w.owner.OwnerID, Owner: w.settings.owner, Declared: w.m.declaredForm()}
}

// write writes the wanted copies. It reports whether at least one was written; otherwise there is nothing to record.
// The function exists deals with an object that is in the way of a create.
func (w *objectWrite) write(ctx context.Context, exists func(context.Context, *objectCopy)) bool {
	wanted := w.all.wanted()
	wanted.each(func(c *objectCopy) {
		c.write(ctx, w.stamp, w.applyOptions(ctx, c), func() { exists(ctx, c) })
	})
	if len(wanted.succeeded()) > 0 {
		return true
	}
	w.all.eachUnavailable(func(err error) { addError(w.diags, err) })
	w.all.flushDiagnostics(w.diags, diag.SeverityError)
	return false
}

// loadPrivate loads what the state knows of its object, and which copies the plan warned of.
func (w *objectWrite) loadPrivate(ctx context.Context, private privateReader) {
	w.loadOwner(ctx, private, w.before)
	uneven, loaded := loadUneven(ctx, private)
	w.uneven = uneven
	w.diags.Append(loaded...)
}

// forgetEdits notes that what was written takes back all edits.
func (w *objectWrite) forgetEdits(ctx context.Context) {
	w.diags.Append(saveEdit(ctx, w.private, false)...)
	w.diags.Append(saveUneven(ctx, w.private, nil)...)
}

// applyOptions returns how to apply what is declared to the live object of a copy.
func (w *objectWrite) applyOptions(ctx context.Context, c *objectCopy) cluster.ApplyOptions {
	if w.before == nil { // a create
		return cluster.ApplyOptions{}
	}
	return cluster.ApplyOptions{
		ForceConflicts: w.m.common().forces(w.settings),
		Adopt:          w.isFirst || c.live != nil && !isWritten(c.live),
		Seen:           w.shown(ctx, c),
	}
}

// shown returns what the plan has shown of a live object: the arguments of the state or, where a warning named what else was edited in
// this cluster, what it was about.
func (w *objectWrite) shown(ctx context.Context, c *objectCopy) map[string]any {
	if warned := w.uneven[c.cluster.Name()]; c.live != nil && warned != "" && warned == c.fingerprint(ctx, w.before) {
		return c.declaredPart(ctx, w.before)
	}
	return c.render(ctx, w.before)
}

// recordPending records what was written, before anything is waited for.
func (w *objectWrite) recordPending(ctx context.Context) {
	w.saveOwnership(ctx)
	w.record(ctx, w.all.wanted(), airm.Pending, false)
}

// writeDependents brings what is kept beside the written objects into line.
func (w *objectWrite) writeDependents(ctx context.Context) {
	w.all.wanted().each(func(c *objectCopy) { c.writeDependents(ctx, w.before) })
}

// awaitSync waits until the written objects are synced.
func (w *objectWrite) awaitSync(ctx context.Context) {
	w.all.wanted().each(func(c *objectCopy) { c.awaitSync(ctx) })
}

// recordOutcome records how the objects stand. One that could not be removed is left to do.
func (w *objectWrite) recordOutcome(ctx context.Context) {
	wanted := w.all.wanted()
	upToDate := wanted.synced() == len(wanted) && wanted.registered() && len(w.all.unwanted().succeeded()) == 0
	w.record(ctx, wanted, wanted.status(), upToDate)
}

// report adds the diagnostics of all copies. No failure of those that were written is more severe than severity; recorded says
// what is in the state.
func (w *objectWrite) report(severity diag.Severity, recorded string) {
	wanted := w.all.wanted()
	if w.m.common().onlyWarns() {
		severity = diag.SeverityWarning
	}
	wanted.eachUnavailable(func(err error) { addFailure(w.diags, severity, err) })
	for _, c := range wanted.succeeded() {
		c.result.report(w.diags, w.m.common(), severity, recorded)
	}
	wanted.flushDiagnostics(w.diags, severity)
	w.all.unwanted().flushDiagnostics(w.diags, diag.SeverityError)
}
