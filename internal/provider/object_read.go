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
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// Read compares what is declared with what is there, in all clusters. Only "not found", said by the
// API servers themselves, removes the resource from the state.
func (r *objectResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	m := r.kind.newModel()
	if resp.Diagnostics.Append(req.State.Get(ctx, m)...); resp.Diagnostics.HasError() {
		return
	}
	r.refresh(ctx, m, refreshed{recorded{&resp.State, resp.Identity}, resp.Private}, &resp.Diagnostics)
}

// refreshed is where a Read puts what it finds; private has the private state from before it, too, and no identity is needed.
type refreshed struct {
	recorded
	private privateState
}

// stateWriter is the part of the framework's state that a Read writes.
type stateWriter interface {
	Set(ctx context.Context, model any) diag.Diagnostics
	RemoveResource(ctx context.Context)
}

func (r *objectResource) refresh(ctx context.Context, m kindModel, to refreshed, diags *diag.Diagnostics) {
	diags.Append(r.identify(ctx, to.identity, m)...)
	imported := m.common().ID.IsNull()
	if r.skipUnconfiguredRead(imported, diags) {
		return
	}
	owner, loaded := loadOwnership(ctx, to.private, m)
	diags.Append(loaded...)
	if owner.unknown {
		diags.AddWarning(r.explainUnknown(m).text())
		return
	}
	if r.settings.clustersFor(diags); diags.HasError() {
		return
	}
	ctx, cancel := r.timeout(ctx, m.common().Timeouts.Read, diags)
	defer cancel()

	all, lost := r.locate(ctx, m, owner, diags)
	if diags.HasError() {
		return
	}
	all.each(func(c *objectCopy) { r.find(ctx, c, owner) })
	owner = owner.learn(all)
	all.each(func(c *objectCopy) { r.leaveOthers(ctx, c, owner) })
	gone := len(all.succeeded()) == 0 && !all.away() && len(lost) == 0
	if all.flushDiagnostics(diags, false) {
		return
	}
	switch {
	case gone && imported, imported && all.away():
		r.explainMissing(ctx, m, all, diags)
		return
	case gone:
		to.state.RemoveResource(ctx)
		return
	}
	all.eachUnavailable(func(err error) { keepState(err, diags) })
	if len(all.succeeded()) == 0 {
		if !all.onlyUnknown() {
			m.common().Status = types.StringValue(string(airm.SyncedError))
		}
		m.common().UpToDate = types.BoolValue(m.common().UpToDate.ValueBool() && len(lost) == 0 && !all.gone())
		if all.gone() || len(lost) > 0 { // there is more to do than to leave an edit alone
			diags.Append(saveEdit(ctx, to.private, false)...)
		}
		if !owner.fromUIDs { // otherwise the owner id is still to be learned
			diags.Append(owner.locate(ctx, all).keep(lost).save(ctx, to.private, m)...)
		}
		diags.Append(to.state.Set(ctx, m)...)
		return
	}
	if owner.isNew() {
		if all = r.takeOver(ctx, m, all, imported, diags); diags.HasError() {
			return
		}
	} else {
		diags.Append(owner.warnIfTaken(m.ref(), all.succeeded()[0].live)...)
	}
	r.remember(all)
	diags.Append(owner.locate(ctx, all).keep(lost).save(ctx, to.private, m)...)
	if hadEdit, read := loadEdit(ctx, to.private); hadEdit {
		m.common().UpToDate = types.BoolValue(true) // but for the edit, which the arguments have taken over
		diags.Append(read...)
	}
	before := m.common().Status.ValueString()
	upToDate, edited := r.compare(ctx, m, all, imported, diags)
	diags.Append(saveEdit(ctx, to.private, edited && len(lost) == 0)...)
	slog.DebugContext(ctx, "Refreshed "+m.ref().String(), logging.KeyKind, m.ref().Kind, logging.KeyObject, m.ref().ID(),
		logging.KeyBefore, before, logging.KeyStatus, string(all.status()), "up_to_date", upToDate && len(lost) == 0)
	now := organization.Health{Status: all.status(), UpToDate: upToDate && len(lost) == 0}
	diags.Append(r.record(ctx, m, all, now, to.recorded)...)
}

// find reads a copy. One of somebody else counts as none.
func (r *objectResource) find(ctx context.Context, c *objectCopy, owner ownership) {
	// Without the project there is nothing in a cluster. Where the state knows no copy at all, it is looked for nevertheless,
	// so that a resource never leaves the state for a namespace that lost its label.
	if imported := c.m.common().ID.IsNull(); c.known == nil && (imported || len(owner.Copies) > 0) {
		r.isWanted(ctx, c)
		if !c.wanted || c.unavailable != nil {
			return
		}
	}
	if c.read(ctx, readOnce(ctx, c.cluster)); c.live == nil {
		r.isWanted(ctx, c)
	} else if c.known != nil {
		r.isSelected(ctx, c)
	}
}

