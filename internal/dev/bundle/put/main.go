// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command put replaces the kinds of External Secrets Operator in clusters of KUBECONFIG by those of another version; what runs
// there stays.
//
//	go run ./internal/dev/bundle/put bundle.yaml CONTEXT...
package main

import (
	"context"
	"fmt"
	"os"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/bundle"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: put bundle.yaml CONTEXT...")
		os.Exit(2)
	}
	for _, name := range os.Args[2:] {
		if err := put(os.Args[1], name); err != nil {
			fmt.Fprintf(os.Stderr, "put: %s: %s\n", name, err)
			os.Exit(1)
		}
	}
}

func put(file, name string) error {
	rules, overrides := clientcmd.NewDefaultClientConfigLoadingRules(), &clientcmd.ConfigOverrides{CurrentContext: name}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides).ClientConfig()
	if err != nil {
		return err
	}
	return bundle.Put(context.Background(), config, file)
}
