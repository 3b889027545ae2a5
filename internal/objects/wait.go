// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package objects

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// errorSettles is how long a failed synchronization must last to count: ESO tries again after one second, then two, and a
// store or a permission made in the same run may need that long.
const errorSettles = 5 * time.Second

// An event of ESO's, which comes apart from the condition, is looked for so often, with so much time between.
const (
	eventTries = 5
	eventWait  = time.Second
)

// StatusReader returns the status of an object after a sync was requested, at times of its cluster's clock; a zero requestedAt
// means that none was.
type StatusReader func(object map[string]any, requestedAt, now time.Time) eso.Sync

// WaitResult is what a wait has seen.
type WaitResult struct {
	Object *unstructured.Unstructured // the newest seen, nil where it is gone
	Sync   eso.Sync                   // with the cause of a failure in its reason
	Err    error                      // of the context, where the time was over or the run interrupted
	Waited time.Duration
}

// Wait is the wait for one object in one cluster.
type Wait struct {
	Cluster Observed
	// Watch was opened before the write that is waited for.
	Watch  Watch
	Reader StatusReader

	requestedAt time.Time // of the sync, zero if none was requested
}

// Observed is what a wait needs of a *cluster.Cluster.
type Observed interface {
	Name() string
	Now() time.Time
	RequestSync(ctx context.Context, ref airm.Ref) (time.Time, error)
	Cause(ctx context.Context, object *unstructured.Unstructured) (string, error)
	Answered(ctx context.Context, object *unstructured.Unstructured, since time.Time) (bool, error)
	Reason(ctx context.Context, object *unstructured.Unstructured, sync eso.Sync) string
}

// Watch is what a wait needs of a *cluster.Watch.
type Watch interface {
	Until(ctx context.Context, object *unstructured.Unstructured, done cluster.Condition) (*unstructured.Unstructured, error)
}

// RequestSync makes ESO sync the object now. From then on, only what it has done since counts.
func (w *Wait) RequestSync(ctx context.Context, ref airm.Ref) (err error) {
	w.requestedAt, err = w.Cluster.RequestSync(ctx, ref)
	return err
}

// Status returns the status of an object now.
func (w Wait) Status(object *unstructured.Unstructured) eso.Sync {
	return w.Reader(object.Object, w.requestedAt, w.Cluster.Now())
}

// ForSync waits until an object, as it was written or last seen, is synced, has failed for good, or the context ends.
func (w Wait) ForSync(ctx context.Context, object *unstructured.Unstructured) WaitResult {
	w.requestRetry(ctx, object)
	var failing time.Time
	return w.until(ctx, object, func(sync eso.Sync) (bool, time.Duration) {
		if sync.Status != airm.SyncedError {
			failing = time.Time{}
			return sync.Status == airm.Synced, sync.Recheck
		}
		if failing.IsZero() {
			failing = time.Now()
		}
		left := errorSettles - time.Since(failing)
		return left <= 0, left
	})
}

// requestRetry requests a sync of an object that has failed, and that no write has changed since: ESO's own next retry may be minutes
// later. If the request fails, the wait goes on for that retry.
func (w *Wait) requestRetry(ctx context.Context, object *unstructured.Unstructured) {
	if object != nil && w.requestedAt.IsZero() && w.Status(object).Status == airm.SyncedError {
		_ = w.RequestSync(ctx, cluster.RefOf(object))
	}
}

// ForStatus waits until an object has a status, or one that does not change by itself, or the context ends.
func (w Wait) ForStatus(ctx context.Context, object *unstructured.Unstructured, wanted airm.Status) WaitResult {
	return w.until(ctx, object, func(sync eso.Sync) (bool, time.Duration) {
		return !InProgress(sync.Status) || sync.Status == wanted, sync.Recheck
	})
}

// InProgress reports whether a status changes by itself.
func InProgress(status airm.Status) bool { return status == airm.Pending || status == airm.Deleting }

// until waits until done reports so for a status; otherwise done returns after how long to call it again. A deleted object ends the
// wait.
func (w Wait) until(ctx context.Context, object *unstructured.Unstructured, done func(eso.Sync) (bool, time.Duration)) WaitResult {
	var result WaitResult
	started, log := time.Now(), logTransitions(ctx, w.Cluster)
	if object != nil { // the status where time is up before anything else is seen
		result.Sync = w.Status(object)
	}
	result.Object, result.Err = w.Watch.Until(ctx, object, func(object *unstructured.Unstructured) (bool, time.Duration) {
		if object == nil {
			result.Sync = eso.Sync{Status: airm.SyncedError, Reason: "The object was deleted."}
			return true, 0
		}
		result.Sync = w.Status(object)
		log(object, result.Sync.Status)
		return done(result.Sync)
	})
	result.Waited = time.Since(started)
	if result.Object == nil {
		return result
	}
	if result.Err != nil {
		result.Sync = w.Status(result.Object) // only now has it been long enough to ask whether ESO runs
	}
	awaitCause(ctx, w.Cluster, result.Object, result.Sync)
	result.Sync.Reason = w.Cluster.Reason(context.WithoutCancel(ctx), result.Object, result.Sync)
	if text := unanswered(ctx, w.Cluster, result.Object, result.Sync); text != "" {
		result.Sync.Reason = strings.TrimSpace(result.Sync.Reason + " " + text)
	}
	return result
}

// logTransitions returns what logs the statuses of an object, each once.
func logTransitions(ctx context.Context, c Observed) func(object *unstructured.Unstructured, status airm.Status) {
	var before airm.Status
	return func(object *unstructured.Unstructured, status airm.Status) {
		if status == before {
			return
		}
		ref := cluster.RefOf(object)
		slog.DebugContext(ctx, ref.String()+" is "+string(status),
			logging.KeyCluster, c.Name(), logging.KeyKind, ref.Kind, logging.KeyObject, ref.ID(),
			logging.KeyBefore, string(before), logging.KeyStatus, string(status), logging.KeyGeneration, object.GetGeneration())
		before = status
	}
}

// awaitCause waits a moment for the event with the cause of a failure.
func awaitCause(ctx context.Context, c Observed, object *unstructured.Unstructured, sync eso.Sync) {
	if sync.NeedsEvent {
		awaitEvent(ctx, func() bool {
			cause, err := c.Cause(ctx, object)
			return err != nil || cause != ""
		})
	}
}

// unanswered waits a moment for an event that shows that ESO has looked at an object since its last write, and returns what to say
// where none comes. Users who may not list events are told nothing.
func unanswered(ctx context.Context, c Observed, object *unstructured.Unstructured, sync eso.Sync) string {
	since := sync.UnansweredSince
	if since.IsZero() || awaitEvent(ctx, func() bool {
		answered, err := c.Answered(ctx, object, since)
		return err != nil || answered
	}) {
		return ""
	}
	return "This is what ESO reported before the last change, and no event shows that ESO looks at the object. " +
		"Check that ESO runs, and that it serves this namespace and store."
}

// awaitEvent looks a few times, and reports whether an event was found, or the context ended first.
func awaitEvent(ctx context.Context, found func() bool) bool {
	for range eventTries {
		if ctx.Err() != nil || found() {
			return true
		}
		select {
		case <-time.After(eventWait):
		case <-ctx.Done():
		}
	}
	return ctx.Err() != nil
}
