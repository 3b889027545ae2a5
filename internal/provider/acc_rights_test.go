// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"encoding/json"
	"strings"
	"testing"
)

// The rules of the rights that a project secret needs, and the one in a single namespace is enough.
const (
	manageSecrets = `{apiGroups: [external-secrets.io], resources: [externalsecrets], verbs: [get, list, watch, create, patch, update, delete]}`
	noWatch       = `{apiGroups: [external-secrets.io], resources: [externalsecrets], verbs: [get, list, create, patch, update, delete]}`
	onlyGet       = `{apiGroups: [external-secrets.io], resources: [externalsecrets], verbs: [get, create, patch, update, delete]}`
	readNamespace = `{apiGroups: [""], resources: [namespaces], verbs: [get]}`
	readEvents    = `{apiGroups: [""], resources: [events], verbs: [list]}`
	getSecrets    = `{apiGroups: [""], resources: [secrets], verbs: [get]}`
)

// as returns the provider block of a user who has these rights in the project and no others.
func (p *testProject) as(user string, rules ...string) string {
	p.t.Helper()
	token := p.User(p.name, user, rules...)
	host, _ := json.Marshal(p.Config.Host)
	secret, _ := json.Marshal(token)
	return "provider \"airm\" {\n  host = " + string(host) + "\n  token = " + string(secret) +
		"\n  cluster_ca_certificate = <<-EOT\n" + string(p.CA()) + "EOT\n}\n"
}

func TestAccRightsOfOneProject(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	user := p.as("enough", manageSecrets, readNamespace, readEvents, getSecrets)
	w.configure(user + p.secret(plain))
	if output := w.apply(); strings.Contains(output, "Could not") {
		t.Errorf("with all rights there is a warning:\n%s", output)
	}
	w.plansNothing()
	w.configure(user + p.secret(absent))
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "Secret does not exist")
	w.destroy()
}

func TestAccRightsMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		rules []string
		body  string
		fails bool
		texts []string
	}{
		{"events", []string{manageSecrets, readNamespace, getSecrets}, absent, true,
			[]string{"could not get secret data from provider", "in the events of the object, which this user may not list"}},
		{"secrets", []string{manageSecrets, readNamespace, readEvents}, plain, false,
			[]string{"Could not look for an existing Secret", "Apply complete!"}},
		{"watch", []string{noWatch, readNamespace, readEvents, getSecrets}, plain, false, []string{"Apply complete!"}},
		{"list", []string{onlyGet, readNamespace, readEvents, getSecrets}, plain, false, []string{"Apply complete!"}},
		{"namespace", []string{manageSecrets, readEvents, getSecrets}, plain, true, []string{"Cannot read namespace", `"namespaces"`}},
		{"write", []string{`{apiGroups: [external-secrets.io], resources: [externalsecrets], verbs: [get, list, watch]}`, readNamespace, getSecrets}, plain, true,
			[]string{"Cannot create ExternalSecret", "denied the request (403 Forbidden)", "Grant the permission"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			w := p.newWorkspace()
			w.configure(p.as("little", c.rules...) + p.secret(c.body))
			output, err := w.try("apply", "-auto-approve", "-no-color")
			if (err != nil) != c.fails {
				t.Fatalf("apply: %v\n%s", err, output)
			}
			contains(t, output, c.texts...)
			if c.fails {
				return
			}
			w.plansNothing()
			w.destroy()
			if p.get("ExternalSecret", "db") != nil || p.get("Secret", "db") != nil {
				t.Error("destroy left something behind")
			}
		})
	}
}

// A user whose rights, or whose token, are gone keeps the state.
func TestAccRightsLost(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	user := p.as("fired", manageSecrets, readNamespace, readEvents, getSecrets)
	w.configure(user + p.secret(plain))
	w.apply()
	p.remove("RoleBinding", "fired")
	p.eventually("the plan is refused", func() bool {
		return strings.Contains(w.run("plan", "-no-color"), "denied the request (403 Forbidden)")
	})
	contains(t, w.run("refresh", "-no-color"), "The state is kept as it was")
	if w.state(secretAddress) == nil {
		t.Error("the state forgot the secret")
	}
	w.configure("provider \"airm\" {\n  host = \"" + p.Config.Host + "\"\n  token = \"expired\"\n  insecure = true\n}\n" + p.secret(plain))
	contains(t, w.run("plan", "-no-color"), "401", "The state is kept as it was")
	w.configure(p.secret(plain))
	w.destroy()
}
