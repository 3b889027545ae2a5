// Package protocol wraps the framework's provider server and saves it work and memory that grow with the number of
// resources.
package protocol

import (
	"context"

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
}

// Wrap puts the savings before a server. They fit resources whose plan is a function of their
// configuration and prior state alone, and that say in their attribute up_to_date whether the state
// is what is there. A server that lacks an interface is returned unchanged.
func Wrap(next tfprotov6.ProviderServer) tfprotov6.ProviderServer {
	if next, ok := next.(fullServer); ok {
		return server{next, &invocations{}}
	}
	return next
}

// The calls that come for each resource, and a plan, get a callContext.

func (s server) ValidateResourceConfig(ctx context.Context, request *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return withCallContext(ctx, request, s.fullServer.ValidateResourceConfig)
}

func (s server) UpgradeResourceState(ctx context.Context, request *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return withCallContext(ctx, request, s.fullServer.UpgradeResourceState)
}

func (s server) ReadResource(ctx context.Context, request *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return withCallContext(ctx, request, s.fullServer.ReadResource)
}

func (s server) ApplyResourceChange(ctx context.Context, request *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return withCallContext(ctx, request, s.fullServer.ApplyResourceChange)
}
