// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// objectCopy is the object of a resource in one of its clusters, while something is done with it.
// What goes wrong stays with the copy, so that one cluster does not stop the others.
type objectCopy struct {
	m          kindModel
	settings   *providerSettings
	cluster    *cluster.Cluster
	dependents dependents // nil where it has none

	known  *knownCopy // what the state knows of the copy, nil where it knows none
	wanted bool       // whether the object belongs into the cluster
	// unselected: the namespace is there but is no project at the moment, so the copy is left as it is.
	unselected  bool
	taken       bool // an interrupted create made it, and it is taken up as it is
	live        *unstructured.Unstructured
	earlier     *unstructured.Unstructured // the live object before the write, nil where there was none
	watch       *cluster.Watch
	unavailable error   // the cluster could not be asked
	onlyCluster bool    // there is no other cluster
	needsSync   bool    // ESO has to sync the object again although it may not have changed
	id          *string // what AIRM's agent knows it by, nil until it is needed
	// unregistered: it was created, and could not be registered in AIRM.
	unregistered bool
	needed       bool // others would suffer from its deletion
	result       waitResult
	diags        diag.Diagnostics
}

func newObjectCopy(m kindModel, c *cluster.Cluster, settings *providerSettings) *objectCopy {
	copied := &objectCopy{m: m, settings: settings, cluster: c, wanted: true, onlyCluster: len(settings.clusters.All()) == 1}
	if m, ok := m.(hasDependents); ok {
		copied.dependents = m.dependents(c, settings)
	}
	return copied
}

// objectCopies are the object of a resource in all of its clusters.
type objectCopies []*objectCopy

// each works on those copies at once for which nothing went wrong yet.
func (cs objectCopies) each(work func(*objectCopy)) {
	var open objectCopies
	for _, c := range cs {
		if !c.diags.HasError() && c.unavailable == nil {
			open = append(open, c)
		}
	}
	cluster.ForEach(len(open), open, work)
}

// flushDiagnostics moves the diagnostics of the copies to those of the operation, their errors with that severity, and reports
// whether there are errors.
func (cs objectCopies) flushDiagnostics(diags *diag.Diagnostics, severity diag.Severity) bool {
	for _, c := range cs {
		diags.Append(atMost(severity, c.diags)...)
		c.diags = nil
	}
	return diags.HasError()
}

// succeeded are the copies for which nothing went wrong.
func (cs objectCopies) succeeded() objectCopies {
	var written objectCopies
	for _, c := range cs {
		if !c.diags.HasError() && c.unavailable == nil && c.live != nil {
			written = append(written, c)
		}
	}
	return written
}

// eachUnavailable calls report with the error of each unavailable cluster.
func (cs objectCopies) eachUnavailable(report func(error)) {
	for _, c := range cs {
		if c.unavailable != nil {
			report(c.unavailable)
		}
	}
}

func (cs objectCopies) stop() {
	for _, c := range cs {
		if c.watch != nil {
			c.watch.Stop()
		}
	}
}

// status returns the status of all copies together. One that could not be written has failed, and one
// that is missing is not placed yet.
func (cs objectCopies) status() airm.Status {
	var all []airm.Status
	for _, c := range cs {
		switch {
		case c.live == nil && !c.wanted:
		case errors.Is(c.unavailable, cluster.ErrUnknownConfig): // there was nothing to ask
		case c.unavailable != nil:
			all = append(all, airm.SyncedError)
		case c.diags.HasError():
			all = append(all, airm.Failed)
		case c.live == nil:
			all = append(all, airm.Pending)
		default:
			all = append(all, c.result.Sync.Status)
		}
	}
	return airm.Aggregate(all)
}

// onlyUnknown reports whether nothing could be asked only because Terraform does not know yet how to connect.
func (cs objectCopies) onlyUnknown() bool {
	return !slices.ContainsFunc(cs, func(c *objectCopy) bool {
		return c.unavailable != nil && !errors.Is(c.unavailable, cluster.ErrUnknownConfig)
	})
}

// fail records an error with the copy.
func (c *objectCopy) fail(err error) {
	if err != nil {
		addError(&c.diags, err)
	}
}

// read reads the live object; that it is not there is no error.
func (c *objectCopy) read(ctx context.Context, read readFunc) {
	live, err := read(ctx, c.m.ref())
	switch {
	case cluster.IsNotFound(err):
	case cluster.IsUnanswered(err), cluster.IsUnconfigured(err) && !c.onlyCluster, errors.Is(err, cluster.ErrNoOperator) && !c.onlyCluster:
		c.unavailable = err // the other clusters go on
	case err != nil:
		c.fail(err)
	default:
		c.live = live
	}
}

// readFunc reads an object.
type readFunc func(context.Context, airm.Ref) (*unstructured.Unstructured, error)

// unlessUninstalled returns a read that finds nothing of a copy that the state knows where ESO is not installed any more: the API
// server deletes all objects of a CRD with it. So neither a refresh nor a destroy has to wait until ESO is installed again.
func (c *objectCopy) unlessUninstalled(read readFunc) readFunc {
	return func(ctx context.Context, ref airm.Ref) (*unstructured.Unstructured, error) {
		live, err := read(ctx, ref)
		if c.known == nil || !errors.Is(err, cluster.ErrNoOperator) {
			return live, err
		}
		c.diags.AddWarning(fmt.Sprintf("%s is gone with External Secrets Operator", ref), fmt.Sprintf(
			"Cluster %q no longer serves the API group %s: ESO was uninstalled with its CRDs, which deletes all of their objects. To create the object again, install ESO first. Kubernetes Secrets that belonged to the object may have stayed: delete those that are not needed.",
			c.cluster.Name(), airm.Group))
		return nil, nil
	}
}

