// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package protocol wraps the framework's provider server and saves it work and memory that grow with the number of
// resources.
package protocol

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// fullServer has every interface of the framework's server. Terraform looks for each optional interface by itself, so it
// would miss what is left out here.
type fullServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

type server struct {
	fullServer

	invocations *invocations
	shortcuts   Shortcuts // none: the framework answers everything
	types       func(context.Context) stateTypes
}

// Shortcuts are what a provider can answer without the framework.
type Shortcuts interface {
	Reader
	Validator
}

// plainVariable is the environment variable that, with any value, leaves every answer to the framework.
const plainVariable = "TF_AIRM_PLAIN_PROTOCOL"

// Wrap puts the savings before a server. They fit resources whose plan is a function of their
// configuration and prior state alone, and that say in their attribute up_to_date whether the state
// is the live one. A server that lacks an interface is returned unchanged.
func Wrap(next tfprotov6.ProviderServer, shortcuts Shortcuts, getenv func(string) string) tfprotov6.ProviderServer {
	full, ok := next.(fullServer)
	if !ok {
		return next
	}
	if getenv(plainVariable) != "" {
		shortcuts = nil
	}
	var once sync.Once
	var types stateTypes
	return server{full, &invocations{}, shortcuts, func(ctx context.Context) stateTypes {
		once.Do(func() { types = loadStateTypes(ctx, full) })
		return types
	}}
}

// The calls that come for each resource, and a plan, get a callContext.

func (s server) ApplyResourceChange(
	ctx context.Context, request *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return withCallContext(ctx, request, s.fullServer.ApplyResourceChange)
}
