// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"sync"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// LeftSecret is a Kubernetes Secret that stayed, with its value, although ESO made it for a copy that is gone: ESO's owner reference was
// removed from it.
type LeftSecret struct {
	Cluster string
	Secret  airm.Ref
}

// notices are what a run notices beside its work.
type notices struct {
	mu     sync.Mutex
	left   []LeftSecret
	unseen []string
}

// Left returns the Secrets that the removals of this run left behind.
func (n *notices) Left() []LeftSecret {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.left
}

// Unseen returns the target Secrets that the user was not allowed to check before an update made ESO write them.
func (n *notices) Unseen() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.unseen
}

func (n *notices) noteUnseen(secret string) {
	if secret == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.unseen = append(n.unseen, secret)
}

func (n *notices) noteLeft(left LeftSecret) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.left = append(n.left, left)
}
