// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// stateTypes are the types of states of resources without blocks, by the names of the resources.
type stateTypes map[string]stateType

type stateType struct {
	version int64
	of      tftypes.Type
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
			all[name] = stateType{version: schema.Version, of: schema.ValueType()}
		}
	}
	return all
}

// ignoreUnknown is how the framework reads a state: what the schema does not have is left out.
var ignoreUnknown = tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}}

// UpgradeResourceState encodes a state of the present version as the framework does. The framework then walks through all of it
// for blocks that are missing; these schemas have none.
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
	value, err := request.RawState.UnmarshalWithOpts(state.of, ignoreUnknown)
	if err != nil {
		return nil
	}
	encoded, err := tfprotov6.NewDynamicValue(state.of, value)
	if err != nil {
		return nil
	}
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &encoded}
}
