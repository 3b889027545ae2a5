// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command build compiles a program from one of the Go modules beside it, once, and prints where the binary is:
//
//	go run ./internal/dev/build controlplane
//
// The binary is kept in the user's cache folder for as long as nothing that it is made of changes. It is for programs
// that need changed sources or linker flags. For all others "go tool" does the same.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) < 2 {
		return fmt.Errorf("name one tool to build, and tags of the build: %s", strings.Join(toolNames(), ", "))
	}
	t, err := findTool(os.Args[1], os.Args[2:]...)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	binary, err := t.ensure(ctx)
	if err != nil {
		return err
	}
	fmt.Println(binary)
	return nil
}
