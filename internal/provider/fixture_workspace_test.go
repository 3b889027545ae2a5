// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
)

// What resource.Test cannot see (warnings, logs, a provider that dies) is tested with the provider's
// own binary and the CLI's own commands.

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(filepath.Dir(built))
	}
	os.Exit(code)
}

// built is the provider's binary, once a test needed it.
var built string

var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "airm-acc-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "terraform-provider-airm")
	output, err := exec.Command("go", "build", "-o", binary, "../..").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("the provider cannot be built: %w\n%s", err, output)
	}
	built = binary
	return binary, nil
})

// workspace is a working directory of the CLI.
type workspace struct {
	t       *testing.T
	command string
	dir     string
	env     []string
}

// newWorkspace makes one whose CLI finds the provider that was built from this tree. It has no
// KUBECONFIG unless set with setenv.
func newWorkspace(t *testing.T) *workspace {
	t.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skipf("%s is not set: `make test` runs the basic acceptance tests, `make test-all` all", resource.EnvTfAcc)
	}
	binary, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	w := &workspace{t: t, command: cliPath(t), dir: t.TempDir()}
	// Terraform starts a script that leaves the provider's process id behind.
	script := fmt.Sprintf("#!/bin/sh\necho $$ >%q\nexec %q \"$@\"\n", filepath.Join(w.dir, "provider.pid"), binary)
	w.write("bin/terraform-provider-airm", script)
	if err := os.Chmod(filepath.Join(w.dir, "bin/terraform-provider-airm"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.overrideProviders(map[string]string{"amd-enterprise-ai/airm": filepath.Join(w.dir, "bin")})
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "KUBE") && !strings.HasPrefix(variable, "TF_") {
			w.env = append(w.env, variable)
		}
	}
	w.setenv("TF_CLI_CONFIG_FILE", filepath.Join(w.dir, "cli.tfrc"))
	w.setenv("CHECKPOINT_DISABLE", "1")
	return w
}

// overrideProviders has the CLI find providers in folders, without an init.
func (w *workspace) overrideProviders(folders map[string]string) {
	w.t.Helper()
	var lines []string
	for source, folder := range folders {
		lines = append(lines, fmt.Sprintf("    %q = %q\n", source, folder))
	}
	w.write("cli.tfrc", "provider_installation {\n  dev_overrides {\n"+strings.Join(lines, "")+"  }\n  direct {}\n}\n")
}

// newWorkspace makes one with the KUBECONFIG of the tests.
func (p *testProject) newWorkspace() *workspace {
	p.t.Helper()
	w := newWorkspace(p.t)
	w.setenv("KUBECONFIG", os.Getenv("KUBECONFIG"))
	return w
}

func cliPath(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no CLI: set TF_ACC_TERRAFORM_PATH to a terraform or tofu")
	return ""
}

func (w *workspace) setenv(name, value string) { w.env = append(w.env, name+"="+value) }

// logTo has the commands log everything to a file of the working directory, and returns what reads that.
func (w *workspace) logTo(name string) func() string {
	path := filepath.Join(w.dir, name)
	w.setenv("TF_LOG", "TRACE")
	w.setenv("TF_LOG_PATH", path)
	return func() string {
		text, _ := os.ReadFile(path) // nothing is there until something is logged
		return string(text)
	}
}

func (w *workspace) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// configure writes the configuration.
func (w *workspace) configure(text string) {
	w.t.Helper()
	w.write("main.tf", `terraform {
  required_providers {
    airm = { source = "amd-enterprise-ai/airm" }
  }
}
`+text)
}

func (w *workspace) cmd(args ...string) *exec.Cmd {
	cmd := exec.Command(w.command, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	return cmd
}

// run runs a command, which must succeed. It returns its output, warnings included, as one line.
func (w *workspace) run(args ...string) string {
	w.t.Helper()
	output, err := w.try(args...)
	if err != nil {
		w.t.Fatalf("%s: %s\n%s", strings.Join(args, " "), err, output)
	}
	return output
}

// fails runs a command that must fail, and returns its output as one line.
func (w *workspace) fails(args ...string) string {
	w.t.Helper()
	output, err := w.try(args...)
	if err == nil {
		w.t.Fatalf("%s did not fail:\n%s", strings.Join(args, " "), output)
	}
	return output
}

func (w *workspace) try(args ...string) (string, error) {
	w.t.Helper()
	var output bytes.Buffer
	cmd := w.cmd(args...)
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	return oneLine(output.String()), err
}

// oneLine undoes the line breaks and frames of the CLI.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(text)), " ")
}

func (w *workspace) apply() string { w.t.Helper(); return w.run("apply", "-auto-approve", "-no-color") }
func (w *workspace) destroy() string {
	w.t.Helper()
	return w.run("destroy", "-auto-approve", "-no-color")
}

