// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// stateTypes are the types of states of resources without blocks, by the names of the resources.
type stateTypes map[string]stateType

type stateType struct {
	version int64
	encoder *stateEncoder
}

// loadStateTypes asks the framework for its schemas.
func loadStateTypes(ctx context.Context, next tfprotov6.ProviderServer) stateTypes {
	all := stateTypes{}
	schemas, err := next.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return all
	}
	for name, schema := range schemas.ResourceSchemas {
		if len(schema.Block.BlockTypes) == 0 {
			if encoder := newStateEncoder(schema.ValueType()); encoder != nil {
				all[name] = stateType{version: schema.Version, encoder: encoder}
			}
		}
	}
	return all
}

// UpgradeResourceState encodes a state of the present version. The framework then also walks through all of it for blocks that are
// missing; these schemas have none.
func (s server) UpgradeResourceState(
	ctx context.Context, request *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	if answer := s.encode(ctx, request); answer != nil {
		return answer, nil
	}
	return withCallContext(ctx, request, s.fullServer.UpgradeResourceState)
}

// encode returns nil where the framework has more to do, or more to say.
func (s server) encode(ctx context.Context, request *tfprotov6.UpgradeResourceStateRequest) *tfprotov6.UpgradeResourceStateResponse {
	if s.shortcuts == nil || request.RawState == nil {
		return nil
	}
	state, found := s.types(ctx)[request.TypeName]
	if !found || state.version != request.Version {
		return nil
	}
	encoded, err := state.encoder.encode(request.RawState.JSON)
	if err != nil {
		return nil
	}
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &tfprotov6.DynamicValue{MsgPack: encoded}}
}
