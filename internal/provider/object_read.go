// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// Read compares what is declared with what is there, in all clusters. Only "not found", said by the
// API servers themselves, removes the resource from the state.
func (r *objectResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	m := r.kind.newModel()
	if resp.Diagnostics.Append(req.State.Get(ctx, m)...); resp.Diagnostics.HasError() {
		return
	}
	r.refresh(ctx, m, objectResponse{&resp.State, resp.Identity, resp.Private}, &resp.Diagnostics)
}

// objectRead is a refresh, or the Read of an import.
type objectRead struct {
	objectOperation
	imported bool              // the state has nothing but the import ID
	uneven   map[string]string // fingerprints of the copies whose edits are in no argument, by cluster
}

func (r *objectResource) refresh(ctx context.Context, m kindModel, to objectResponse, diags *diag.Diagnostics) {
	diags.Append(r.identify(ctx, to.identity, m)...)
	read := &objectRead{objectOperation: r.operation(m, to, diags), imported: m.common().isImported()}
	if !read.mayRead(ctx) {
		return
	}
	ctx, cancel := r.timeout(ctx, m.common().Timeouts.Read, diags)
	defer cancel()

	if read.locateRead(ctx); diags.HasError() {
		return
	}
	if read.readCopies(ctx); diags.HasError() {
		return
	}
	switch {
	case read.imported && read.isGone(), read.owner.isNew() && read.all.anyUnavailable(): // that cluster may have the object that is meant
		read.explainMissing(ctx)
		return
	case read.isGone():
		read.state.RemoveResource(ctx)
		return
	}
	read.all.eachUnavailable(func(err error) { keepState(err, diags) })
	if len(read.all.succeeded()) == 0 {
		read.recordUnanswered(ctx)
		return
	}
	if read.checkOwner(ctx); diags.HasError() {
		return
	}
	read.saveOwnership(ctx)
	read.acceptEdit(ctx)
	upToDate, edited := read.compare(ctx)
	read.recordRead(ctx, upToDate, edited)
}

// mayRead reports whether the provider is configured, and the state identifies its object.
func (o *objectRead) mayRead(ctx context.Context) bool {
	if o.skipUnconfiguredRead(o.m, o.diags) {
		return false
	}
	if o.loadOwner(ctx, o.private, o.m); o.owner.unknown {
		o.diags.AddWarning(o.explainUnknown(o.m).text())
		return false
	}
	o.settings.clustersFor(o.diags)
	return !o.diags.HasError()
}

// readCopies reads the live objects, and leaves out those that are not of this state.
func (o *objectRead) readCopies(ctx context.Context) {
	o.all.each(func(c *objectCopy) { o.find(ctx, c) })
	o.owner = o.owner.learn(o.all)
	o.all.each(func(c *objectCopy) { o.leaveOthers(ctx, c) })
	o.all.flushDiagnostics(o.diags, diag.SeverityError)
}

// isGone reports whether all clusters were asked, and none has the object.
func (o *objectRead) isGone() bool {
	return len(o.all.succeeded()) == 0 && !o.all.anyUnavailable() && len(o.lost) == 0
}

// recordUnanswered keeps the state where no cluster that may have the object has answered. What is known to be missing is
// not up to date.
func (o *objectRead) recordUnanswered(ctx context.Context) {
	common := o.m.common()
	if !o.all.onlyUnknown() {
		common.Status = types.StringValue(string(airm.SyncedError))
	}
	missing := len(o.lost) > 0 || o.all.gone()
	common.UpToDate = types.BoolValue(common.UpToDate.ValueBool() && !missing)
	if missing { // there is more to do than to leave an edit alone
		o.diags.Append(saveEdit(ctx, o.private, false)...)
	}
	if !o.owner.fromUIDs { // otherwise the owner id is still to be learned
		o.saveOwnership(ctx)
	}
	o.diags.Append(o.state.Set(ctx, o.m)...)
}

