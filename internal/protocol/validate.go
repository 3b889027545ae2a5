// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Validator is a provider that can say without the framework that a configuration is valid.
type Validator interface {
	// ValidateKnownShape reports whether the framework would find nothing to say about a configuration, because it did not about one
	// of the same shape. If that is not known, remember is to be called if it does not about this one.
	ValidateKnownShape(ctx context.Context, request *tfprotov6.ValidateResourceConfigRequest) (valid bool, remember func())
}

// ValidateResourceConfig answers without the framework if there is nothing to say.
func (s server) ValidateResourceConfig(
	ctx context.Context, request *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	remember := func() {}
	if s.shortcuts != nil {
		var valid bool
		if valid, remember = s.shortcuts.ValidateKnownShape(ctx, request); valid {
			return &tfprotov6.ValidateResourceConfigResponse{}, nil
		}
	}
	answer, err := withCallContext(ctx, request, s.fullServer.ValidateResourceConfig)
	if err == nil && len(answer.Diagnostics) == 0 {
		remember()
	}
	return answer, err
}
