// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	exampleDir       = "examples/quickstart"
	organizationDir  = "examples/organization"
	vaultDir         = "examples/vault"
	backendNamespace = "airm-quickstart" // in backend.yaml
	demoLabel        = "airm-demo"       // of projects that the demo makes

	arrivalTimeout = time.Minute // the example refreshes every five seconds
)

// demo is one run. What it makes in a cluster of the user's own, it removes in any case; a control plane that was
// started for it goes as a whole.
type demo struct {
	terraform  *terraform
	provider   string // the binary
	projects   []string
	ownCluster bool
	secrets    map[string][]listedSecret // by project
	cleanUps   []func() error
}

// listedSecret is what the example's output says of a secret.
type listedSecret struct{ Name, Scope, Type, Status string }

// show runs the steps in order. Terraform works in a temporary folder, so that the example's own stays clean.
func show(ctx context.Context, cli, provider string) (err error) {
	begin := time.Now()
	dir, err := os.MkdirTemp("", "airm-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := copyFiles(dir, exampleDir, "*.tf", "*.yaml"); err != nil {
		return err
	}
	tf, err := newTerraform(cli, provider, dir)
	if err != nil {
		return err
	}

	d := &demo{
		terraform: tf, provider: provider, projects: []string{"team-a", "team-b"},
		ownCluster: os.Getenv("AIRM_CONTROL_PLANE_DIR") == "",
	}
	defer func() { err = errors.Join(err, d.cleanUp()) }()
	steps := []struct {
		title string
		do    func() error
	}{
		{"Where", d.where},
		{"A backend with three secrets", d.makeBackend},
		{"Plan", d.plan},
		{"Apply", d.apply},
		{"What the projects have now", d.showSecrets},
		{"A value changes in the backend", d.rotate},
		{"Plan again", d.planAgain},
		{"Destroy", d.destroy},
		{"A secret from Vault, with an AppRole", d.vault},
		{"One secret for three projects", func() error { return d.organization(ctx) }},
	}
	for i, step := range steps {
		heading(i+1, step.title)
		if err := step.do(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
	}
	if err := d.cleanUp(); err != nil {
		return err
	}
	say("\nDone in %.0f s.", time.Since(begin).Seconds())
	return nil
}

// cleanUp does what is still to be done, the last thing first.
func (d *demo) cleanUp() error {
	var problems []error
	for i := len(d.cleanUps) - 1; i >= 0; i-- {
		problems = append(problems, d.cleanUps[i]())
	}
	d.cleanUps = nil
	return errors.Join(problems...)
}

func (d *demo) where() error {
	version, err := d.terraform.version()
	if err != nil {
		return err
	}
	where := "a control plane on this machine, with the projects " + strings.Join(d.projects, " and ")
	if d.ownCluster {
		kubeContext, err := kubectl("config", "current-context")
		if err != nil {
			return err
		}
		where = "your cluster, by the context " + strings.TrimSpace(kubeContext) + " of KUBECONFIG"
	}
	say("%s, the provider as it is in this folder, and %s.", version, where)
	return nil
}

// makeBackend makes what stands in for a vault and, in a cluster of the user's own, two projects.
func (d *demo) makeBackend() error {
	if d.ownCluster {
		if err := d.makeProjects(); err != nil {
			return err
		}
	}
	_, err := d.showKubectl("apply", "-f", filepath.Join(exampleDir, "backend.yaml"))
	return err
}

// makeProjects makes projects under a label that nothing else knows, AIRM's agent in particular.
func (d *demo) makeProjects() error {
	d.projects = []string{"airm-demo-a", "airm-demo-b"}
	d.terraform.set("project_selector", demoLabel)
	d.terraform.set("projects", fmt.Sprintf("[%q, %q]", d.projects[0], d.projects[1]))

	namespaces := append([]string{backendNamespace, platformNamespace}, d.sharing()...)
	for _, namespace := range namespaces {
		if _, err := kubectl("get", "namespace", namespace); err == nil {
			return fmt.Errorf("the namespace %s exists already. If an earlier demo left it: kubectl delete namespace %s", namespace, strings.Join(namespaces, " "))
		}
	}
	d.cleanUps = append(d.cleanUps, func() error {
		_, err := d.showKubectl(append([]string{"delete", "namespace", "--ignore-not-found"}, namespaces...)...)
		return err
	})
	for _, project := range d.sharing() {
		if _, err := d.showKubectl("create", "namespace", project); err != nil {
			return err
		}
		if _, err := kubectl("label", "namespace", project, demoLabel+"="); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) plan() error { return d.terraform.run("plan", "-out=plan") }

func (d *demo) apply() error {
	if d.ownCluster {
		d.cleanUps = append(d.cleanUps, d.terraform.destroyQuietly)
	}
	return d.terraform.run("apply", "plan")
}

// showSecrets prints what the data source says, beside the keys of the Kubernetes Secrets.
func (d *demo) showSecrets() error {
	text, err := d.terraform.output("output", "-json", "secrets")
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), &d.secrets); err != nil {
		return err
	}
	rows := [][]string{{"PROJECT", "NAME", "SCOPE", "TYPE", "STATUS", "KEYS OF THE SECRET"}}
	for _, project := range d.projects {
		for _, s := range d.secrets[project] {
			secret, err := readSecret(project, s.Name)
			if err != nil {
				return err
			}
			rows = append(rows, []string{project, s.Name, s.Scope, s.Type, s.Status, strings.Join(secret.keys(), ", ")})
		}
	}
	table(rows)
	return d.searchState()
}

