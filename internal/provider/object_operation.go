// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// objectOperation is one create, read, update or delete of an object, in all of its clusters. Its methods, and those of
// objectRead and objectWrite, are the steps.
type objectOperation struct {
	*objectResource
	objectResponse
	m     kindModel // the plan, or the state where there is none
	owner ownership
	all   objectCopies
	lost  map[string]knownCopy // copies that the state has in clusters out of reach
	diags *diag.Diagnostics
}

// objectResponse is where an operation writes what it did or found. A Read needs no identity.
type objectResponse struct {
	state    stateWriter
	identity *tfsdk.ResourceIdentity
	private  privateState
}

// stateWriter is the part of the framework's state that an operation writes.
type stateWriter interface {
	Set(ctx context.Context, model any) diag.Diagnostics
	RemoveResource(ctx context.Context)
}

func (r *objectResource) operation(m kindModel, to objectResponse, diags *diag.Diagnostics) objectOperation {
	return objectOperation{objectResource: r, objectResponse: to, m: m, diags: diags}
}

// loadOwner loads what the state knows of its object.
func (o *objectOperation) loadOwner(ctx context.Context, private privateReader, state kindModel) {
	owner, loaded := loadOwnership(ctx, private, state)
	o.owner = owner
	o.diags.Append(loaded...)
}

// refuseUnknown refuses to write or delete an object that the state no longer identifies.
func (o *objectOperation) refuseUnknown() {
	if o.owner.unknown {
		o.diags.AddError(o.explainUnknown(o.m).text())
	}
}

// refuseAssigned refuses to take over, by an import or a moved block, what an assignment made.
func (o *objectOperation) refuseAssigned() bool {
	for _, c := range o.all.succeeded() {
		if ref := c.m.ref(); airm.Assigns(c.live.Object) {
			o.diags.AddError(fmt.Sprintf("%s is an organization secret's", ref),
				fmt.Sprintf("It belongs to an assignment, which is in the organization's records. Import the assignment instead: airm_secret_assignment with the ID \"%s/%s\".", ref.Name, ref.Project))
			return true
		}
	}
	return false
}

// knownCopy returns a copy that the state knows.
func (o *objectOperation) knownCopy(where *cluster.Cluster, copied knownCopy) *objectCopy {
	c := newObjectCopy(o.m, where, o.settings)
	c.known = &copied
	return c
}

// saveOwnership saves which objects the state has, in private state and in the attribute uids.
func (o *objectOperation) saveOwnership(ctx context.Context) {
	o.remember(o.all)
	o.diags.Append(o.owner.withCopies(ctx, o.all).keep(o.lost).save(ctx, o.private, o.m)...)
}

// record writes model, identity and computed attributes into the state.
func (o *objectOperation) record(ctx context.Context, all objectCopies, status airm.Status, upToDate bool) {
	o.m.common().setComputed(o.m.ref().ID(), status, upToDate)
	for _, c := range all {
		if c.live != nil {
			o.m.compute(c.live.Object)
			break
		}
	}
	o.diags.Append(o.state.Set(ctx, o.m)...)
	o.diags.Append(o.identify(ctx, o.identity, o.m)...)
}

// identify must be called on every path of create, read, update and import: a CLI refuses an answer
// without identity even for a resource that is gone.
func (r *objectResource) identify(ctx context.Context, identity *tfsdk.ResourceIdentity, m kindModel) diag.Diagnostics {
	return setIdentity(ctx, identity, m.ref(), m.only())
}
