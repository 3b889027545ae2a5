// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

const defaultTimeout = 5 * time.Minute

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

// relevant are the clusters that the object belongs into: those that hold its project, as find says, or all.
func (r *objectResource) relevant(ctx context.Context, m kindModel, find func(*cluster.Clusters, context.Context, string, []string) (cluster.ProjectClusters, error)) (cluster.ProjectClusters, error) {
	if project := m.ref().Project; project != "" {
		return find(r.settings.clusters, ctx, project, m.only())
	}
	chosen, err := r.settings.clusters.Select(m.only())
	return cluster.ProjectClusters{Clusters: chosen}, err
}

// begin finds the relevant clusters and makes a copy for each; away ones have only the reason.
func (r *objectResource) begin(ctx context.Context, m kindModel, diags *diag.Diagnostics) copies {
	holding, err := r.relevant(ctx, m, (*cluster.Clusters).LocateProject)
	if err != nil {
		addError(diags, err)
		return nil
	}
	if err := r.settings.clusters.CheckDistinct(ctx); err != nil {
		addError(diags, err)
		return nil
	}
	var all copies
	for _, c := range holding.Clusters {
		all = append(all, newObjectCopy(m, c, r.settings))
	}
	for _, name := range slices.Sorted(maps.Keys(holding.Unavailable)) {
		away := newObjectCopy(m, r.settings.clusters.Named(name), r.settings)
		away.unavailable = holding.Unavailable[name]
		all = append(all, away)
	}
	return all
}

// Create posts the object in all relevant clusters, records it, and then waits. An error after the
// record taints the resource, so it is one only where no copy is synced and the user did not ask for
// a warning.
func (r *objectResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	m, config := r.kind.newModel(), r.kind.newModel()
	diags := &resp.Diagnostics
	diags.Append(req.Plan.Get(ctx, m)...)
	diags.Append(req.Config.Get(ctx, config)...)
	if r.settings.clustersFor(diags); diags.HasError() {
		return
	}
	ctx, cancel := r.timeout(ctx, m.common().Timeouts.Create, diags)
	defer cancel()
	if r.validate(m, diags) {
		return
	}
	all := r.begin(ctx, m, diags)
	if diags.HasError() {
		return
	}
	all.each(func(c *objectCopy) { r.refuseTwice(c) })
	if len(all) > 1 { // otherwise the create itself tells
		all.each(func(c *objectCopy) { r.takeUpExisting(ctx, c) })
	}
	all.each(func(c *objectCopy) { c.check(ctx, config) })
	if all.flushDiagnostics(diags, false) {
		return
	}
	owner := ownership{OwnerID: newOwnerID()}
	stamp := r.stamp(m, owner)
	stamp.Unconfirmed = stamp.Owner != "" // without an owner nothing is taken up
	defer all.stop()
	all.each(func(c *objectCopy) {
		c.write(ctx, stamp, cluster.ApplyOptions{}, func() { r.takeUpExisting(ctx, c) })
	})
	if len(all.succeeded()) == 0 {
		all.eachUnavailable(func(err error) { addError(diags, err) })
		all.flushDiagnostics(diags, false)
		return
	}

	r.remember(all)
	diags.Append(owner.locate(ctx, all).save(ctx, resp.Private, m)...)
	record := func(status airm.Status, upToDate bool) {
		now := organization.Health{Status: status, UpToDate: upToDate}
		diags.Append(r.record(ctx, m, all, now, recorded{&resp.State, resp.Identity})...)
	}
	record(airm.Pending, false)
	all.each(func(c *objectCopy) { c.writeDependents(ctx, config) })
	all.each(func(c *objectCopy) { c.settle(ctx, c.taken && c.isFailing()) })
	ok := all.synced()
	if stamp.Unconfirmed && ctx.Err() != context.Canceled {
		all.each(func(c *objectCopy) { c.confirm(context.WithoutCancel(ctx)) })
	}
	record(all.status(), ok == len(all) && all.registered())
	r.report(all, m, ok > 0, diags, "The object was created and is in the state, tainted: the next apply replaces it.")
}

// report tells of all copies what there is to tell. With onlyWarn nothing of it is an error.
func (r *objectResource) report(all copies, m kindModel, onlyWarn bool, diags *diag.Diagnostics, recorded string) {
	onlyWarn = onlyWarn || m.common().onlyWarns()
	all.eachUnavailable(func(err error) {
		var told diag.Diagnostics
		addError(&told, err)
		if onlyWarn {
			told = warnings(told)
		}
		diags.Append(told...)
	})
	for _, c := range all.succeeded() {
		c.result.report(diags, m.common(), onlyWarn, recorded)
	}
	all.flushDiagnostics(diags, onlyWarn)
}