// leaveOthers drops a live object that is not the one of this state: one of somebody else counts as none.
func (r *objectResource) leaveOthers(ctx context.Context, c *objectCopy, owner ownership) {
	switch {
	case c.live == nil || owner.recognizes(ctx, c, c.m):
		return
	case c.known == nil:
		c.diags.AddWarning(fmt.Sprintf("Cluster %q has another %s", c.cluster.Name(), c.m.ref()),
			fmt.Sprintf("This state did not create it, so it is not changed, and the object of this resource cannot be created there while it exists. Delete it, or exclude the cluster with clusters. %s", madeBy(c.live)))
	default:
		c.diags.AddWarning(fmt.Sprintf("%s is no longer the object that this state made", c.m.ref()),
			fmt.Sprintf("In cluster %q, it was deleted, and another object of the same name was created, which is not changed. The plan creates the object again, which fails while the other one exists. Import the other one, or delete it. %s", c.cluster.Name(), madeBy(c.live)))
	}
	c.live = nil
}

// explainMissing says why an import found nothing.
func (r *objectResource) explainMissing(ctx context.Context, m kindModel, all copies, diags *diag.Diagnostics) {
	all.eachUnavailable(func(err error) { addError(diags, err) })
	if _, err := r.relevant(ctx, m, (*cluster.Clusters).LocateProject); err != nil && !diags.HasError() {
		addError(diags, err)
	}
	if diags.HasError() {
		return
	}
	diags.Append(gone{diag.NewErrorDiagnostic(fmt.Sprintf("%s was not found", m.ref()),
		fmt.Sprintf("It does not exist in: %s. Correct the ID, or create the object by applying the configuration without an import.", strings.Join(all.where(), ", ")))})
}

// takeOver returns the copies that an import or a move takes into the state. An import fills the arguments from them.
func (r *objectResource) takeOver(ctx context.Context, m kindModel, all copies, imported bool, diags *diag.Diagnostics) copies {
	if r.refuseAssigned(all, diags) {
		return all
	}
	if imported {
		if r.refuseSeveralProjects(ctx, m, all, diags); diags.HasError() {
			return all
		}
	}
	if all = r.narrowAdopted(m, all, imported, diags); !imported || diags.HasError() {
		return all
	}
	first := all.succeeded()[0]
	m.fillRegistration(first.live.Object, first.trackingID(ctx))
	diags.Append(warnMadeByAIRM(all)...)
	diags.Append(m.fill(ctx, eso.Imported(first.live.Object))...)
	return all
}

// refuseSeveralProjects refuses to import from projects that only share a name.
func (r *objectResource) refuseSeveralProjects(ctx context.Context, m kindModel, all copies, diags *diag.Diagnostics) {
	_, err := r.relevant(ctx, m, (*cluster.Clusters).LocateProjectCached)
	if !errors.Is(err, cluster.ErrSeveralProjects) {
		if err != nil {
			addError(diags, err)
		}
		return
	}
	var ids []string
	for _, name := range all.succeeded().where() {
		ids = append(ids, importIDIn(m.ref(), []string{name}))
	}
	diags.AddError(fmt.Sprintf("%q is the name of different projects", m.ref().Project),
		fmt.Sprintf("The label airm.silogen.ai/project-id differs between the clusters, so these are different projects. Import from each by its own ID:\n\n  %s", strings.Join(ids, "\n  ")))
}

// refuseAssigned refuses to import, or to take over by a moved block, what an assignment made.
func (r *objectResource) refuseAssigned(all copies, diags *diag.Diagnostics) bool {
	for _, c := range all.succeeded() {
		if ref := c.m.ref(); airm.Assigns(c.live.Object) {
			diags.AddError(fmt.Sprintf("%s is an organization secret's", ref),
				fmt.Sprintf("It belongs to an assignment, which is in the organization's records. Import the assignment instead: airm_secret_assignment with the ID \"%s/%s\".", ref.Name, ref.Project))
			return true
		}
	}
	return false
}

// compare reports whether the copies are as declared; those of clusters that are away are as they were.
// Where one is not, the arguments take its live values, so that the plan shows what somebody changed: it is edited where the
// copies are as the arguments say then.
func (r *objectResource) compare(ctx context.Context, m kindModel, all copies, imported bool, diags *diag.Diagnostics) (declared, edited bool) {
	common := m.common()
	before, upToDate := common.UpToDate.ValueBool(), true
	all.each(func(c *objectCopy) {
		if c.live == nil {
			return
		}
		c.result.Sync = m.sync(c.live.Object, time.Time{}, c.cluster.Now())
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
		pending := !before && common.waits() && c.result.Sync.Status != airm.Synced
		c.result.ok = intact && (imported || !pending)
	})
	all.flushDiagnostics(diags, false)
	var filled *objectCopy // the copy whose values the arguments have
	for i, c := range all {
		var differs difference
		if c.live != nil {
			differs = c.differs(ctx, m)
		}
		switch {
		case c.unavailable != nil:
			upToDate = upToDate && before
		case c.unselected:
		case c.live == nil:
			upToDate = upToDate && !c.wanted
		case !c.wanted:
			upToDate = false // it is to be removed there
		case c.isTerminating():
			upToDate = false
		case imported && filled == nil: // the arguments are those of this one
			filled = c
			upToDate = upToDate && c.result.ok && !differs.untracked
		case filled == nil && differs.drift:
			filled, edited = c, true
			diags.Append(m.fill(ctx, c.declaredPart(ctx, m))...)
			upToDate = upToDate && all[:i+1].areAs(ctx, m)
		default:
			upToDate = upToDate && c.result.ok && !differs.any()
		}
	}
	if edited {
		diags.Append(all.warnUneven(ctx, m, filled)...)
	}
	return upToDate && !edited, upToDate && edited
}
