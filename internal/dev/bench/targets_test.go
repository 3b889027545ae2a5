// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"slices"
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
	want := []bool{true, false, false, true} // pass-through, its CPU time, requests, framework
	if len(b.targets) != len(want) {
		t.Fatalf("%d targets, want %d", len(b.targets), len(want))
	}
	for i, met := range want {
		if got := b.targets[i]; got.isMet() != met {
			t.Errorf("%s: %v of %v, met: %t", got.what, got.reached, got.limit, got.isMet())
		}
	}

	quick := &bench{}
	quick.aimAtPlan(1000, results[:3])
	quick.aimAtPlan(100, results)
	var named []string
	for _, its := range quick.targets {
		named = append(named, its.what)
	}
	wanted := []string{
		"plan of 1000 secrets: against the pass-through", "plan of 1000 secrets: CPU time against the pass-through",
		"plan of 1000 secrets: requests",
	}
	if !slices.Equal(named, wanted) {
		t.Errorf("the targets are %q, want %q", named, wanted)
	}
}
