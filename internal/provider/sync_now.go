package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// place is an object in a cluster.
type place struct {
	cluster *cluster.Cluster
	ref     secrets.Ref
}

func (p place) String() string { return fmt.Sprintf("%s in cluster %q", p.ref, p.cluster.Name()) }

// lookNow tells how the synchronization of an ExternalSecret stands.
func lookNow(object map[string]any) secrets.Sync { return lookAtSecret(object, time.Now()) }

// syncNow has ESO process objects now, waits until it has, and tells of each when it is done. What did
// not become Synced is one error that names them all.
func syncNow(ctx context.Context, places []place, look func(object map[string]any, requestedAt, now time.Time) secrets.Sync,
	progress func(action.InvokeProgressEvent), diags *diag.Diagnostics) {
	var mu sync.Mutex
	var group sync.WaitGroup
	var failed []string
	for _, p := range places {
		group.Go(func() {
			outcome, ok := p.sync(ctx, look)
			mu.Lock()
			defer mu.Unlock()
			progress(action.InvokeProgressEvent{Message: outcome})
			if !ok {
				failed = append(failed, outcome)
			}
		})
	}
	group.Wait()
	if len(failed) > 0 {
		slices.Sort(failed)
		diags.AddError(fmt.Sprintf("%d of %d not synced", len(failed), len(places)), strings.Join(failed, "\n"))
	}
}

// sync requests a sync of one object and waits for it. All waits in a cluster share one watch.
func (p place) sync(ctx context.Context, look func(object map[string]any, requestedAt, now time.Time) secrets.Sync) (outcome string, ok bool) {
	tell := func(err error) string { return fmt.Sprintf("%s: %s", p, explained(err)) }
	watch, err := p.cluster.WatchWidely(ctx, p.ref)
	if err != nil {
		return tell(err), false
	}
	defer watch.Stop()
	requestedAt, err := p.cluster.RequestSync(ctx, p.ref)
	if err != nil {
		return tell(err), false
	}
	settled := p.cluster.Settle(ctx, watch, nil, func(object map[string]any, now time.Time) secrets.Sync {
		return look(object, requestedAt, now)
	})
	outcome = fmt.Sprintf("%s: %s", p, settled.Sync.Status)
	if settled.Sync.Reason != "" {
		outcome += ": " + settled.Sync.Reason
	}
	if settled.Err != nil {
		outcome += " Time was up before it was done; allow more with timeout."
	}
	return outcome, settled.Err == nil && settled.Sync.Status == secrets.Synced
}
