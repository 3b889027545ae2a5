// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// objectResource is create, read, update and delete of a resource that is one object in the
// cluster, for every kind of object. The resource of a kind embeds it and adds its schema.
type objectResource struct {
	resourceBase
	kind objectKind
}

func newObjectResource(name string, kind objectKind) objectResource {
	return objectResource{
		resourceBase: resourceBase{name: name, newModel: func() planModel { return kind.newModel() }},
		kind:         kind,
	}
}

// Metadata says that the identity may change: the clusters that a resource is narrowed to are a part of it.
func (r *objectResource) Metadata(ctx context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	r.resourceBase.Metadata(ctx, req, resp)
	resp.ResourceBehavior.MutableIdentity = true
}

// locateFunc finds the clusters that hold a project, of those with the names.
type locateFunc func(c *cluster.Clusters, ctx context.Context, project string, names []string) (cluster.ProjectClusters, error)

// relevant are the clusters that the object belongs into: those that hold its project, as find says, or all.
func (r *objectResource) relevant(ctx context.Context, m kindModel, find locateFunc) (cluster.ProjectClusters, error) {
	if project := m.ref().Project; project != "" {
		return find(r.settings.clusters, ctx, project, m.only())
	}
	chosen, err := r.settings.clusters.Select(m.only())
	return cluster.ProjectClusters{Clusters: chosen}, err
}

// Create posts the object in all relevant clusters, records it, and then waits. An error after the
// record taints the resource, so it is one only where no copy is synced and the user did not ask for
// a warning.
func (r *objectResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	diags := &resp.Diagnostics
	create := r.newWrite(objectResponse{&resp.State, resp.Identity, resp.Private}, diags)
	create.readPlan(ctx, req.Plan, req.Config)
	if r.settings.clustersFor(diags); diags.HasError() {
		return
	}
	ctx, cancel := r.timeout(ctx, create.m.common().Timeouts.Create, diags)
	defer cancel()
	if r.validate(create.m, diags) {
		return
	}

	if create.all = create.relevantCopies(ctx); diags.HasError() {
		return
	}
	if create.checkCreate(ctx); diags.HasError() {
		return
	}
	create.makeStamp()
	create.stamp.Unconfirmed = create.stamp.Owner != "" // without an owner nothing is taken up
	defer create.all.stop()
	if !create.write(ctx, r.takeUpExisting) {
		return
	}
	create.recordPending(ctx)
	create.writeDependents(ctx)
	create.awaitSync(ctx)
	create.confirm(ctx)
	create.recordOutcome(ctx)
	create.report(errorUnless(create.all.synced() > 0), "The object was created and is in the state, tainted: the next apply replaces it.")
}

// checkCreate refuses what must not be created, before anything is written anywhere.
func (w *objectWrite) checkCreate(ctx context.Context) {
	w.all.each(func(c *objectCopy) { w.refuseTwice(c) })
	if len(w.all) > 1 { // otherwise the create itself reports it
		w.all.each(func(c *objectCopy) { w.takeUpExisting(ctx, c) })
	}
	w.all.each(func(c *objectCopy) { c.check(ctx) })
	w.all.flushDiagnostics(w.diags, diag.SeverityError)
}

// confirm takes off the mark of a create that has come to its end, after a timeout too, but not after an interrupt.
func (w *objectWrite) confirm(ctx context.Context) {
	if w.stamp.Unconfirmed && ctx.Err() != context.Canceled {
		w.all.each(func(c *objectCopy) { c.confirm(context.WithoutCancel(ctx)) })
	}
}

