// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// commandTimeout is far above the timeouts of the resources.
const commandTimeout = 6 * time.Minute

// testWorkspace is a folder with a configuration and a state.
type testWorkspace struct {
	*workspaceConfig
	cli     string
	dir     string
	env     []string
	typical time.Duration // what an undisturbed apply takes
	history []*cliCommand // of this round
	latest  []byte        // the state before this round
}

// cliCommand is one call of the CLI.
type cliCommand struct {
	process *exec.Cmd
	args    []string
	output  commandOutput
	started time.Time
	took    time.Duration
	ended   chan struct{}
	err     error
}

func newWorkspace(c *workspaceConfig, cli, provider, dir string) (*testWorkspace, error) {
	w := &testWorkspace{workspaceConfig: c, cli: cli, dir: filepath.Join(dir, c.workspace), typical: 3 * time.Second}
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return nil, err
	}
	provider, err := filepath.Abs(provider)
	if err != nil {
		return nil, err
	}
	// A configuration that names no source means hashicorp/airm.
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"hashicorp/airm\" = %q\n  }\n}\n", filepath.Dir(provider))
	if err := os.WriteFile(w.path("cli.tfrc"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	w.env = append(neutral(os.Environ()), "TF_CLI_CONFIG_FILE="+w.path("cli.tfrc"), "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
	return w, nil
}

func (w *testWorkspace) path(name string) string { return filepath.Join(w.dir, name) }

// neutral leaves out what would change what the CLI does, or where the provider connects.
func neutral(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(variable string) bool {
		return strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "TF_LOG") ||
			strings.HasPrefix(variable, "TFC_") || strings.HasPrefix(variable, "KUBE")
	})
}

func (w *testWorkspace) configure(kubeconfig string) error {
	content, err := w.render(kubeconfig)
	if err != nil {
		return err
	}
	return os.WriteFile(w.path("main.tf.json"), content, 0o600)
}

// start starts the CLI in a process group of its own, which its providers share.
func (w *testWorkspace) start(ctx context.Context, args ...string) (*cliCommand, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, commandTimeout, fmt.Errorf("it did not end within %s", commandTimeout))
	c := &cliCommand{args: args, started: time.Now(), ended: make(chan struct{}), output: commandOutput{planned: make(chan struct{})}}
	c.process = exec.CommandContext(ctx, w.cli, append(args, "-no-color")...)
	c.process.Dir, c.process.Env = w.dir, w.env
	c.process.Stdout, c.process.Stderr = &c.output, &c.output
	c.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.process.Cancel = c.kill
	c.process.WaitDelay = 10 * time.Second
	if err := c.process.Start(); err != nil {
		cancel()
		return nil, err
	}
	w.history = append(w.history, c)
	go func() {
		defer cancel()
		c.err = c.process.Wait()
		if ctx.Err() != nil {
			c.err = errors.Join(c.err, context.Cause(ctx))
		}
		c.took = time.Since(c.started)
		close(c.ended)
	}()
	return c, nil
}

// run runs the CLI to its end. An error is that of starting it.
func (w *testWorkspace) run(ctx context.Context, args ...string) (*cliCommand, error) {
	c, err := w.start(ctx, args...)
	if err == nil {
		<-c.ended
	}
	return c, err
}

// kill ends the CLI and its providers, without a chance to tidy up.
func (c *cliCommand) kill() error { return syscall.Kill(-c.process.Process.Pid, syscall.SIGKILL) }

// killProvider ends a provider of the CLI: it waits until there is one, and reports whether it killed it.
func (c *cliCommand) killProvider() bool {
	for {
		select {
		case <-c.ended:
			return false
		default:
		}
		killed := false
		for _, child := range childrenOf(c.process.Process.Pid) {
			killed = syscall.Kill(child, syscall.SIGKILL) == nil || killed
		}
		if killed {
			return true
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// commandOutput is what a command prints.
type commandOutput struct {
	mu      sync.Mutex
	text    bytes.Buffer
	planned chan struct{} // closed once an apply has its plan
	done    bool
}

// Write implements io.Writer.
func (o *commandOutput) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	written, err := o.text.Write(text)
	if !o.done && bytes.Contains(o.text.Bytes(), []byte("\nPlan: ")) {
		o.done = true
		close(o.planned)
	}
	return written, err
}

func (o *commandOutput) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// childrenOf returns the processes that a process has started. Linux only.
func childrenOf(parent int) []int {
	var children []int
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent)) // fails for a malformed pattern only
	for _, task := range tasks {
		content, _ := os.ReadFile(task)
		for _, child := range strings.Fields(string(content)) {
			if number, err := strconv.Atoi(child); err == nil {
				children = append(children, number)
			}
		}
	}
	return children
}

// exitCode is that of an ended command; -1 if it was killed.
func (c *cliCommand) exitCode() int { return c.process.ProcessState.ExitCode() }

// endOfOverrides ends the warning about the development override, with which every output begins.
const endOfOverrides = "applying changes may cause the state to become incompatible with published\nreleases."

func (c *cliCommand) String() string {
	output := c.output.String()
	if _, after, found := strings.Cut(output, endOfOverrides); found {
		output = after
	}
	return fmt.Sprintf("%s (%.1f s, exit code %d)\n%s", strings.Join(c.args, " "), c.took.Seconds(), c.exitCode(), strings.TrimSpace(output))
}
