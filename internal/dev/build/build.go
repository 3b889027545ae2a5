// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// compilerFlags make a first build about a third faster: these tools are not debugged, and only the standard library,
// with its cryptography, is worth inlining for.
var compilerFlags = []string{"-trimpath", "-buildvcs=false", "-gcflags=all=-l -dwarf=false", "-gcflags=std="}

const linkerFlags = "-s -w"

// ensure returns the path of the tool's binary. It builds it if it is not there yet.
func (t *tool) ensure(ctx context.Context) (string, error) {
	module, err := t.moduleDir(ctx)
	if err != nil {
		return "", err
	}
	key, err := t.key(module)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("where binaries are kept: %w", err)
	}
	dir := filepath.Join(cache, "terraform-provider-airm", t.name+"-"+key)
	binary := filepath.Join(dir, t.name)
	if exists(binary) {
		return binary, nil
	}

	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(ctx, filepath.Join(dir, "lock"), func() {
		fmt.Fprintf(os.Stderr, "Waiting for another build of %s ...\n", t.name)
	})
	if err != nil {
		return "", err
	}
	defer unlock()
	if exists(binary) { // the process that held the lock has built it
		return binary, nil
	}
	return binary, t.build(ctx, module, binary)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// moduleDir is the folder of the module that pins the tool.
func (t *tool) moduleDir(ctx context.Context) (string, error) {
	goMod, err := output(exec.CommandContext(ctx, "go", "env", "GOMOD"))
	if err != nil {
		return "", err
	}
	dir := filepath.Join(filepath.Dir(goMod), "internal", "dev", t.module)
	if !exists(filepath.Join(dir, "go.mod")) {
		return "", errors.New("call this in the root folder of the repository")
	}
	return dir, nil
}

// build compiles a copy of the module, and moves the result to its place only when it is whole.
func (t *tool) build(ctx context.Context, module, binary string) error {
	fmt.Fprintf(os.Stderr, "Building %s (%s).\nThis takes about %s, once.\n", t.name, t.about, t.takes)
	progress := startProgress(os.Stderr)
	defer progress.stop()

	work, err := os.MkdirTemp(filepath.Dir(binary), "build-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	source := filepath.Join(work, "source")
	if err := os.CopyFS(source, os.DirFS(module)); err != nil {
		return err
	}
	ldflags := strings.TrimSpace(linkerFlags + " " + t.ldflags)
	if t.prepare != nil {
		more, err := t.prepare(ctx, t, source)
		if err != nil {
			return fmt.Errorf("prepare the source of %s: %w", t.name, err)
		}
		ldflags += " " + more
	}

	unfinished := filepath.Join(work, t.name)
	args := append([]string{"build", "-v", "-o", unfinished, "-ldflags=" + ldflags, "-tags=" + strings.Join(t.tags, ",")}, compilerFlags...)
	command := goCommand(ctx, source, append(args, t.pkg)...)
	command.Stdout, command.Stderr = progress, progress
	if err := command.Run(); err != nil {
		return fmt.Errorf("go build %s in %s: %w\n%s", t.pkg, module, err, progress.messages())
	}
	return os.Rename(unfinished, binary)
}

// compilerMemory lets the compiler use half as much memory again, which makes it a quarter faster.
const compilerMemory = "GOGC=400"

// goCommand runs go for this machine, whatever the environment is set up to build.
func goCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = dir
	command.Env = append(append([]string{compilerMemory}, os.Environ()...), // the user's own GOGC wins
		"CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	return command
}

// output is what a command prints, or an error with what it complains of.
func output(command *exec.Cmd) (string, error) {
	text, err := command.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("%s: %w\n%s", command, err, exit.Stderr)
	}
	return strings.TrimSpace(string(text)), err
}