// checkOwner takes over what was imported or moved, and warns where another state manages the object too.
func (o *objectRead) checkOwner(ctx context.Context) {
	if o.owner.isNew() {
		o.takeOver(ctx)
	} else {
		o.diags.Append(o.owner.warnIfTaken(o.m.ref(), o.all.succeeded()[0].live)...)
	}
}

// acceptEdit has the state be up to date where only an edit kept it from that: the arguments have taken it over.
func (o *objectRead) acceptEdit(ctx context.Context) {
	if hadEdit, read := loadEdit(ctx, o.private); hadEdit {
		o.m.common().UpToDate = types.BoolValue(true)
		o.diags.Append(read...)
	}
}

// recordRead records how the object stands. While copies are out of reach it is not up to date.
func (o *objectRead) recordRead(ctx context.Context, upToDate, edited bool) {
	before, status, complete := o.m.common().Status.ValueString(), o.all.status(), len(o.lost) == 0
	o.diags.Append(saveEdit(ctx, o.private, edited && complete)...)
	o.diags.Append(saveUneven(ctx, o.private, o.uneven)...)
	slog.DebugContext(ctx, "Refreshed "+o.m.ref().String(), logging.KeyKind, o.m.ref().Kind, logging.KeyObject, o.m.ref().ID(),
		logging.KeyBefore, before, logging.KeyStatus, string(status), "up_to_date", upToDate && complete)
	o.record(ctx, o.all, status, upToDate && complete)
}

// find reads a copy. An object of another owner counts as none.
func (o *objectRead) find(ctx context.Context, c *objectCopy) {
	// Without the project there is nothing in a cluster. Where the state knows no copy at all, it is looked for nevertheless,
	// so that a resource never leaves the state for a namespace that lost its label.
	if c.known == nil && (o.imported || len(o.owner.Copies) > 0) {
		o.findWanted(ctx, c)
		if !c.wanted || c.unavailable != nil {
			return
		}
	}
	if c.read(ctx, c.unlessUninstalled(readOnce(ctx, c.cluster))); c.live == nil {
		o.findWanted(ctx, c)
	} else if c.known != nil {
		o.checkSelected(ctx, c)
	}
}

// leaveOthers drops a live object that is not the one of this state: one of another owner counts as none.
func (o *objectRead) leaveOthers(ctx context.Context, c *objectCopy) {
	switch {
	case c.live == nil || o.owner.recognizes(ctx, c, c.m):
		return
	case c.known == nil:
		c.diags.AddWarning(fmt.Sprintf("Cluster %q has another %s", c.cluster.Name(), c.m.ref()),
			fmt.Sprintf("This state did not create it, so it is not changed, and the object of this resource cannot be created there while it exists. Delete it, or exclude the cluster with clusters. %s", explainOrigin(c.live)))
	default:
		c.diags.AddWarning(fmt.Sprintf("%s is no longer the object that this state made", c.m.ref()),
			fmt.Sprintf("In cluster %q, it was deleted, and another object of the same name was created, which is not changed. The plan creates the object again, which fails while the other one exists. Import the other one, or delete it. %s", c.cluster.Name(), explainOrigin(c.live)))
	}
	c.live = nil
}

// explainMissing says why an import found nothing.
func (o *objectRead) explainMissing(ctx context.Context) {
	o.all.eachUnavailable(func(err error) { addError(o.diags, err) })
	if _, err := o.relevant(ctx, o.m, (*cluster.Clusters).LocateProject); err != nil && !o.diags.HasError() {
		addError(o.diags, err)
	}
	if o.diags.HasError() {
		return
	}
	o.diags.Append(goneDiagnostic{diag.NewErrorDiagnostic(fmt.Sprintf("%s was not found", o.m.ref()),
		fmt.Sprintf("It does not exist in: %s. Correct the ID, or create the object by applying the configuration without an import.", strings.Join(o.all.where(), ", ")))})
}

