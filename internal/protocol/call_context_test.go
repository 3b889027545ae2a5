// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

type contextKey struct{}

// A call's context is that of the call while the call lasts, and has ended afterwards.
func TestCallContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), contextKey{}, "value"))
	defer cancel()
	var kept context.Context
	_, err := withCallContext(ctx, 1, func(during context.Context, _ int) (int, error) {
		kept = during
		if during.Value(contextKey{}) != "value" || during.Err() != nil {
			t.Errorf("during the call: %v, %v", during.Value(contextKey{}), during.Err())
		}
		below, stop := context.WithCancel(during)
		defer stop()
		cancel()
		<-below.Done()
		return 0, context.Cause(during)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupt does not reach the call: %v", err)
	}
	if kept.Err() == nil || kept.Value(contextKey{}) != nil {
		t.Errorf("after the call: %v, %v", kept.Err(), kept.Value(contextKey{}))
	}
}

// What a call leaves in memory does not depend on what its context holds.
func TestCallsLeaveNothing(t *testing.T) {
	b := newBoth(t)
	const name = "airm_secret_assignment"
	request := &tfprotov6.ValidateResourceConfigRequest{TypeName: name, Config: b.value(b.types[name], `null`)}
	const calls, burden = 50, 1 << 20
	for name, wrapped := range map[string]tfprotov6.ProviderServer{"framework": b.long, "protocol": b.short} {
		before := heap()
		for range calls {
			ctx, cancel := context.WithCancel(context.WithValue(t.Context(), contextKey{}, make([]byte, burden)))
			if _, err := wrapped.ValidateResourceConfig(ctx, request); err != nil {
				t.Fatal(err)
			}
			cancel()
		}
		leaves := heap()-before > calls*burden/2
		if leaves != (name == "framework") { // should the framework let go, this package need not
			t.Errorf("%s: its contexts are left in memory: %t", name, leaves)
		}
	}
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
