// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"bytes"
	"encoding/base64"
	"os"
	"strings"
	"testing"
)

// A provider that is killed while it waits leaves an object that the next apply finds.
func TestAccRunKilled(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.unattendedSecret().String()) // so a create waits
	w.killedApply("the object is there", func() bool { return p.get("ExternalSecret", "db") != nil })

	contains(t, w.fails("apply", "-auto-approve", "-no-color"),
		"ExternalSecret "+p.name+"/db already exists", "perhaps by a run that was interrupted",
		"terraform import airm_project_secret.NAME "+p.name+"/db")
	w.run("import", secretAddress, p.name+"/db")
	w.plansNothing()
	w.destroy()
	if p.get("ExternalSecret", "db") != nil {
		t.Error("destroy left the object behind")
	}
}

// Ctrl-C while it waits: what was made is in the state, not tainted, and the next apply goes on.
func TestAccRunInterrupted(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.unattendedSecret().String())
	log := w.logTo("provider.log")
	apply := w.cmd("apply", "-auto-approve", "-no-color")
	var output bytes.Buffer
	apply.Stdout, apply.Stderr = &output, &output
	p.ok(apply.Start())
	p.eventually("it waits", func() bool { return strings.Contains(log(), "ExternalSecret "+p.name+"/db is Pending") })
	p.ok(apply.Process.Signal(os.Interrupt))
	_ = apply.Wait()

	recorded := w.state(secretAddress)
	if recorded == nil || recorded.Tainted {
		t.Fatalf("in the state is %+v after:\n%s", recorded, output.String())
	}
	p.patch("SecretStore", "idle", `{"spec":{"controller":null,"provider":{"fake":{"data":[{"key":"password","value":"x"}]}}}}`)
	p.eventually("the store is valid", func() bool { return p.ready("SecretStore", "idle") == "True" })
	if got := w.plan(secretAddress); got != "update" {
		t.Errorf("the next plan is %q", got)
	}
	w.apply()
	w.plansNothing()
	w.destroy()
}

// While the cluster is still to be made (its address is unknown), what is in the state stays.
func TestAccRunUnknownProvider(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	config := func(trigger string) {
		w.configure(`
resource "terraform_data" "cluster" {
  input            = "` + os.Getenv("KUBECONFIG") + `"
  triggers_replace = "` + trigger + `"
}

provider "airm" {
  config_path = terraform_data.cluster.output
}
` + p.secret(plain))
	}
	config("1")
	if got := w.plan(secretAddress); got != "create" {
		t.Errorf("the first plan is %q", got)
	}
	w.apply()
	w.plansNothing()

	config("2")
	output := w.run("plan", "-no-color")
	contains(t, output, "configuration is not known yet", "config_path will be known only after apply", "1 to add, 0 to change, 1 to destroy")
	if strings.Contains(output, secretAddress+" will be") {
		t.Errorf("the secret is planned:\n%s", output)
	}
	w.apply()
	w.plansNothing()
	w.destroy()
}

// The cluster cannot be reached: what is in the state stays, with a warning.
func TestAccRunClusterUnavailable(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.secret(plain))
	w.apply()
	w.configure(`provider "airm" { host = "https://127.0.0.1:1" }` + "\n" + p.secret(plain))
	contains(t, w.run("plan", "-no-color"), "connection refused", "The state is kept as it was")
	contains(t, w.run("refresh", "-no-color"), "The state is kept as it was")
	if got := w.attributes(secretAddress)["status"]; got != "SyncedError" {
		t.Errorf("status is %v", got)
	}
	contains(t, w.fails("destroy", "-auto-approve", "-no-color"), "connection refused")
	w.configure(p.secret(plain))
	w.plansNothing()
	w.destroy()
}

// No value of a secret reaches the state, a plan, an output or a log, however much is logged.
func TestAccRunNoValues(t *testing.T) {
	t.Parallel()
	const canary = "canary-7f3a9c-do-not-leak"
	p := newProject(t)
	p.create("Secret", "source", `stringData: {password: `+canary+`}`)
	w := p.newWorkspace()
	store := p.kubernetesStore()
	w.configure(store + p.secret(`
  store = { name = airm_provider_store.test.name, kind = "SecretStore" }
  data  = { password = { key = "source", property = "password" } }`) + `
data "airm_project_secret" "test" {
  project = airm_project_secret.test.project
  name    = airm_project_secret.test.name
}
data "airm_project_secrets" "test" { project = airm_project_secret.test.project }
data "airm_provider_store" "test" {
  project = airm_provider_store.test.project
  name    = airm_provider_store.test.name
}
output "all" { value = [data.airm_project_secret.test, data.airm_project_secrets.test, data.airm_provider_store.test] }
`)
	log := w.logTo("trace.log")
	seen := w.apply()
	if got := p.secretData("db")["password"]; got != canary {
		t.Fatalf("the Secret has %q, so this test shows nothing", got)
	}
	seen += w.run("plan", "-out=plan")
	seen += w.run("show", "-json", "plan")
	seen += w.run("show", "-json")
	seen += w.run("output", "-json")
	seen += w.run("state", "pull")
	// Nor through an error: the Secret to be made is there already.
	w.configure(store + p.secret(`
  store  = { name = airm_provider_store.test.name, kind = "SecretStore" }
  data   = { password = { key = "source", property = "password" } }
  target = { name = "source" }`))
	seen += w.fails("apply", "-auto-approve", "-no-color")
	w.destroy()
	logged := log()
	if !strings.Contains(logged, "airm") {
		t.Error("nothing was logged, so this test shows nothing")
	}
	for _, form := range []string{canary, base64.StdEncoding.EncodeToString([]byte(canary))} {
		if strings.Contains(seen, form) || strings.Contains(logged, form) {
			t.Errorf("%s came out", form)
		}
	}
}
