package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// errorSettles is how long a failed synchronization must last to count: ESO tries again after one
// second, then two, and a store or a permission made in the same apply may need that long.
const errorSettles = 5 * time.Second

// settled is what became of a write.
type settled struct {
	ref    secrets.Ref
	where  string // the cluster's name
	object *unstructured.Unstructured
	sync   secrets.Sync
	ok     bool  // nothing is left to wait for
	err    error // why the wait ended early
	waited time.Duration
}

// settle waits until the written object is synced, has failed for good, or time is up. Without
// wait_for_sync it only looks.
func (r *objectResource) settle(ctx context.Context, c *cluster.Cluster, watch *cluster.Watch, m kindModel, written *unstructured.Unstructured, requestedAt time.Time) settled {
	result := settled{ref: m.ref(), where: c.Name(), object: written}
	if !m.common().waits() {
		result.sync, result.ok = m.sync(written.Object, requestedAt, time.Now()), true
		return result
	}
	started := time.Now()
	var failing time.Time
	result.object, result.err = watch.Until(ctx, written, func(object *unstructured.Unstructured) (bool, time.Duration) {
		if object == nil {
			result.sync = secrets.Sync{Status: secrets.SyncedError, Reason: "The object was deleted by somebody else."}
			return true, 0
		}
		now := time.Now()
		result.sync = m.sync(object.Object, requestedAt, now)
		if result.sync.Status != secrets.SyncedError {
			failing = time.Time{}
			return result.sync.Status == secrets.Synced, result.sync.Recheck
		}
		if failing.IsZero() {
			failing = now
		}
		left := errorSettles - now.Sub(failing)
		return left <= 0, left
	})
	result.waited = time.Since(started).Round(time.Second)
	result.ok = result.err == nil && result.sync.Status == secrets.Synced
	if !result.ok && result.object != nil {
		result.sync.Reason = reason(context.WithoutCancel(ctx), c, result.object, result.sync)
	}
	return result
}

// live is the newest object known; the one that was written where nothing newer was seen.
func (s settled) live(written *unstructured.Unstructured) *unstructured.Unstructured {
	if s.object == nil {
		return written
	}
	return s.object
}

// report makes a diagnostic of a wait that did not end well; recorded says what is in the state.
func (s settled) report(diags *diag.Diagnostics, m kindModel, recorded string) {
	if s.ok {
		if s.sync.Reason != "" {
			diags.AddWarning(fmt.Sprintf("%s: %s", s.ref, s.sync.Status), capitalized(s.sync.Reason))
		}
		return
	}
	summary := fmt.Sprintf("%s is not synced", s.ref)
	detail := fmt.Sprintf("Cluster %q, status %s: %s", s.where, s.sync.Status, s.sync.Reason)
	switch {
	case s.err != nil && !errors.Is(s.err, context.DeadlineExceeded):
		diags.AddWarning(summary+" yet", detail+" The run was interrupted while it waited. The object is recorded; the next apply waits again.")
	case m.common().onlyWarns():
		diags.AddWarning(summary, detail+s.timeUp()+" The object is recorded; the next apply waits again.")
	default:
		diags.AddError(summary, detail+s.timeUp()+"\n\n"+recorded+
			" External Secrets Operator goes on trying. Set on_sync_failure = \"warn\" to make this a warning, or wait_for_sync = false not to wait.")
	}
}

func (s settled) timeUp() string {
	if s.err == nil {
		return ""
	}
	return fmt.Sprintf(" That was all within %s (timeouts).", s.waited)
}

// reason is why an object is not synced: what its condition says and, where that is generic, the
// newest Warning event.
func reason(ctx context.Context, c *cluster.Cluster, object *unstructured.Unstructured, sync secrets.Sync) string {
	if !sync.NeedsEvent {
		return sync.Reason
	}
	cause, err := c.Cause(ctx, object)
	switch {
	case cluster.IsForbidden(err):
		return sync.Reason + " The cause is in the events of the object, which this user may not list."
	case err != nil || cause == "":
		return sync.Reason
	default:
		return strings.TrimSuffix(sync.Reason, ".") + ": " + strings.TrimSuffix(cause, ".") + "."
	}
}
