// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command standin is a provider to measure ours against. It has our schema and does nothing: what is planned is what
// there is. AIRM_STANDIN says how it does that:
//
//	framework    as providers of terraform-plugin-framework are usually shipped
//	passthrough  as little as possible: what does not need the framework is answered without it
//	empty        with the framework, and neither resources nor a schema
package main

import (
	"context"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	airm "github.com/amd-enterprise-ai/terraform-provider-airm/internal/provider"
)

const address = "registry.terraform.io/amd-enterprise-ai/airm"

func main() {
	var err error
	options := providerserver.ServeOpts{Address: address, ProtocolVersion: 6}
	switch os.Getenv("AIRM_STANDIN") {
	case "framework":
		err = providerserver.Serve(context.Background(), newIdle, options)
	case "empty":
		err = providerserver.Serve(context.Background(), func() provider.Provider { return empty{} }, options)
	case "passthrough":
		for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"} {
			_ = os.Setenv(name, "OFF")
		}
		debug.SetGCPercent(400)
		err = tf6server.Serve(address, func() tfprotov6.ProviderServer { return passthrough{providerserver.NewProtocol6(newIdle())()} })
	default:
		log.Fatal("AIRM_STANDIN must be framework, passthrough or empty")
	}
	if err != nil {
		log.Fatal(err)
	}
}

// empty is the least that is a provider.
type empty struct{}

func (empty) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "airm"
}
func (empty) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (empty) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (empty) Resources(context.Context) []func() resource.Resource                              { return nil }
func (empty) DataSources(context.Context) []func() datasource.DataSource                        { return nil }

// idle has our schema.
type idle struct{ provider.Provider }

func newIdle() provider.Provider { return idle{airm.New("bench")()} }

func (idle) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (idle) DataSources(context.Context) []func() datasource.DataSource                        { return nil }

func (i idle) Resources(ctx context.Context) []func() resource.Resource {
	var wrapped []func() resource.Resource
	for _, newResource := range i.Provider.Resources(ctx) {
		wrapped = append(wrapped, func() resource.Resource { return idleResource{newResource()} })
	}
	return wrapped
}