// takeOver keeps the copies that an import or a move takes into the state. An import fills the arguments from them.
func (o *objectRead) takeOver(ctx context.Context) {
	if o.refuseAssigned() {
		return
	}
	if o.imported {
		if o.refuseSeveralProjects(ctx); o.diags.HasError() {
			return
		}
	}
	o.all = o.narrowAdopted()
	if !o.imported || o.diags.HasError() {
		return
	}
	first := o.all.succeeded()[0]
	if m, ok := o.m.(trackedModel); ok {
		m.fillRegistration(first.live.Object, first.trackingID(ctx))
	}
	o.diags.Append(warnMadeByAIRM(o.all)...)
	o.diags.Append(o.m.fill(ctx, eso.Imported(first.live.Object))...)
}

// refuseSeveralProjects refuses to import from projects that only share a name.
func (o *objectRead) refuseSeveralProjects(ctx context.Context) {
	_, err := o.relevant(ctx, o.m, (*cluster.Clusters).LocateProjectCached)
	if !errors.Is(err, cluster.ErrSeveralProjects) {
		if err != nil {
			addError(o.diags, err)
		}
		return
	}
	var ids []string
	for _, name := range o.all.succeeded().where() {
		ids = append(ids, importIDIn(o.m.ref(), []string{name}))
	}
	o.diags.AddError(fmt.Sprintf("%q is the name of different projects", o.m.ref().Project),
		fmt.Sprintf("The label airm.silogen.ai/project-id differs between the clusters, so these are different projects. Import from each by its own ID:\n\n  %s", strings.Join(ids, "\n  ")))
}

// compare reports whether the copies are as declared; those in unavailable clusters are as they were.
// Where one is not, the arguments take its live values, so that the plan shows what another user changed: it is edited where the
// copies are as the arguments say then.
func (o *objectRead) compare(ctx context.Context) (declared, edited bool) {
	o.all.each(func(c *objectCopy) { o.observe(ctx, c) })
	o.all.flushDiagnostics(o.diags, diag.SeverityError)
	before, upToDate := o.m.common().UpToDate.ValueBool(), true
	var filled *objectCopy // the copy whose values the arguments have
	for i, c := range o.all {
		var differs difference
		if c.live != nil {
			differs = c.differs(ctx, o.m)
		}
		switch {
		case c.unavailable != nil:
			upToDate = upToDate && before
		case c.unselected:
		case c.live == nil:
			upToDate = upToDate && !c.wanted
		case !c.wanted, c.isTerminating():
			upToDate = false // it is to be removed there, or to be created again
		case o.imported && filled == nil: // the arguments are those of this one
			filled = c
			upToDate = upToDate && c.result.ok && !differs.untracked
		case filled == nil && differs.drift:
			filled, edited = c, true
			o.diags.Append(o.m.fill(ctx, c.declaredPart(ctx, o.m))...)
			upToDate = upToDate && o.all[:i+1].areAs(ctx, o.m)
		default:
			upToDate = upToDate && c.result.ok && !differs.any()
		}
	}
	if edited {
		uneven, warnings := o.all.warnUneven(ctx, o.m, filled)
		o.uneven = uneven
		o.diags.Append(warnings...)
	}
	return upToDate && !edited, upToDate && edited
}

// observe notes how a live object is synced, and whether there is anything to do but for what it declares.
func (o *objectRead) observe(ctx context.Context, c *objectCopy) {
	if c.live == nil {
		return
	}
	common := o.m.common()
	c.result.Sync = o.m.sync(c.live.Object, time.Time{}, c.cluster.Now())
	if c.result.Sync.Status == airm.Deleting && common.Status.ValueString() == string(airm.DeleteFailed) {
		c.result.Sync.Status = airm.DeleteFailed // until it is gone, a deletion that failed has failed
	}
	intact := true
	if c.dependents != nil {
		var read diag.Diagnostics
		intact, read = c.dependents.inSync(ctx, c.live)
		c.diags.Append(read...)
	}
	c.warnTerminating(ctx)
	pending := !common.UpToDate.ValueBool() && common.waits() && c.result.Sync.Status != airm.Synced
	c.result.ok = intact && (o.imported || !pending)
}
