// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// syncTarget is an object in a cluster.
type syncTarget struct {
	cluster *cluster.Cluster
	ref     airm.Ref
}

func (p syncTarget) String() string { return fmt.Sprintf("%s in cluster %q", p.ref, p.cluster.Name()) }

// stillWaiting is how often an action that waits says for what.
const stillWaiting = 10 * time.Second

// syncRun requests a sync of objects, waits until ESO has done it, and reports each object when it is synced.
type syncRun struct {
	reader   objects.StatusReader
	progress func(action.InvokeProgressEvent)
	limit    time.Duration

	waiting     map[syncTarget]eso.Sync // the last status of what is not done
	total       int
	lastReason  string   // that was reported while waiting
	failed      []string // also what could not be tried
	interrupted []string
	noEffect    []string
	remarks     []string // on what is synced
}

// run reports each failure once, in one error for all of them.
func (r *syncRun) run(ctx context.Context, targets []syncTarget, diags *diag.Diagnostics) {
	r.waiting, r.total = map[syncTarget]eso.Sync{}, len(targets)+len(r.failed)
	for _, p := range targets {
		r.waiting[p] = eso.Sync{Status: airm.Pending}
	}
	events := make(chan syncEvent)
	for _, p := range targets {
		go func() {
			result := r.sync(ctx, p, events)
			events <- syncEvent{target: p, result: &result}
		}()
	}
	r.follow(events)
	r.report(diags)
}

// syncEvent is the sync of an object as it was seen or, if result is set, what became of it.
type syncEvent struct {
	target syncTarget
	seen   eso.Sync
	result *objects.WaitResult
}

// follow notes what happens to the objects until all are done. It regularly says what is waited for. Only this goroutine
// reads and writes the state of the run.
func (r *syncRun) follow(events <-chan syncEvent) {
	started, ticker := time.Now(), time.NewTicker(stillWaiting)
	defer ticker.Stop()
	for left := len(r.waiting); left > 0; {
		select {
		case event := <-events:
			if event.result == nil {
				r.waiting[event.target] = event.seen
				continue
			}
			r.done(event.target, *event.result)
			left--
		case <-ticker.C:
			r.reportProgress(time.Since(started).Round(time.Second))
		}
	}
}

// sync requests a sync of one object and waits for it. All waits in a cluster share one watch.
func (r *syncRun) sync(ctx context.Context, p syncTarget, events chan<- syncEvent) objects.WaitResult {
	watch, err := p.cluster.WatchAllNamespaces(ctx, p.ref)
	if err != nil {
		return objects.WaitResult{Err: err}
	}
	defer watch.Stop()
	wait := objects.Wait{Cluster: p.cluster, Watch: watch, Reader: func(object map[string]any, requestedAt, now time.Time) eso.Sync {
		sync := r.reader(object, requestedAt, now)
		events <- syncEvent{target: p, seen: sync}
		return sync
	}}
	if err := wait.RequestSync(ctx, p.ref); err != nil {
		return objects.WaitResult{Err: err}
	}
	return wait.ForSync(ctx, nil)
}

// done notes what became of an object.
func (r *syncRun) done(p syncTarget, result objects.WaitResult) {
	delete(r.waiting, p)
	outcome := fmt.Sprintf("%s: %s", p, explainSync(result.Sync))
	switch err := result.Err; {
	case errors.Is(err, context.Canceled):
		r.interrupted = append(r.interrupted, p.String())
	case err != nil && result.Sync.Status == "":
		text := messageOf(err)
		r.failed = append(r.failed, fmt.Sprintf("%s: %s. %s", p, text.Summary, text.Detail))
	case err != nil:
		r.failed = append(r.failed, fmt.Sprintf("%s Timed out after %s; raise timeout.", outcome, r.limit))
	case result.Sync.Status != airm.Synced:
		r.failed = append(r.failed, outcome)
	case result.Sync.NoEffect:
		r.progress(action.InvokeProgressEvent{Message: p.String() + ": no effect"})
		r.noEffect = append(r.noEffect, fmt.Sprintf("%s: %s", p, result.Sync.Reason))
	default:
		r.progress(action.InvokeProgressEvent{Message: fmt.Sprintf("%s: %s", p, result.Sync.Status)})
		if result.Sync.Reason != "" {
			r.remarks = append(r.remarks, fmt.Sprintf("%s: %s", p, result.Sync.Reason))
		}
	}
}

func explainSync(s eso.Sync) string {
	if s.Reason == "" {
		return string(s.Status)
	}
	return fmt.Sprintf("%s: %s", s.Status, s.Reason)
}

// reportProgress says what is waited for and, once, why the first object is still pending. Failures are in the error.
func (r *syncRun) reportProgress(waited time.Duration) {
	var first syncTarget
	for p := range r.waiting {
		if first.cluster == nil || cmp.Compare(p.String(), first.String()) < 0 {
			first = p
		}
	}
	if first.cluster == nil {
		return
	}
	message := fmt.Sprintf("%s: waiting for %s", first, waited)
	if r.total > 1 {
		message = fmt.Sprintf("Waiting for %s: %d of %d synced, %d failed, %d under way, among them %s",
			waited, r.total-len(r.waiting)-len(r.failed)-len(r.interrupted), r.total, len(r.failed), len(r.waiting), first)
	}
	sync := r.waiting[first]
	if reason := first.String() + sync.Reason; sync.Status != airm.SyncedError && reason != r.lastReason {
		r.lastReason = reason
		message += ". " + explainSync(sync)
	}
	r.progress(action.InvokeProgressEvent{Message: message})
}

// report adds the diagnostics of what failed, had no effect or has a remark.
func (r *syncRun) report(diags *diag.Diagnostics) {
	for _, texts := range [][]string{r.failed, r.interrupted, r.noEffect, r.remarks} {
		slices.Sort(texts)
	}
	if len(r.noEffect) > 0 {
		diags.AddWarning("The sync has no effect", strings.Join(r.noEffect, "\n")+"\n\nTo fetch the values again, delete the Kubernetes Secret, or change refresh_policy or refresh_interval.")
	}
	if len(r.remarks) > 0 {
		diags.AddWarning(fmt.Sprintf("%d of %d synced with a remark", len(r.remarks), r.total), strings.Join(r.remarks, "\n"))
	}
	if len(r.failed) > 0 {
		diags.AddError(fmt.Sprintf("%d of %d not synced", len(r.failed), r.total), strings.Join(r.failed, "\n"))
	}
	if len(r.interrupted) > 0 {
		diags.AddError("Interrupted", fmt.Sprintf("The run was interrupted while it waited for %s. External Secrets Operator continues the requested syncs.", strings.Join(r.interrupted, ", ")))
	}
}
