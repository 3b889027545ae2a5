// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command terraform-provider-airm serves the provider to Terraform and OpenTofu.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/protocol"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debugging := flag.Bool("debug", false, "serve for a debugger: print how to attach, and go on until stopped")
	flag.Parse()
	if !*debugging {
		quietLogs()
	}
	provider.InstallLog(os.Getenv)
	tuneCollector()
	options := []tf6server.ServeOpt{tf6server.WithoutLogLocation()} // it would be that of the handler
	if *debugging {
		options = append(options, tf6server.WithManagedDebug())
	}
	if err := tf6server.Serve("registry.terraform.io/amd-enterprise-ai/airm", serve, options...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() tfprotov6.ProviderServer {
	p := provider.New(version)()
	return protocol.Wrap(providerserver.NewProtocol6(p)(), p.(protocol.Shortcuts), os.Getenv)
}

// quietLogs turns the SDK's logs off unless TF_LOG asks for them. Terraform discards them then,
// but a provider does not know and formats several lines for each call.
func quietLogs() {
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if value != "" && (name == "TF_LOG" || strings.HasPrefix(name, "TF_LOG_PROVIDER") || strings.HasPrefix(name, "TF_LOG_SDK")) {
			return
		}
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"} {
		_ = os.Setenv(name, "OFF")
	}
}

const (
	collectorPercent = 400       // a provider's heap is tiny, and by default the collector runs all the time
	memoryLimit      = 256 << 20 // bytes; above that memory matters more than time
)

func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectorPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