// check looks for what would be in the way of a write, before anything is written anywhere.
func (c *objectCopy) check(ctx context.Context) {
	if c.checkTarget(ctx); c.dependents != nil && !c.diags.HasError() {
		c.diags.Append(c.dependents.prepare(ctx, c.live)...)
	}
}

// checkTarget refuses a Kubernetes Secret that ESO would take over.
func (c *objectCopy) checkTarget(ctx context.Context) {
	if c.m.ref().Kind != airm.KindExternalSecret {
		return
	}
	spec := jsonvalue.MapAt(c.render(ctx, c.m), "spec")
	unseen, err := objects.CheckTarget(ctx, c.cluster, objects.Target{ExternalSecret: c.m.ref(), Spec: spec, Live: c.live})
	warnUnseen(&c.diags, unseen)
	var refusal *objects.TargetError
	if errors.As(err, &refusal) {
		text := messageOf(err)
		c.diags.AddAttributeError(path.Root("target"), text.Summary, text.Detail)
		return
	}
	c.fail(err)
}

// render returns the object that a model declares, as it shall be in this cluster, without the marks of its owner.
func (c *objectCopy) render(ctx context.Context, m kindModel) map[string]any {
	var live map[string]any
	if c.live != nil {
		live = c.live.Object
	}
	return c.track(ctx, m, m.render(eso.Stamp{}, c.settings), live)
}

// renderOnto returns the object that is declared, as it shall be in the place of a live one, which is nil for a create.
func (c *objectCopy) renderOnto(ctx context.Context, live map[string]any, stamp eso.Stamp) map[string]any {
	object := c.track(ctx, c.m, c.m.render(stamp, c.settings), live)
	eso.KeepForeignManagedBy(object, live)
	return object
}

// track returns a rendered object with what AIRM's agent knows it by, if it is of a kind that the agent knows.
func (c *objectCopy) track(ctx context.Context, m kindModel, object, live map[string]any) map[string]any {
	if m, ok := m.(trackedModel); ok {
		m.track(object, live, c.trackingID(ctx))
	}
	return object
}

// trackingID returns what AIRM's agent knows the object by, where the provider has set it.
func (c *objectCopy) trackingID(ctx context.Context) string {
	if c.id == nil {
		c.id = ptr.To(c.cluster.TrackingID(ctx, c.m.ref()))
	}
	return *c.id
}

// write creates the object, or applies what is declared to the live one. The function exists deals with one that is in
// the way of a create.
func (c *objectCopy) write(ctx context.Context, stamp eso.Stamp, options cluster.ApplyOptions, exists func()) {
	var err error
	if c.watch, err = c.cluster.Watch(ctx, c.m.ref()); err != nil {
		c.fail(err)
		return
	}
	c.earlier = c.live
	options.Adopt = options.Adopt || c.taken
	write := objects.Write{Cluster: c.cluster, Ref: c.m.ref(), Live: c.live, Options: options,
		Render: func(live map[string]any) map[string]any { return c.renderOnto(ctx, live, stamp) },
		Reclaim: func(_ context.Context, w *objects.Write) error {
			exists()
			if !c.diags.HasError() && c.unavailable == nil {
				w.Live, w.Options.Adopt = c.live, w.Options.Adopt || c.taken
			}
			return nil
		}}
	written, err := write.Do(ctx)
	switch {
	case c.diags.HasError(), c.unavailable != nil: // what is in the way of the create says so
	case err != nil:
		c.fail(err)
	default:
		c.live, c.unregistered = written.Object, written.Unregistered
	}
}

// confirm takes off the mark of a create that has come to its end. Where that fails, the object may be taken for left
// behind by a create that declares the same.
func (c *objectCopy) confirm(ctx context.Context) {
	if c.live == nil {
		return
	}
	if confirmed, err := c.cluster.Confirm(ctx, c.m.ref(), c.live); err == nil {
		c.live = confirmed
	}
}

// writeDependents brings what is kept beside the object into line; before is the state, nil for a create.
func (c *objectCopy) writeDependents(ctx context.Context, before kindModel) {
	if c.dependents == nil {
		return
	}
	needsSync, written := c.dependents.write(ctx, c.live, before)
	c.needsSync = c.needsSync || needsSync
	c.diags.Append(written...)
}

// awaitSync has ESO sync the object, if that is needed, and waits until it is synced.
func (c *objectCopy) awaitSync(ctx context.Context) {
	wait := objects.Wait{Cluster: c.cluster, Watch: c.watch, Reader: c.m.sync}
	if c.needsSync {
		if err := wait.RequestSync(ctx, c.m.ref()); err != nil {
			c.fail(err)
			return
		}
	}
	c.result = waitSynced(ctx, wait, c.m.common(), c.m.ref().String(), c.live)
	c.live = c.result.live(c.live)
}

// checkDelete refuses a deletion that users of the object would suffer from.
func (c *objectCopy) checkDelete(ctx context.Context) {
	if c.live != nil && c.dependents != nil {
		refused := c.dependents.checkDelete(ctx)
		c.needed = refused.HasError()
		c.diags.Append(refused...)
	}
}

// remove deletes the object and waits until it, and the Kubernetes Secret that it owns, are gone.
func (c *objectCopy) remove(ctx context.Context) {
	if c.live == nil {
		return
	}
	if err := (objects.Removal{Cluster: c.cluster, Live: c.live}).Do(ctx); err != nil {
		c.fail(err)
		return
	}
	for _, left := range objects.SecretsLeft(ctx, c.cluster, []*unstructured.Unstructured{c.live}) {
		warnSecretLeft(&c.diags, c.cluster.Name(), left)
	}
	c.live = nil
}
