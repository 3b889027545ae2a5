package cluster

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// errorSettles is how long a failed synchronization must last to count: ESO tries again after one
// second, then two, and a store or a permission made in the same run may need that long.
const errorSettles = 5 * time.Second

// The event with the cause of a failure is looked for so often, with so much time between.
const (
	causeTries = 5
	causeWait  = time.Second
)

// WaitResult is what became of a write.
type WaitResult struct {
	Object *unstructured.Unstructured // the newest seen, nil where it is gone
	Sync   eso.Sync                   // with the cause of a failure in its reason
	Err    error                      // of the context, where time was up or the run interrupted
}

// WaitSynced waits until a written object is synced, has failed for good, or the context ends. The
// function look tells how an object stands.
func (c *Cluster) WaitSynced(ctx context.Context, watch *Watch, written *unstructured.Unstructured, look func(object map[string]any, now time.Time) eso.Sync) WaitResult {
	var settled WaitResult
	var failing time.Time
	follow := c.transitions(ctx)
	if written != nil { // it stands so where time is up before anything else is seen
		settled.Sync = look(written.Object, c.Now())
	}
	settled.Object, settled.Err = watch.Until(ctx, written, func(object *unstructured.Unstructured) (bool, time.Duration) {
		if object == nil {
			settled.Sync = eso.Sync{Status: airm.SyncedError, Reason: "The object was deleted by somebody else."}
			return true, 0
		}
		settled.Sync = look(object.Object, c.Now())
		follow(object, settled.Sync.Status)
		if settled.Sync.Status != airm.SyncedError {
			failing = time.Time{}
			return settled.Sync.Status == airm.Synced, settled.Sync.Recheck
		}
		if failing.IsZero() {
			failing = time.Now()
		}
		left := errorSettles - time.Since(failing)
		return left <= 0, left
	})
	if settled.Err != nil && settled.Object != nil {
		settled.Sync = look(settled.Object.Object, c.Now()) // only now has it been long enough to ask whether ESO runs
	}
	if settled.Object != nil {
		c.AwaitCause(ctx, settled.Object, settled.Sync)
		settled.Sync.Reason = c.Reason(context.WithoutCancel(ctx), settled.Object, settled.Sync)
	}
	return settled
}

// transitions returns what logs the statuses of an object, each once.
func (c *Cluster) transitions(ctx context.Context) func(object *unstructured.Unstructured, status airm.Status) {
	var before airm.Status
	return func(object *unstructured.Unstructured, status airm.Status) {
		if status == before {
			return
		}
		ref := airm.Ref{Kind: object.GetKind(), Project: object.GetNamespace(), Name: object.GetName()}
		slog.DebugContext(ctx, ref.String()+" is "+string(status), logging.KeyCluster, c.name, logging.KeyKind, ref.Kind, logging.KeyObject, ref.ID(),
			logging.KeyBefore, string(before), logging.KeyStatus, string(status), logging.KeyGeneration, object.GetGeneration())
		before = status
	}
}

// AwaitCause returns the event with the cause a moment to arrive: ESO sends it apart from the condition.
func (c *Cluster) AwaitCause(ctx context.Context, object *unstructured.Unstructured, sync eso.Sync) {
	for range causeTries {
		if !sync.NeedsEvent || ctx.Err() != nil {
			return
		}
		if cause, err := c.Cause(ctx, object); err != nil || cause != "" {
			return
		}
		select {
		case <-time.After(causeWait):
		case <-ctx.Done():
		}
	}
}

// Reason is why an object is not synced: what its condition says and, where that is generic, the
// newest Warning event.
func (c *Cluster) Reason(ctx context.Context, object *unstructured.Unstructured, sync eso.Sync) string {
	if !sync.NeedsEvent {
		return sync.Reason
	}
	cause, err := c.Cause(ctx, object)
	switch {
	case IsForbidden(err):
		return sync.Reason + " The cause is in the events of the object, which this user may not list."
	case err != nil || cause == "":
		return sync.Reason
	default:
		return strings.TrimSuffix(sync.Reason, ".") + ": " + strings.TrimSuffix(cause, ".") + "."
	}
}
