// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// What is done about an object that exists and is not the one of the state.

// takeUpExisting looks for an object that is in the way of a create. One that an interrupted create of this workspace
// left behind is taken up; any other is refused, so that a create is not done in some clusters only.
func (r *objectResource) takeUpExisting(ctx context.Context, c *objectCopy) {
	c.read(ctx, c.cluster.Get)
	switch {
	case c.live == nil:
	case r.settings.isLeftBehind(c.live, c.render(ctx, c.m)) && r.settings.run.use(string(c.live.GetUID()), useTakenUp):
		c.taken = true
	default:
		c.diags.Append(r.explainExists(ctx, c, r.hintFor(c.live)))
		c.live = nil
	}
}

// refuseTwice refuses to create what another resource of this run creates: neither could know whether it was left behind.
func (r *objectResource) refuseTwice(c *objectCopy) {
	if ref := c.m.ref(); !r.settings.run.create(c.cluster.Name(), ref) {
		c.diags.AddError(fmt.Sprintf("%s is declared twice", ref),
			fmt.Sprintf("Another airm_%s of this configuration has the same name in cluster %q. Remove one of the two, or restrict them to different clusters with clusters.", r.name, c.cluster.Name()))
	}
}

// hintFor chooses how to say what to do about an object that is in the way of a create.
func (r *objectResource) hintFor(live *unstructured.Unstructured) func(id string) string {
	annotations := live.GetAnnotations()
	if r.settings.mayBeLeftBehind(annotations[airm.AnnotationOwnerID], annotations[airm.AnnotationOwner]) && !airm.Assigns(live.Object) {
		return r.leftBehindHint
	}
	return r.importHint
}

// remember notes which objects this resource has.
func (r *objectResource) remember(all objectCopies) {
	for _, c := range all {
		if c.live != nil {
			r.settings.run.use(string(c.live.GetUID()), useManaged)
		}
	}
}

// explainExists says what to do about a live object that is not the one of this state.
func (r *objectResource) explainExists(ctx context.Context, c *objectCopy, hint func(id string) string) diag.Diagnostic {
	if c.isTerminating() {
		return diag.NewErrorDiagnostic(fmt.Sprintf("%s is still being deleted", c.m.ref()),
			c.explainDeletion(ctx)+" It was not changed. Apply again after the deletion.")
	}
	annotations := c.live.GetAnnotations()
	replaced := r.replacedHint(annotations[airm.AnnotationOwnerID], annotations[airm.AnnotationOwner])
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s already exists", c.m.ref()), fmt.Sprintf(
		"Cluster %q already has an object of that name, which was not changed. %s %s%sOtherwise delete it, or choose another name.",
		c.cluster.Name(), explainOrigin(c.live), replaced, hint(r.importID(c.m))))
}

// importID is the id to import the object of a model by.
func (r *objectResource) importID(m kindModel) string { return importIDIn(m.ref(), m.only()) }

// refuseExisting refuses an object that is in the way of a create in a cluster that the project came to.
func (r *objectResource) refuseExisting(ctx context.Context, c *objectCopy) {
	if c.read(ctx, c.cluster.Get); c.live != nil {
		c.diags.Append(r.explainExists(ctx, c, r.importHint))
		c.live = nil
	}
}
