// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command weight shows how large the provider is, and fails if it is larger than its budget: bytes of a release's binary
// for linux/amd64, and packages that are linked into it. A dependency that grows it is to be seen.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The budgets leave room for a few months of our own code. Raise them on purpose, and say why.
const (
	maxBytes    = 28_000_000
	maxPackages = 585
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "weight:", err)
		os.Exit(1)
	}
}

func run() error {
	packages, err := linkedPackages(".")
	if err != nil {
		return err
	}
	bytes, err := releaseSize()
	if err != nil {
		return err
	}
	fmt.Printf("%d packages of %d, %d bytes of %d (linux/amd64, stripped)\n", len(packages), maxPackages, bytes, maxBytes)
	if len(packages) > maxPackages || bytes > maxBytes {
		return fmt.Errorf("the provider is over its budget: find out what has grown (go list -deps .), or raise the budget in internal/dev/weight")
	}
	return nil
}

// linkedPackages are all that the provider is made of.
func linkedPackages(module string) ([]string, error) {
	output, err := goCommand("list", "-deps", module).Output()
	return strings.Fields(string(output)), err
}

// releaseSize builds the provider as a release is built.
func releaseSize() (int64, error) {
	dir, err := os.MkdirTemp("", "weight")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "provider")
	build := goCommand("build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", binary, ".")
	build.Stdout = os.Stderr
	if err := build.Run(); err != nil {
		return 0, err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func goCommand(args ...string) *exec.Cmd {
	command := exec.Command("go", args...)
	command.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	command.Stderr = os.Stderr
	return command
}
