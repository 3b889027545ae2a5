// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// LeftSecret is a Kubernetes Secret that stayed, with its value, although ESO made it for a copy that is gone: ESO's owner reference was
// removed from it.
type LeftSecret struct {
	Cluster string
	Secret  airm.Ref
}

// notices are what a run notices beside its work.
type notices struct {
	mu      sync.Mutex
	removed map[*cluster.Cluster][]*unstructured.Unstructured
	unseen  []string
	warned  []error
}

// Left returns the Secrets that the removals of this run left behind. It asks for them together, once all objects are gone.
func (n *notices) Left(ctx context.Context) []LeftSecret {
	n.mu.Lock()
	defer n.mu.Unlock()
	var left []LeftSecret
	for c, removed := range n.removed {
		for _, secret := range objects.SecretsLeft(context.WithoutCancel(ctx), c, removed) {
			left = append(left, LeftSecret{Cluster: c.Name(), Secret: secret})
		}
	}
	return left
}

// Unseen returns the target Secrets that the user was not allowed to check before an update made ESO write them.
func (n *notices) Unseen() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.unseen
}

// Warnings returns what users are to know of a run although nothing failed.
func (n *notices) Warnings() []error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.warned
}

// warn adds a warning, unless there is none, or it was added before.
func (n *notices) warn(warning *Error) {
	if warning == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.ContainsFunc(n.warned, func(before error) bool { return before.Error() == warning.Error() }) {
		n.warned = append(n.warned, warning)
	}
}

func (n *notices) noteUnseen(secret string) {
	if secret == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.unseen = append(n.unseen, secret)
}

func (n *notices) noteRemoved(c *cluster.Cluster, object *unstructured.Unstructured) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.removed == nil {
		n.removed = map[*cluster.Cluster][]*unstructured.Unstructured{}
	}
	n.removed[c] = append(n.removed[c], object)
}