// Delete removes the object from all clusters and waits until it, and the Kubernetes Secrets that it
// owns, are gone.
func (r *objectResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	diags := &resp.Diagnostics
	m := r.kind.newModel()
	if diags.Append(req.State.Get(ctx, m)...); diags.HasError() {
		return
	}
	destroy := r.operation(m, objectResponse{}, diags)
	destroy.loadOwner(ctx, req.Private, m)
	destroy.refuseUnknown()
	if r.settings.clustersFor(diags); diags.HasError() {
		return
	}
	ctx, cancel := r.timeout(ctx, m.common().Timeouts.Delete, diags)
	defer cancel()

	if destroy.locateDelete(ctx); diags.HasError() {
		return
	}
	destroy.all.each(func(c *objectCopy) { c.read(ctx, c.unlessUninstalled(c.cluster.Get)) })
	if destroy.owner.isNew() {
		if destroy.refuseAssigned() {
			return
		}
		if destroy.all.eachUnavailable(func(err error) { addError(diags, err) }); diags.HasError() {
			return
		}
		found := destroy.all.succeeded()
		kept, sure := destroy.moved(found)
		if !sure {
			diags.AddError(explainAmbiguousMove(m.ref(), found).text())
			return
		}
		destroy.all = slices.DeleteFunc(destroy.all, func(c *objectCopy) bool {
			return c.live != nil && !slices.Contains(kept, c)
		})
	}
	destroy.owner = destroy.owner.learn(destroy.all)
	destroy.all.each(func(c *objectCopy) { destroy.checkDelete(ctx, c) })
	if !destroy.all.anyNeeded() { // otherwise it stays in all clusters
		destroy.all.each(func(c *objectCopy) { c.remove(ctx) })
	}
	destroy.all.eachUnavailable(func(err error) { addError(diags, err) })
	if destroy.all.flushDiagnostics(diags, diag.SeverityError) {
		diags.Append(resp.State.SetAttribute(ctx, path.Root("status"), string(airm.DeleteFailed))...)
		diags.Append(resp.State.SetAttribute(ctx, path.Root("up_to_date"), false)...)
	}
}

// locateDelete finds the copies to delete: those that the state knows.
func (o *objectOperation) locateDelete(ctx context.Context) {
	known, lost := o.known(ctx, o.owner)
	for name, copied := range lost {
		o.diags.AddError(fmt.Sprintf("%s cannot be deleted from cluster %q", o.m.ref(), name), o.explainLost(ctx, name, copied, o.m.ref()))
	}
	if o.diags.HasError() {
		return
	}
	for where, copied := range known {
		o.all = append(o.all, o.knownCopy(where, copied))
	}
	if len(o.all) > 0 {
		return
	}
	// It was moved and not read since: it is everywhere that it may be.
	chosen, err := o.settings.clusters.Select(o.m.only())
	if err != nil {
		addError(o.diags, err)
	}
	for _, where := range chosen {
		o.all = append(o.all, newObjectCopy(o.m, where, o.settings))
	}
}

// checkDelete refuses to delete a copy that is needed, and leaves alone one that is not of this state.
func (o *objectOperation) checkDelete(ctx context.Context, c *objectCopy) {
	switch {
	case c.live == nil:
	case !o.owner.recognizes(ctx, c, c.m):
		c.diags.AddWarning(fmt.Sprintf("%s was not deleted", c.m.ref()), fmt.Sprintf(
			"In cluster %q, the object of this state no longer exists, and another one of the same name was created, which was not deleted. %s", c.cluster.Name(), explainOrigin(c.live)))
		c.live = nil
	case !o.settings.run.use(string(c.live.GetUID()), useDeleting): // the new resource has taken it up
		c.diags.AddWarning(fmt.Sprintf("%s was not deleted", c.m.ref()), fmt.Sprintf(
			"In cluster %q, it is now the object of the resource that replaces this one.", c.cluster.Name()))
		c.live = nil
	default:
		c.checkDelete(ctx)
	}
}

// ImportState takes an id or an identity. Read fills in the rest.
func (r *objectResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ref, clusters, diags := r.importedRef(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("project"), optional(ref.Project))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), ref.Name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("clusters"), stringSet(clusters))...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, ref, clusters)...)
}

// importedRef returns the object that an id or an identity names, and the clusters, if it names some.
func (r *objectResource) importedRef(ctx context.Context, req resource.ImportStateRequest) (airm.Ref, []string, diag.Diagnostics) {
	var clusters []string
	id := req.ID
	if id == "" {
		ref, named, diags := identityRef(ctx, req.Identity)
		if diags.HasError() {
			return ref, nil, diags
		}
		id, clusters = ref.ID(), named
	}
	rest, named, err := eso.SplitClusters(id)
	if named != nil {
		clusters = named
	}
	ref := airm.Ref{}
	if err == nil {
		ref, err = r.kind.parseID(rest)
	}
	if err != nil {
		return ref, nil, diag.Diagnostics{diag.NewErrorDiagnostic("Invalid import ID", capitalized(err.Error()))}
	}
	return ref, clusters, nil
}
