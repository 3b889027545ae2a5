// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command demo applies examples/quickstart to a cluster and shows what becomes of it. "make demo" builds what it needs,
// starts a control plane unless KUBECONFIG names a cluster, and calls it in the root folder of the repository.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	cli := flag.String("cli", "terraform", "`path` of Terraform or OpenTofu")
	provider := flag.String("provider", "bin/terraform-provider-airm", "`path` of the provider")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := show(ctx, *cli, *provider)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}
