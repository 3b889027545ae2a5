// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// openWatches are opened before a write, one in every cluster, and shared by the waits after it. If one cannot be
// opened, the write will say why.
type openWatches []*cluster.Watch

func (w openWatches) stop() {
	for _, watch := range w {
		watch.Stop()
	}
}

// watchIn opens watches of one object in the clusters that hold its project.
func watchIn(ctx context.Context, clusters *cluster.Clusters, ref airm.Ref, only []string) openWatches {
	var opened openWatches
	located, _ := clusters.LocateProject(ctx, ref.Project, only)
	for _, c := range located.Clusters {
		if watch, err := c.Watch(ctx, ref); err == nil {
			opened = append(opened, watch)
		}
	}
	return opened
}

// watchAllNamespaces keeps the watch of every whole cluster open, for an object that is one of many.
func watchAllNamespaces(ctx context.Context, clusters []*cluster.Cluster, ref airm.Ref) openWatches {
	var opened openWatches
	for _, c := range clusters {
		if watch, err := c.WatchAllNamespaces(ctx, ref); err == nil {
			opened = append(opened, watch)
		}
	}
	return opened
}

// placement is what becomes of an assignment in its clusters.
type placement struct {
	m         *commonModel
	what      string // the assignment
	assigned  organization.Assigned
	created   bool // otherwise it was updated
	triggered bool // the user's triggers changed

	results     []waitResult // of the copies
	unrequested []error      // why syncs could not be requested
}

// awaitSync waits in every cluster where the assignment was placed.
func (p *placement) awaitSync(ctx context.Context) {
	wait := func(placed organization.PlacedCopy) (waitResult, error) { return p.awaitCopy(ctx, placed) }
	for _, result := range cluster.Gather(len(p.assigned.Placed), p.assigned.Placed, wait) {
		p.results = append(p.results, result.Value)
		if result.Err != nil {
			p.unrequested = append(p.unrequested, result.Err)
		}
	}
}

// awaitCopy waits in one cluster. The error says why no sync could be requested.
func (p *placement) awaitCopy(ctx context.Context, placed organization.PlacedCopy) (waitResult, error) {
	ref := p.assigned.Row.Ref()
	watch, err := placed.Cluster.Watch(ctx, ref)
	if err != nil {
		sync := eso.Sync{Status: airm.SyncedError, Reason: "The object cannot be watched. " + err.Error()}
		failed := objects.WaitResult{Object: placed.Object, Sync: sync}
		if !p.triggered {
			err = nil
		}
		return waitResult{what: p.what, where: placed.Cluster.Name(), WaitResult: failed}, err
	}
	defer watch.Stop()
	wait := objects.Wait{Cluster: placed.Cluster, Watch: watch, Reader: eso.ExternalSecretSync}
	if p.triggered {
		err = wait.RequestSync(ctx, ref)
	}
	return waitSynced(ctx, wait, p.m, p.what, placed.Object), err
}

// ok reports whether nothing is left to do or to wait for, in any cluster.
func (p *placement) ok() bool {
	pending := slices.ContainsFunc(p.results, func(s waitResult) bool { return !s.ok })
	return !pending && len(p.unrequested) == 0 && len(p.assigned.Failures()) == 0 && len(p.assigned.Waiting()) == 0
}

// completesLater ends the message of what waits for an unavailable cluster.
const completesLater = "\n\nApply again when the cluster is available. Apply then creates the object if the cluster has the project, or removes it if the assignment leaves the cluster out."

// retriesTheRest ends the message of what failed for some of many.
const retriesTheRest = "\n\nThe successful changes are kept. The next apply retries the rest."

func (p *placement) status() airm.Status {
	var statuses []airm.Status
	for _, s := range p.results {
		statuses = append(statuses, s.Sync.Status)
	}
	for range p.assigned.Failures() {
		statuses = append(statuses, airm.Failed)
	}
	for range p.assigned.Waiting() {
		statuses = append(statuses, airm.Pending)
	}
	return airm.Aggregate(statuses)
}

// report adds the diagnostics of what failed. It is an error only if it is one in some cluster and, of a create, none is synced:
// an error taints, and replacing would delete the secret where it works.
func (p *placement) report(diags *diag.Diagnostics, recorded string) {
	for _, err := range p.unrequested {
		addError(diags, err)
	}
	synced := slices.ContainsFunc(p.results, func(s waitResult) bool { return s.ok })
	severity := errorUnless(p.m.onlyWarns() || p.created && synced)
	for _, s := range p.results {
		s.report(diags, p.m, severity, recorded)
	}
	summary := "The assignment is not in every cluster of the project"
	if waiting := p.assigned.Waiting(); len(waiting) > 0 {
		diags.AddWarning(summary+" yet", waiting.String()+completesLater)
	}
	if failed := p.assigned.Failures(); len(failed) > 0 {
		addDiagnostic(diags, errorUnless(p.m.onlyWarns() || p.created), summary, failed.String()+retriesTheRest)
	}
}

// unseenSecrets returns the Secrets whose existence could not be checked.
func unseenSecrets(assigned ...organization.Assigned) []string {
	var all []string
	for _, one := range assigned {
		for _, placed := range one.Placed {
			all = append(all, placed.Unseen)
		}
	}
	return all
}
