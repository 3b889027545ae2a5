// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"strings"
	"testing"
)

const unfit = "Secret does not fit its use case"

// A plan says what a use case needs and the Secret lacks, if it is known, and only if it changes.
func TestAccUseCaseWarnings(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	plan := func(body string) string {
		w.configure(p.secret(body))
		return w.run("plan", "-no-color")
	}
	silent := func(body string) {
		t.Helper()
		if output := plan(body); strings.Contains(output, unfit) {
			t.Errorf("%s\n%s", body, output)
		}
	}
	unknown := "\nresource \"terraform_data\" \"x\" { input = \"y\" }\n"
	silent(`use_case = "HuggingFace"
		store = { name = "$store", kind = "SecretStore" }
		data  = { token = { key = "password" } }`)
	silent(`use_case = "HuggingFace"` + plain + `target = { template = { data = { token = terraform_data.x.output } } }
		}` + unknown + `locals {`)
	silent(`use_case = "HuggingFace"
		store = { name = "$store", kind = "SecretStore" }
		data  = { token = { key = terraform_data.x.output } }
		}` + unknown + `locals {`)
	silent(`use_case = "HuggingFace"
		store     = { name = "$store", kind = "SecretStore" }
		data_from = [{ extract = { key = "user" } }]`)
	contains(t, plan(`use_case = "HuggingFace"`+plain), unfit, `with airm_project_secret.test`,
		`use_case = "HuggingFace"`, `from the key "token", but the Secret has only "password"`)
	contains(t, plan(`use_case = "ImagePullSecret"`+plain), "kubernetes.io/dockerconfigjson", `".dockerconfigjson"`)
	contains(t, plan(manifestOf("v1", "metadata: {labels: {airm.silogen.ai/use-case: huggingface}}\nspec: {secretStoreRef: {name: $store}, data: [{secretKey: a, remoteRef: {key: password}}]}")),
		unfit, "manifest = <<-EOT")

	w.configure(p.secret(`use_case = "Generic"` + plain))
	w.apply()
	contains(t, plan(`use_case = "HuggingFace"`+plain), unfit) // only the use case changes
	contains(t, w.apply(), unfit)
	if output := w.plansNothing(); strings.Contains(output, unfit) {
		t.Errorf("a plan without a change warns:\n%s", output)
	}
	silent(`use_case = "HuggingFace"` + plain + `labels = { a = "b" }`)
	w.destroy()
}

func TestAccUseCaseWarningsOfOrganizations(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 0)
	w := o.platform.newWorkspace()
	w.configure(o.hcl(shared(`use_case = "S3"`)))
	contains(t, w.run("plan", "-no-color"), unfit, "two keys", `only "password"`)
}

func TestAccIntervalWarning(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.secret(plain + `refresh_interval = "30s"`))
	contains(t, w.apply(), "Refresh interval of seconds", `refresh_interval = "30s"`, "every 30s", "messages to AIRM")
	if output := w.plansNothing(); strings.Contains(output, "Refresh interval of seconds") {
		t.Errorf("a plan without a change warns:\n%s", output)
	}
	w.destroy()
}

// Credentials that are kept in a project are readable there; those of a store of the organization are not.
func TestAccCredentialsInProjectWarning(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	const summary = "Members of the project can read the credentials of this store"
	w := p.newWorkspace()
	store := func(where string, version int) {
		w.configure(p.hcl(fmt.Sprintf(`
resource "airm_provider_store" "test" {
  name  = "$project-kept"
  %s
  vault = { server = "https://vault.example.com", path = "kv", auth = { token_secret_ref = { key = "token" } } }
  credentials_wo         = { token = "hunter2" }
  credentials_wo_version = %d
  wait_for_sync = false
}`, where, version)))
	}
	store("", 1)
	if output := w.run("plan", "-no-color"); strings.Contains(output, summary) {
		t.Error(output)
	}
	store(`project = "$project"`, 1)
	contains(t, w.apply(), summary, "ClusterSecretStore", "without static credentials", "credentials_wo")
	store(`project = "$project"`, 2)
	if output := w.apply(); strings.Contains(output, summary) {
		t.Errorf("it warns again:\n%s", output)
	}
	w.destroy()
}
