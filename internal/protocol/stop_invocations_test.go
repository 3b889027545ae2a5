// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// stopped is a server whose only action ends when the provider is stopped.
type stopped struct {
	fullServer

	stop chan struct{}
}

func (s stopped) InvokeAction(context.Context, *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
		push(tfprotov6.InvokeActionEvent{Type: tfprotov6.ProgressInvokeActionEventType{Message: "started"}})
		<-s.stop
		push(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{}})
	}}, nil
}

func (s stopped) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	close(s.stop)
	return &tfprotov6.StopProviderResponse{}, nil
}

// The plugin server ends the streams of actions once StopProvider has returned: what they say of the interruption comes before.
func TestStopWaitsForActions(t *testing.T) {
	s := Wrap(stopped{fullServer: newBoth(t).long, stop: make(chan struct{})}, nil, noEnvironment)
	stream, err := s.(tfprotov6.ActionServer).InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{})
	if err != nil {
		t.Fatal(err)
	}
	started, isStopped, lost := make(chan struct{}), make(chan struct{}), make(chan bool, 1)
	go stream.Events(func(event tfprotov6.InvokeActionEvent) bool {
		switch event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			close(started)
		case tfprotov6.CompletedInvokeActionEventType:
			select {
			case <-isStopped:
				lost <- true
			default:
				lost <- false
			}
		}
		return true
	})
	<-started
	if _, err := s.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
		t.Fatal(err)
	}
	close(isStopped)
	if <-lost {
		t.Error("StopProvider returned before the action had reported how it ended")
	}
}
