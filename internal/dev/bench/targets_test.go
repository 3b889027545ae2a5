// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"testing"
	"time"
)

func TestAimAtPlan(t *testing.T) {
	results := []measured{
		{wall: 8 * time.Second, cpu: 11 * time.Second, requests: 11}, {wall: 3 * time.Second},
		{wall: 7500 * time.Millisecond, cpu: 9 * time.Second}, {wall: 16 * time.Second},
	}
	b := &bench{}
	b.aimAtPlan(1000, results)
	want := []bool{false, true, false, true} // requests, pass-through, its CPU time, framework
	if len(b.targets) != len(want) {
		t.Fatalf("%d targets, want %d", len(b.targets), len(want))
	}
	for i, met := range want {
		if got := b.targets[i]; got.isMet() != met {
			t.Errorf("%s: %v of %v, met: %t", got.what, got.reached, got.limit, got.isMet())
		}
	}

	alone := &bench{}
	alone.aimAtPlan(1000, results[:2])
	alone.aimAtPlan(100, results)
	if len(alone.targets) != 1 {
		t.Errorf("%d targets, want that of the requests only", len(alone.targets))
	}
}
