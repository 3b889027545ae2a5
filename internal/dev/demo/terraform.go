// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// terraform runs Terraform or OpenTofu in one folder, with the provider that was just built and without a network:
// a development override needs neither "init" nor a registry.
type terraform struct {
	binary string
	dir    string
	env    []string
}

func newTerraform(binary, provider, dir string) (*terraform, error) {
	provider, err := filepath.Abs(provider)
	if err != nil {
		return nil, err
	}
	// A configuration that names no source means hashicorp/airm.
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %[1]q = %[3]q\n    %[2]q = %[3]q\n  }\n}\n",
		"amd-enterprise-ai/airm", "hashicorp/airm", filepath.Dir(provider))
	path := filepath.Join(dir, "cli.tfrc")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return nil, err
	}
	env := append(neutral(os.Environ()), "TF_CLI_CONFIG_FILE="+path, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
	return &terraform{binary: binary, dir: dir, env: env}, nil
}

// neutral leaves out what would change what Terraform does or where the provider connects: KUBECONFIG alone counts.
func neutral(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(variable string) bool {
		return strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "TF_LOG") || strings.HasPrefix(variable, "KUBE_")
	})
}

// set sets a variable of the configuration.
func (t *terraform) set(variable, value string) { t.env = append(t.env, "TF_VAR_"+variable+"="+value) }

func (t *terraform) name() string { return filepath.Base(t.binary) }

// version is, for example, "OpenTofu v1.12.6".
func (t *terraform) version() (string, error) {
	text, err := t.output("version")
	first, _, _ := strings.Cut(text, "\n")
	return first, err
}

func (t *terraform) command(args ...string) *exec.Cmd {
	command := exec.Command(t.binary, args...) // without a context: an interrupt reaches it too, and it saves its state then
	command.Dir, command.Env = t.dir, t.env
	return command
}

// output is what a command prints.
func (t *terraform) output(args ...string) (string, error) {
	var stderr bytes.Buffer
	command := t.command(append(args, noColor(args)...)...)
	command.Stderr = &stderr
	text, err := command.Output()
	if err != nil {
		return string(text), fmt.Errorf("%s %s: %w\n%s", t.name(), strings.Join(args, " "), err, &stderr)
	}
	return string(text), nil
}

func noColor(args []string) []string {
	if slices.Contains([]string{"plan", "apply", "destroy", "validate"}, args[0]) {
		return []string{"-no-color"}
	}
	return nil
}

// event is a line of what Terraform prints with -json.
type event struct {
	Type       string
	Message    string `json:"@message"`
	Diagnostic struct{ Severity, Summary, Detail string }
}

// shown reports whether the event says what a command makes of a resource. The others say that it begins, goes on, or
// repeat what was planned.
func (e *event) shown(subcommand string) bool {
	if strings.HasPrefix(e.Message, "data.") {
		return false
	}
	types := []string{"apply_complete", "apply_errored", "change_summary"}
	if subcommand == "plan" {
		types = append(types, "planned_change")
	}
	return slices.Contains(types, e.Type)
}

// run shows the command, and what it does as it does it.
func (t *terraform) run(args ...string) error {
	printCommand("%s %s", t.name(), strings.Join(args, " "))
	// The options follow the subcommand, and the plan file comes last.
	process := t.command(slices.Insert(slices.Clone(args), 1, "-json")...)
	stdout, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	var stderr bytes.Buffer
	process.Stderr = &stderr
	if err := process.Start(); err != nil {
		return err
	}
	var problems []error
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			problems = append(problems, errors.New(lines.Text()))
			continue
		}
		switch {
		case e.Diagnostic.Severity == "error":
			problems = append(problems, fmt.Errorf("%s\n%s", e.Message, e.Diagnostic.Detail))
		case e.shown(args[0]):
			say("%s", e.Message)
		}
	}
	problems = append(problems, lines.Err())
	if err := process.Wait(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s%w", t.name(), args[0], err, &stderr, errors.Join(problems...))
	}
	return nil
}

// destroyQuietly removes what is still in the state.
func (t *terraform) destroyQuietly() error {
	state, err := t.output("state", "list")
	if err != nil || strings.TrimSpace(state) == "" {
		return err
	}
	_, err = t.output("destroy", "-auto-approve")
	return err
}
