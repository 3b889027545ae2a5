// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// lastWords is how long a stop waits for the actions that it ends.
const lastWords = 10 * time.Second

// invocations are the actions that are under way.
type invocations struct {
	mu      sync.Mutex
	running map[chan struct{}]struct{}
}

// begin notes an action, until the returned function is called.
func (i *invocations) begin() (end func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.running == nil {
		i.running = map[chan struct{}]struct{}{}
	}
	ended := make(chan struct{})
	i.running[ended] = struct{}{}
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(i.running, ended)
		close(ended)
	}
}

// wait waits until the actions have ended that are under way now, but not for longer than the limit.
func (i *invocations) wait(limit time.Duration) {
	i.mu.Lock()
	var all []chan struct{}
	for ended := range i.running {
		all = append(all, ended)
	}
	i.mu.Unlock()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for _, ended := range all {
		select {
		case <-ended:
		case <-timer.C:
			return
		}
	}
}

// InvokeAction notes that an action is under way until its last event has been sent.
func (s server) InvokeAction(ctx context.Context, request *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := s.fullServer.InvokeAction(ctx, request)
	if err != nil || stream == nil || stream.Events == nil {
		return stream, err
	}
	events := stream.Events
	stream.Events = func(push func(tfprotov6.InvokeActionEvent) bool) {
		defer s.invocations.begin()()
		events(push)
	}
	return stream, nil
}

// StopProvider returns when the actions have reported how they ended. What they send later is lost: the caller ends their streams.
func (s server) StopProvider(ctx context.Context, request *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	response, err := s.fullServer.StopProvider(ctx, request)
	s.invocations.wait(lastWords)
	return response, err
}
