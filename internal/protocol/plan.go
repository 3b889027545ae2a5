// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"bytes"
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
)

// PlanResourceChange answers with the state as it is where Terraform proposes no other. The framework
// would walk through the whole schema several times to find that out: most of its work in a plan.
func (s server) PlanResourceChange(
	ctx context.Context, request *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	if s.shortcuts == nil || !unchanged(request) {
		return withCallContext(ctx, request, s.fullServer.PlanResourceChange)
	}
	identity := request.PriorIdentity
	if identity == nil { // of a CLI that stores none
		identity = &tfprotov6.ResourceIdentityData{IdentityData: &tfprotov6.DynamicValue{MsgPack: null}}
	}
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState:    request.PriorState,
		PlannedPrivate:  request.PriorPrivate,
		PlannedIdentity: identity,
	}, nil
}

// null is a null value in MessagePack.
var null = []byte{0xc0}

// unchanged reports whether the proposed state, which Terraform makes from the configuration and the
// prior state, is the prior state, and there is nothing to heal. Where in doubt it is not.
func unchanged(request *tfprotov6.PlanResourceChangeRequest) bool {
	prior, proposed := request.PriorState, request.ProposedNewState
	return prior != nil && proposed != nil && len(prior.MsgPack) > 0 &&
		bytes.Equal(prior.MsgPack, proposed.MsgPack) && isTrue(prior.MsgPack, "up_to_date")
}

// isTrue reports whether an attribute of an object in MessagePack is true.
func isTrue(object []byte, name string) bool {
	decoder := msgpack.NewDecoder(bytes.NewReader(object))
	attributes, err := decoder.DecodeMapLen()
	if err != nil {
		return false
	}
	for range attributes {
		key, err := decoder.DecodeString()
		if err != nil {
			return false
		}
		if key == name {
			value, err := decoder.DecodeBool()
			return err == nil && value
		}
		if decoder.Skip() != nil {
			return false
		}
	}
	return false
}