// plansNothing fails the test unless the plan is empty. It returns the output.
func (w *workspace) plansNothing() string {
	w.t.Helper()
	output, err := w.try("plan", "-detailed-exitcode", "-no-color")
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 2 {
		w.t.Errorf("the plan is not empty:\n%s", output)
	} else if err != nil {
		w.t.Errorf("plan: %s\n%s", err, output)
	}
	return output
}

// plan returns what a plan would do with a resource, such as "update".
func (w *workspace) plan(address string) string {
	w.t.Helper()
	w.run("plan", "-out=plan", "-no-color")
	var plan tfjson.Plan
	w.show(&plan, "plan")
	for _, change := range plan.ResourceChanges {
		if change.Address == address {
			actions := make([]string, len(change.Change.Actions))
			for i, action := range change.Change.Actions {
				actions[i] = string(action)
			}
			return strings.Join(actions, ",")
		}
	}
	return ""
}

// attributes are those of a resource in the state, nil where it is not there.
func (w *workspace) attributes(address string) map[string]any {
	w.t.Helper()
	found := w.state(address)
	if found == nil {
		return nil
	}
	return found.AttributeValues
}

func (w *workspace) state(address string) *tfjson.StateResource {
	w.t.Helper()
	var state tfjson.State
	w.show(&state)
	if state.Values == nil {
		return nil
	}
	for _, r := range state.Values.RootModule.Resources {
		if r.Address == address {
			return r
		}
	}
	return nil
}

func (w *workspace) show(into any, args ...string) {
	w.t.Helper()
	output, err := w.cmd(append([]string{"show", "-json"}, args...)...).Output()
	if err != nil {
		w.t.Fatalf("show: %s", err)
	}
	if err := json.Unmarshal(output, into); err != nil {
		w.t.Fatalf("show: %s\n%s", err, output)
	}
}

// diagnostic is one of `validate -json`.
type diagnostic struct {
	Severity string
	Summary  string
	Detail   string
	Snippet  struct{ Context, Code string }
}

// validate returns the diagnostics of each resource, such as `resource "airm_project_secret" "x"`.
func (w *workspace) validate() map[string][]diagnostic {
	w.t.Helper()
	output, _ := w.cmd("validate", "-json").Output()
	var answer struct{ Diagnostics []diagnostic }
	if err := json.Unmarshal(output, &answer); err != nil {
		w.t.Fatalf("validate: %s\n%s", err, output)
	}
	found := map[string][]diagnostic{}
	for _, d := range answer.Diagnostics {
		found[d.Snippet.Context] = append(found[d.Snippet.Context], d)
	}
	return found
}

// contains fails the test unless the output has all of these texts.
func contains(t *testing.T, output string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(output, text) {
			t.Errorf("%q is missing in:\n%s", text, output)
		}
	}
}

// killedApply starts an apply and kills the provider's process, as a lack of memory does, once something has happened.
func (w *workspace) killedApply(what string, happened func() bool) {
	w.t.Helper()
	apply := w.cmd("apply", "-auto-approve", "-no-color")
	var output bytes.Buffer
	apply.Stdout, apply.Stderr = &output, &output
	if err := apply.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if apply.ProcessState == nil {
			_ = apply.Process.Kill()
			_ = apply.Wait()
			w.t.Log(output.String())
		}
	})
	acctest.Eventually(w.t, what, func() (bool, string) { return happened(), "" })
	text, err := os.ReadFile(filepath.Join(w.dir, "provider.pid"))
	if err != nil {
		w.t.Fatal(err)
	}
	id, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := syscall.Kill(id, syscall.SIGKILL); err != nil {
		w.t.Fatal(err)
	}
	if err := apply.Wait(); err == nil {
		w.t.Fatalf("apply did not notice that the provider was killed:\n%s", output.String())
	}
}

// loseState removes the state: what it had is left behind, as by a create that was killed.
func (w *workspace) loseState() {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.dir, "terraform.tfstate")); err != nil {
		w.t.Fatal(err)
	}
}

// editInstances changes the resources in the state file.
func (w *workspace) editInstances(edit func(instance map[string]any)) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
	if err != nil {
		w.t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(text, &state); err != nil {
		w.t.Fatal(err)
	}
	for _, r := range state["resources"].([]any) {
		for _, instance := range r.(map[string]any)["instances"].([]any) {
			edit(instance.(map[string]any))
		}
	}
	w.write("terraform.tfstate", mustJSON(state))
}

// hasPrivate reports whether a resource in the state has private data.
func (w *workspace) hasPrivate() bool {
	w.t.Helper()
	has := false
	w.editInstances(func(instance map[string]any) { has = has || instance["private"] != nil })
	return has
}