// searchState looks for every value of the backend in the state.
func (d *demo) searchState() error {
	state, err := d.terraform.output("state", "pull")
	if err != nil {
		return err
	}
	backend, err := readSecrets(backendNamespace)
	if err != nil {
		return err
	}
	searched := 0
	for _, secret := range backend {
		for key, value := range secret.Data {
			if value.isIn(state) {
				return fmt.Errorf("the state contains the value %s of the Secret %s", key, secret.Metadata.Name)
			}
			searched++
		}
	}
	say("\n%d values in the backend, none of them in the state.", searched)
	return nil
}

// rotate changes the token in the backend and waits until every project has it.
func (d *demo) rotate() error {
	const name, key = "hugging-face", "token"
	return d.showArrival(d.projects, name, key, func() error {
		printCommand("kubectl patch secret %s -n %s -p ...", name, backendNamespace)
		_, err := kubectl("patch", "secret", name, "-n", backendNamespace, "-p", fmt.Sprintf(`{"stringData": {%q: %q}}`, key, rand.Text()))
		return err
	})
}

// showArrival makes a change in a backend and waits until that key of the Secret has another value in every project.
func (d *demo) showArrival(projects []string, name, key string, change func() error) error {
	before := map[string]string{}
	for _, project := range projects {
		secret, err := readSecret(project, name)
		if err != nil {
			return err
		}
		before[project] = secret.Data[key].hash()
	}
	if err := change(); err != nil {
		return err
	}

	begin := time.Now()
	rows := [][]string{{"PROJECT", "NAME", "SHA-256 BEFORE", "SHA-256 AFTER", "ARRIVED"}}
	for _, project := range projects {
		for {
			secret, err := readSecret(project, name)
			if err != nil {
				return err
			}
			if after := secret.Data[key].hash(); after != before[project] {
				rows = append(rows, []string{project, name, before[project], after, fmt.Sprintf("after %.1f s", time.Since(begin).Seconds())})
				break
			}
			if time.Since(begin) > arrivalTimeout {
				return fmt.Errorf("the new value did not arrive in %s within %s", project, arrivalTimeout)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	table(rows)
	return nil
}

func (d *demo) planAgain() error {
	printCommand("%s plan", d.terraform.name())
	if text, err := d.terraform.output("plan", "-detailed-exitcode"); err != nil {
		return fmt.Errorf("the second plan is not empty: %w\n%s", err, text)
	}
	say("No changes.")
	return nil
}

func (d *demo) destroy() error {
	if err := d.terraform.run("destroy", "-auto-approve"); err != nil {
		return err
	}
	for _, project := range d.projects {
		args := []string{"get", "externalsecrets,secrets", "-n", project, "-o", "name", "--ignore-not-found"}
		for _, secret := range d.secrets[project] {
			args = append(args, secret.Name)
		}
		left, err := d.showKubectl(args...)
		if err != nil {
			return err
		}
		if strings.TrimSpace(left) != "" {
			return fmt.Errorf("left in %s: %s", project, strings.Fields(left))
		}
	}
	say("Nothing is left.")
	return nil
}

// showKubectl runs kubectl and shows the command.
func (d *demo) showKubectl(args ...string) (string, error) {
	printCommand("kubectl %s", strings.Join(args, " "))
	return kubectl(args...)
}

// copyExample copies a further example into a folder of its own. What it makes in a cluster of the user's own is removed in
// any case.
func (d *demo) copyExample(example string) (*terraform, error) {
	dir, err := os.MkdirTemp("", "airm-demo-")
	if err != nil {
		return nil, err
	}
	d.cleanUps = append(d.cleanUps, func() error { return os.RemoveAll(dir) })
	if err := copyFiles(dir, example, "*.tf"); err != nil {
		return nil, err
	}
	tf, err := newTerraform(d.terraform.binary, d.provider, dir)
	if err == nil && d.ownCluster {
		tf.set("project_selector", demoLabel)
		d.cleanUps = append(d.cleanUps, tf.destroyQuietly)
	}
	return tf, err
}

// copyFiles copies the files of a folder whose names match one of the patterns.
func copyFiles(to, from string, patterns ...string) error {
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil {
			return err
		}
		for _, path := range paths {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(to, filepath.Base(path)), content, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}
