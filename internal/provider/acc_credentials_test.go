// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"encoding/base64"
	"fmt"
	"testing"
)

// In the platform namespace, a SecretStore and a ClusterSecretStore of one name would keep their credentials in the same
// Secret: the second one is refused.
func TestAccCredentialsOfAnotherStore(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	store := func(address, project, value string) string {
		return p.hcl(`
resource "airm_provider_store" "` + address + `" {
  name                   = "$project"
  fake                   = { data = [{ key = "k", value = "v" }] }
  credentials_wo         = { token = "` + value + `" }
  credentials_wo_version = 1
` + project + `
}
`)
	}
	p.remove("SecretStore", p.store)
	p.t.Cleanup(func() { p.remove("ClusterSecretStore", p.name) })
	w := p.newWorkspace()
	block := p.hcl("provider \"airm\" { platform_namespace = \"$project\" }\n")
	own := store("own", `project = "$project"`, "of the project")
	w.configure(block + own)
	w.apply()
	w.configure(block + own + store("shared", "", "of the organization"))
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "Secret "+p.name+"/"+p.name+"-credentials already exists")
	if got := p.secretData(p.name + "-credentials")["token"]; got != "of the project" {
		t.Errorf("the credentials became %q", got)
	}
	w.configure(block + own)
	w.apply()
	w.plansNothing()
	w.destroy()
}

// A store whose credentials this provider keeps is imported into a configuration that names their Secret itself: no change
// deletes that Secret, since the store needs it.
func TestAccCredentialsOfAnImportedStore(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.reader()
	w := p.newWorkspace()
	w.configure(p.tokenStore(p.Token(p.name, "reader"), 1).String())
	w.apply()
	name := p.backendName() + "-credentials"
	w.run("state", "rm", storeAddress)
	imported := func(more string) string {
		return p.backendStore(fmt.Sprintf(`
  kubernetes = {
    remote_namespace = "$project"
    server           = { url = %q, ca_bundle = %q }
    auth             = { token = { bearer_token = { name = %q, key = "token" } } }
  }
  %s`, p.Config.Host, base64.StdEncoding.EncodeToString(p.CA()), name, more))
	}
	w.configure(imported(""))
	w.run("import", storeAddress, p.name+"/"+p.backendName())
	w.configure(imported(`refresh_interval = "1h"`))
	w.apply()
	w.plansNothing()
	if p.get("Secret", name) == nil {
		t.Error("the Secret that the store names is gone")
	}
	w.destroy()
}

// A new version in the configuration is written, also where the Secret says that it has that version: a state that was lost, or an
// update that was killed, may have written other values under it.
func TestAccCredentialsOfALostState(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	store := p.fakeStore(storedValue{Key: "k", Value: "v"})
	store.CredentialsWO, store.CredentialsWOVersion = map[string]string{"token": "old"}, 1
	w := p.newWorkspace()
	w.configure(store.String())
	w.apply()
	w.run("state", "rm", storeAddress)
	store.CredentialsWO = map[string]string{"token": "new"}
	w.configure(store.String())
	w.run("import", storeAddress, p.name+"/"+store.Name)
	w.apply()
	w.plansNothing()
	if got := p.secretData(store.Name + "-credentials")["token"]; got != "new" {
		t.Errorf("the Secret has %q", got)
	}
	w.destroy()
}