// Delete removes the object from all clusters and waits until it, and the Kubernetes Secrets that it
// owns, are gone.
func (r *objectResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	m := r.kind.newModel()
	diags := &resp.Diagnostics
	diags.Append(req.State.Get(ctx, m)...)
	if diags.HasError() {
		return
	}
	owner, loaded := loadOwnership(ctx, req.Private, m)
	diags.Append(loaded...)
	if owner.unknown {
		diags.AddError(r.explainUnknown(m).text())
	}
	if r.settings.clustersFor(diags); diags.HasError() {
		return
	}
	ctx, cancel := r.timeout(ctx, m.common().Timeouts.Delete, diags)
	defer cancel()

	known, lost := r.known(ctx, owner)
	for name, its := range lost {
		diags.AddError(fmt.Sprintf("%s cannot be deleted from cluster %q", m.ref(), name), r.explainLost(ctx, name, its, m.ref()))
	}
	if diags.HasError() {
		return
	}
	var all copies
	for where, its := range known {
		c := newObjectCopy(m, where, r.settings)
		c.known = &its
		all = append(all, c)
	}
	if len(all) == 0 { // it was moved and not read since: it is everywhere that it may be
		chosen, err := r.settings.clusters.Select(m.only())
		if err != nil {
			addError(diags, err)
			return
		}
		for _, where := range chosen {
			all = append(all, newObjectCopy(m, where, r.settings))
		}
	}
	all.each(func(c *objectCopy) { c.read(ctx, c.cluster.Get) })
	if owner.isNew() && r.refuseAssigned(all, diags) {
		return
	}
	owner = owner.learn(all)
	all.each(func(c *objectCopy) { r.delete(ctx, c, owner) })
	all.eachUnavailable(func(err error) { addError(diags, err) })
	if all.flushDiagnostics(diags, false) {
		diags.Append(resp.State.SetAttribute(ctx, path.Root("status"), string(airm.DeleteFailed))...)
		diags.Append(resp.State.SetAttribute(ctx, path.Root("up_to_date"), false)...)
	}
}

func (r *objectResource) delete(ctx context.Context, c *objectCopy, owner ownership) {
	switch {
	case c.live == nil:
	case !owner.recognizes(ctx, c, c.m):
		c.diags.AddWarning(fmt.Sprintf("%s was not deleted", c.m.ref()), fmt.Sprintf(
			"In cluster %q, the object of this state no longer exists, and another one of the same name was created, which was not deleted. %s", c.cluster.Name(), madeBy(c.live)))
	case !r.settings.run.use(c.live, deleting): // the new resource has taken it up
		c.diags.AddWarning(fmt.Sprintf("%s was not deleted", c.m.ref()), fmt.Sprintf(
			"In cluster %q, it is now the object of the resource that replaces this one.", c.cluster.Name()))
	default:
		c.remove(ctx)
	}
}

// ImportState takes an id or an identity. Read fills in the rest.
func (r *objectResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ref, clusters, diags := r.imported(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("project"), optional(ref.Project))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), ref.Name)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("clusters"), stringSet(clusters))...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, ref, clusters)...)
}

func (r *objectResource) imported(ctx context.Context, req resource.ImportStateRequest) (airm.Ref, []string, diag.Diagnostics) {
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

// stamp is what marks an object as ours.
func (r *objectResource) stamp(m kindModel, owner ownership) eso.Stamp {
	return eso.Stamp{OwnerID: owner.OwnerID, Owner: r.settings.owner, Declared: m.declaredForm()}
}

// recorded is where a resource is recorded.
type recorded struct {
	state    stateWriter
	identity *tfsdk.ResourceIdentity
}

// record writes model, identity and computed attributes into the state.
func (r *objectResource) record(ctx context.Context, m kindModel, all copies, now organization.Health, to recorded) diag.Diagnostics {
	m.common().setComputed(m.ref().ID(), now.Status, now.UpToDate)
	for _, c := range all {
		if c.live != nil {
			m.compute(c.live.Object)
			break
		}
	}
	return append(to.state.Set(ctx, m), r.identify(ctx, to.identity, m)...)
}

// identify must be called on every path of create, read, update and import: a CLI refuses an answer
// without identity even for a resource that is gone.
func (r *objectResource) identify(ctx context.Context, identity *tfsdk.ResourceIdentity, m kindModel) diag.Diagnostics {
	return setIdentity(ctx, identity, m.ref(), m.only())
}
