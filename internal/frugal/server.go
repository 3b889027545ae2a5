// Package frugal stands before the framework's server and saves it work and memory that grow with
// the number of resources.
package frugal

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// everything is all that the framework's server can do. Whatever were left out here, Terraform would
// not see: it asks for each further interface by itself.
type everything interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

type server struct {
	everything

	invocations *invocations
}

// Before puts the savings before a server. They fit resources whose plan is a function of their
// configuration and prior state alone, and that say in their attribute up_to_date whether the state
// is what is there. A server that cannot do everything is given back as it is.
func Before(next tfprotov6.ProviderServer) tfprotov6.ProviderServer {
	if next, ok := next.(everything); ok {
		return server{next, &invocations{}}
	}
	return next
}

// The calls that come for each resource, and a plan, get a lent context.

func (s server) ValidateResourceConfig(ctx context.Context, request *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return lend(ctx, request, s.everything.ValidateResourceConfig)
}

func (s server) UpgradeResourceState(ctx context.Context, request *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return lend(ctx, request, s.everything.UpgradeResourceState)
}

func (s server) ReadResource(ctx context.Context, request *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return lend(ctx, request, s.everything.ReadResource)
}

func (s server) ApplyResourceChange(ctx context.Context, request *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return lend(ctx, request, s.everything.ApplyResourceChange)
}
