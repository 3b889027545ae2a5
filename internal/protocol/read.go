// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Reader is a provider that can say without the framework that a refresh changes nothing.
type Reader interface {
	// ReadUnchanged answers a Read that changes nothing and says nothing, as the framework would; otherwise it
	// returns nil, and the context in which the framework is to answer.
	ReadUnchanged(ctx context.Context, request *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, context.Context)
}

// ReadResource answers without the framework where the state stays as it is.
func (s server) ReadResource(ctx context.Context, request *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	if s.shortcuts != nil && request.CurrentState != nil && isTrue(request.CurrentState.MsgPack, "up_to_date") {
		answer, looked := s.shortcuts.ReadUnchanged(ctx, request)
		if answer != nil {
			return answer, nil
		}
		ctx = looked
	}
	return withCallContext(ctx, request, s.fullServer.ReadResource)
}
