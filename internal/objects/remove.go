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

// Remove deletes a live object in the foreground and waits until it, and the Kubernetes Secret that it owns, are gone. Where
// they do not go in time, the error says what they wait for. The function request asks for the deletion, nil for just that: it may
// have to hold a lease meanwhile. What stays although it should have gone with the object is returned as left, which is the
// zero Ref otherwise.
func Remove(ctx context.Context, c *cluster.Cluster, live *unstructured.Unstructured, request func(context.Context) error) (left airm.Ref, err error) {
	ref := refOf(live)
	watch, err := c.Watch(ctx, ref)
	if err != nil {
		return left, err
	}
	defer watch.Stop()
	if request == nil {
		request = func(ctx context.Context) error { return c.Delete(ctx, ref, live.GetUID()) }
	}
	if err := request(ctx); err != nil {
		return left, err
	}
	last, err := watch.Until(ctx, live, func(object *unstructured.Unstructured) (bool, time.Duration) { return object == nil, 0 })
	if err != nil {
		return left, notDeleted(ctx, c, last, err)
	}
	return secretLeft(ctx, c, live), nil
}

// notDeleted says what an object waits for that did not go before the run had to end.
func notDeleted(ctx context.Context, c *cluster.Cluster, last *unstructured.Unstructured, ended error) error {
	interrupted := ""
	if errors.Is(ended, context.Canceled) {
		interrupted = "The run was interrupted. "
	}
	return &cluster.Error{Cluster: c.Name(), Summary: fmt.Sprintf("%s is not deleted yet", refOf(last)), Detail: fmt.Sprintf(
		"%sIn cluster %q it is still there. %s It stays in the state. Destroy again once that is settled, or allow more time with timeouts.delete.", interrupted, c.Name(), c.ExplainStuckDeletion(ctx, last))}
}
