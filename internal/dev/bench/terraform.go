// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// contender is a provider that is measured.
type contender struct {
	name   string
	binary string // empty: Terraform's own terraform_data
	env    []string
	source string // "hashicorp/airm" if empty
	block  string // arguments of the provider block, besides the host
}

// sourceOrOurs is the source of the provider, and its name in a provider block.
func (c contender) sourceOrOurs() (source, name string) {
	source = cmp.Or(c.source, "hashicorp/airm")
	return source, path.Base(source)
}

// workspace is a folder with a configuration, and the state of one contender.
type workspace struct {
	bench *bench
	who   contender
	dir   string

	connection string // arguments of the provider block that name clusters, if it is not the only one
}

func (b *bench) workspace(who contender, config string) (*workspace, error) {
	dir, err := os.MkdirTemp(b.dir, "workspace-")
	if err != nil {
		return nil, err
	}
	w := &workspace{bench: b, who: who, dir: dir}
	if who.binary != "" {
		source, _ := who.sourceOrOurs()
		cli := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n", source, filepath.Dir(who.binary))
		if err := os.WriteFile(w.path("cli.tfrc"), []byte(cli), 0o600); err != nil {
			return nil, err
		}
	}
	return w, w.configure(config)
}

func (w *workspace) path(name string) string { return filepath.Join(w.dir, name) }

func (w *workspace) configure(config string) error {
	if w.who.binary != "" {
		source, name := w.who.sourceOrOurs()
		config = fmt.Sprintf("terraform {\n  required_providers {\n    %s = { source = %q }\n  }\n}\n\nprovider %q {\n  %s\n%s}\n\n",
			name, source, name, cmp.Or(w.connection, fmt.Sprintf("host = %q", w.bench.proxy.url)), w.who.block) + config
	}
	return os.WriteFile(w.path("main.tf"), []byte(config), 0o600)
}

// measured is what one command took.
type measured struct {
	wall     time.Duration
	cpu      time.Duration // of Terraform and the provider together
	requests int64
	provider usage
}

// run measures one command of Terraform.
func (w *workspace) run(ctx context.Context, args ...string) (measured, error) {
	command := exec.CommandContext(ctx, w.bench.cli, args...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.Dir = w.dir
	command.Env = append(w.environment(), w.who.env...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	before, started := w.bench.proxy.requests.Load(), time.Now()
	if err := command.Start(); err != nil {
		return measured{}, err
	}
	ended, used := make(chan struct{}), make(chan usage)
	go func() { used <- watchProvider(command.Process.Pid, ended) }()
	err := command.Wait()
	m := measured{wall: time.Since(started), requests: w.bench.proxy.requests.Load() - before}
	close(ended)
	m.provider = <-used
	if err != nil {
		return m, fmt.Errorf("%s: %s %s: %w\n%s", w.who.name, filepath.Base(w.bench.cli), strings.Join(args, " "), err, tail(output.String()))
	}
	if its, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		m.cpu = time.Duration(its.Utime.Nano() + its.Stime.Nano())
	}
	return m, nil
}

// environment leaves out what would change what Terraform does, or where the provider connects.
func (w *workspace) environment() []string {
	kept := []string{"TF_CLI_CONFIG_FILE=" + w.path("cli.tfrc"), "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1"}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "KUBE") {
			kept = append(kept, variable)
		}
	}
	return kept
}

func tail(text string) string { return text[max(0, len(text)-2000):] }

// state reads the instances of the only resource of the state.
func (w *workspace) state() (map[string]any, error) {
	content, err := os.ReadFile(w.path("terraform.tfstate"))
	if err != nil {
		return nil, err
	}
	var state map[string]any
	return state, json.Unmarshal(content, &state)
}

// copyState makes a state with many instances of the one that another has, each changed by edit.
func (w *workspace) copyState(template map[string]any, count int, edit func(i int, instance map[string]any) error) error {
	content, err := json.Marshal(template)
	if err != nil {
		return err
	}
	var state map[string]any
	if err := json.Unmarshal(content, &state); err != nil {
		return err
	}
	only := state["resources"].([]any)[0].(map[string]any)
	first, err := json.Marshal(only["instances"].([]any)[0])
	if err != nil {
		return err
	}
	instances := make([]any, count)
	for i := range count {
		var instance map[string]any
		if err := json.Unmarshal(first, &instance); err != nil {
			return err
		}
		instance["index_key"] = i
		if err := edit(i, instance); err != nil {
			return err
		}
		instances[i] = instance
	}
	only["instances"] = instances
	if content, err = json.Marshal(state); err != nil {
		return err
	}
	return os.WriteFile(w.path("terraform.tfstate"), content, 0o600)
}

// usage is what a process took: the most memory that it ever had, in bytes, and its CPU time. Linux tells; elsewhere both
// are 0.
type usage struct {
	memory int64
	cpu    time.Duration
}

// watchProvider returns the most that a child of Terraform took: several are started, and the one that plans takes most.
func watchProvider(parent int, ended <-chan struct{}) usage {
	var most usage
	children := map[string]bool{}
	for tick := 0; ; tick++ {
		if tick%10 == 0 {
			children = childrenOf(parent)
		}
		for child := range children {
			most.memory, most.cpu = max(most.memory, highWater(child)), max(most.cpu, cpuTime(child))
		}
		select {
		case <-ended:
			return most
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func childrenOf(parent int) map[string]bool {
	children := map[string]bool{}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	for _, task := range tasks {
		content, _ := os.ReadFile(task)
		for _, child := range strings.Fields(string(content)) {
			children[child] = true
		}
	}
	return children
}

func highWater(process string) int64 {
	content, _ := os.ReadFile("/proc/" + process + "/status")
	_, after, _ := strings.Cut(string(content), "VmHWM:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, _ := strconv.ParseInt(fields[0], 10, 64)
	return kilobytes << 10
}

// clockTick is the unit of the times in /proc/PID/stat.
const clockTick = 10 * time.Millisecond

func cpuTime(process string) time.Duration {
	content, _ := os.ReadFile("/proc/" + process + "/stat")
	_, after, _ := strings.Cut(string(content), ") ") // the name before it may contain anything
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * clockTick
}
