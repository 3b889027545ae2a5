// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
)

// kubeconfigText is the kubeconfig of the tests with everything in it, and a comment.
func kubeconfigText(t *testing.T, comment string) string {
	t.Helper()
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: filepath.SplitList(os.Getenv("KUBECONFIG"))}
	config, err := rules.Load()
	if err == nil {
		err = clientcmdapi.FlattenConfig(config)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := clientcmd.Write(*config)
	if err != nil {
		t.Fatal(err)
	}
	return "# " + comment + "\n" + string(text)
}

// The text of a kubeconfig connects to one cluster or to several, without any file or variable of the environment.
func TestAccKubeconfigText(t *testing.T) {
	t.Parallel()
	acctest.Connect(t, "east")
	w := newWorkspace(t)
	w.setenv("TF_VAR_kubeconfig", kubeconfigText(t, "from a variable"))
	const variable = `
variable "kubeconfig" {
  type      = string
  sensitive = true
}
data "airm_clusters" "all" {}
output "reachable" {
  value = { for c in data.airm_clusters.all.clusters : c.name => c.reachable }
}
`
	for block, want := range map[string]string{
		`kubeconfig = var.kubeconfig`: `{"default":true}`,
		`clusters = {
    home = { kubeconfig = var.kubeconfig, config_context = "default" }
    east = { kubeconfig = var.kubeconfig, config_context = "east" }
  }`: `{"east":true,"home":true}`,
	} {
		w.configure("provider \"airm\" {\n  " + block + "\n}\n" + variable)
		w.apply()
		if got := w.run("output", "-json", "reachable"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", block, got)
		}
	}
	w.configure("provider \"airm\" {\n  kubeconfig = \"users: [{token: hush\"\n}\ndata \"airm_projects\" \"all\" {}\n")
	got := w.fails("plan", "-no-color")
	if !strings.Contains(got, "argument kubeconfig is not a kubeconfig") || strings.Contains(got, "token: hush") {
		t.Error(got)
	}
}

// No value comes into a log, however much is logged: neither of secrets nor of what the provider connects with.
func TestAccLogNoValues(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	planted := func(what string) string { return "planted-" + what + "-" + p.name }
	w := newWorkspace(t)
	w.setenv("TF_VAR_kubeconfig", kubeconfigText(t, planted("kubeconfig")))
	logged := w.logTo("trace.log")
	const connected = `
provider "airm" {
  kubeconfig         = var.kubeconfig
  platform_namespace = "$project-records"
}
`
	config := func(provider, literal string) {
		w.configure(p.hcl(`
variable "kubeconfig" {
  type      = string
  sensitive = true
}` + provider + fmt.Sprintf(`
resource "airm_provider_store" "test" {
  name                   = "$project"
  credentials_wo         = { token = %q }
  credentials_wo_version = 1
  fake                   = { data = [{ key = "a", value = %q }] }
}
resource "airm_organization_secret" "test" {
  name   = "$project"
  store  = { name = airm_provider_store.test.name }
  data   = { x = { key = "a" } }
  target = { template = { data = { y = %q } } }
}
resource "airm_secret_assignments" "test" {
  secret   = airm_organization_secret.test.name
  projects = ["$project"]
}
resource "airm_project_secret" "test" {
  project = "$project"
  name    = "own"
  store   = { name = "$store", kind = "SecretStore" }
  data    = { x = { key = "password" } }
}
`, planted("credential"), planted("fake"), planted(literal))))
	}
	config(connected, "literal")
	w.apply()
	config(connected, "changed")
	w.apply()
	config(fmt.Sprintf(`
provider "airm" {
  host      = "https://127.0.0.1:1"
  token     = %q
  proxy_url = "http://ali:%s@127.0.0.1:1"
}
`, planted("token"), planted("proxy")), "changed")
	_, _ = w.try("apply", "-auto-approve", "-no-color")
	config(fmt.Sprintf("\nprovider \"airm\" {\n  kubeconfig = \"users: [%s\"\n}\n", planted("kubeconfig")), "changed")
	w.fails("plan", "-no-color", "-refresh-only")
	config(connected, "changed")
	w.destroy()

	log := []byte(logged())
	for _, line := range []string{
		"Request: create ClusterSecretStore", "Request: apply ExternalSecret", "Watch event", "Cluster is unavailable", "client-go: ",
	} {
		if !bytes.Contains(log, []byte(line)) {
			t.Errorf("nothing logs %q, so this test shows less than it should", line)
		}
	}
	for _, what := range []string{"credential", "fake", "literal", "changed", "token", "proxy", "kubeconfig"} {
		noTrace(t, log, planted(what))
	}
	for _, user := range p.users() {
		noTrace(t, log, user)
	}
}

// noTrace fails the test where a log has a value, in any form.
func noTrace(t *testing.T, log []byte, value string) {
	t.Helper()
	for _, form := range []string{value, base64.StdEncoding.EncodeToString([]byte(value)), strings.Trim(strconv.Quote(value), `"`)} {
		if at := bytes.Index(log, []byte(form)); form != "" && at >= 0 {
			t.Errorf("%.30s… is in the log: …%s", value, log[max(0, at-300):at])
		}
	}
}

// users are the keys and tokens of the kubeconfig of the tests.
func (p *testProject) users() []string {
	return []string{string(p.Config.KeyData), p.Config.BearerToken}
}
