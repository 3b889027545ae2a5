// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package objects

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// Removal is the removal of an object from one cluster.
type Removal struct {
	Cluster *cluster.Cluster
	Live    *unstructured.Unstructured
	// Request asks for the deletion, nil for just that: it may have to hold a lease meanwhile.
	Request func(context.Context) error
	// OneOfMany: others in other projects are removed at the same time, so that all share one watch of the cluster.
	OneOfMany bool
}

// Do deletes the object in the foreground and waits until it, and the Kubernetes Secret that it owns, are gone. If they do not
// go in time, the error says what they wait for. A Secret that stays although it should have gone with the object is returned
// as left, which is the zero Ref otherwise.
func (r Removal) Do(ctx context.Context) (left airm.Ref, err error) {
	ref := refOf(r.Live)
	open := r.Cluster.Watch
	if r.OneOfMany {
		open = r.Cluster.WatchAllNamespaces
	}
	watch, err := open(ctx, ref)
	if err != nil {
		return left, err
	}
	defer watch.Stop()
	request := r.Request
	if request == nil {
		request = func(ctx context.Context) error { return r.Cluster.Delete(ctx, ref, r.Live.GetUID()) }
	}
	if err := request(ctx); err != nil {
		return left, err
	}
	last, err := watch.Until(ctx, r.Live, func(object *unstructured.Unstructured) (bool, time.Duration) { return object == nil, 0 })
	if err != nil {
		return left, notDeleted(ctx, r.Cluster, last, err)
	}
	return secretLeft(ctx, r.Cluster, r.Live), nil
}

// notDeleted says what an object waits for that did not go before the run had to end.
func notDeleted(ctx context.Context, c *cluster.Cluster, last *unstructured.Unstructured, ended error) error {
	why := "The operation timed out. "
	if errors.Is(ended, context.Canceled) {
		why = "The run was interrupted. "
	}
	return &cluster.Error{Cluster: c.Name(), Summary: fmt.Sprintf("%s is not deleted yet", refOf(last)), Detail: fmt.Sprintf(
		"%sIt still exists in cluster %q. %s It stays in the state. Fix the cause, then destroy again; or raise timeouts.delete.", why, c.Name(), c.ExplainStuckDeletion(ctx, last))}
}
