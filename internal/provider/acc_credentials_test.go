// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
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

// A run may end between the store, which refers to another key by then, and the Secret: the next one writes the Secret.
func TestAccCredentialsOfAnotherKey(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.reader()
	token := p.Token(p.name, "reader")
	w := p.newWorkspace()
	store := p.tokenStore(token, 1)
	w.configure(store.String())
	w.apply()
	p.patch("SecretStore", p.backendName(), `{"spec":{"provider":{"kubernetes":{"auth":{"token":{"bearerToken":{"key":"access"}}}}}}}`)
	store.Kubernetes.Auth.Token.BearerToken.Key, store.CredentialsWO = "access", map[string]string{"access": token}
	w.configure(store.String())
	w.apply()
	if got := p.secretData(p.backendName() + "-credentials"); got["access"] != token {
		t.Errorf("the Secret, to which the store refers by \"access\", has the keys %v", slices.Sorted(maps.Keys(got)))
	}
	w.plansNothing()
	w.destroy()
}

// A Secret that takes no change is refused before a store points to it.
func TestAccCredentialsImmutable(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.reader()
	name := p.backendName() + "-credentials"
	ref := airm.Ref{Kind: "Secret", Project: p.name, Name: name}
	p.create("Secret", name, `{immutable: true, data: {token: Zm9yZ2Vk}, metadata: {annotations: {`+
		airm.AnnotationHome+`: `+ref.Home()+`, `+eso.AnnotationCredentialsVersion+`: "1"}}}`)
	w := p.newWorkspace()
	w.configure(p.tokenStore(p.Token(p.name, "reader"), 1).String())
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "immutable", "Delete Secret "+p.name+"/"+name)
	if p.get("SecretStore", p.backendName()) != nil {
		t.Error("the store points to what was not written")
	}
	p.remove("Secret", name)
	w.apply()
	w.plansNothing()
	w.destroy()
}
