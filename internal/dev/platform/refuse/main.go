// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command refuse fails if KUBECONFIG leads to a cluster of an AIRM platform. The GNUmakefile runs it before tests.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/platform"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	err := platform.Refuse(ctx)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
