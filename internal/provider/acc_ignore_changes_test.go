// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"strings"
	"testing"
)

// What another user edited and the configuration ignores is no change: the plan is empty, also after the next refresh, and
// nothing is written.
func TestAccIgnoreChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, patch string }{
		"refresh_interval": {plain + `refresh_interval = "2h"`, `{"spec":{"refreshInterval":"5h0m0s"}}`},
		"labels":           {plain + `labels = { tier = "db" }`, `{"metadata":{"labels":{"tier":"web"}}}`},
		"data":             {plain, `{"spec":{"data":[{"secretKey":"password","remoteRef":{"key":"user","property":"name"}},{"secretKey":"a","remoteRef":{"key":"find-a"}}]}}`},
		"target":           {plain + `target = { template = { data = { a = "{{ .password }}" } } }`, `{"spec":{"target":{"template":{"data":{"a":"{{ .password | upper }}"}}}}}`},
		"manifest": {manifestOf("v1", `
spec:
  secretStoreRef: {name: $store, kind: SecretStore}
  data: [{secretKey: password, remoteRef: {key: password}}]`), `{"spec":{"data":[{"secretKey":"password","remoteRef":{"key":"find-a"}}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			w := p.newWorkspace()
			w.configure(p.secret(c.body + "\nlifecycle { ignore_changes = [" + name + "] }"))
			w.apply()
			p.patch("ExternalSecret", "db", c.patch)
			edited := p.get("ExternalSecret", "db")
			w.plansNothing()
			w.apply()
			w.plansNothing()
			live := p.get("ExternalSecret", "db")
			if !sameContent(live.Object["spec"], edited.Object["spec"]) || !sameContent(live.GetLabels(), edited.GetLabels()) {
				t.Errorf("the edit is not left alone: %s", mustJSON(live.Object))
			}

			w.configure(p.secret(c.body)) // no longer ignored
			contains(t, w.run("plan", "-no-color"), "will be updated in-place")
			w.apply()
			w.plansNothing()
			w.destroy()
		})
	}
}

// An edit that another attribute's change comes with is in the plan of that change only as far as it is not ignored.
func TestAccIgnoreChangesBesideOthers(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	ignoring := func(body string) string {
		return p.secret(plain + body + "\nlifecycle { ignore_changes = [labels] }")
	}
	w.configure(ignoring("refresh_interval = \"2h\"\nlabels = { tier = \"db\" }"))
	w.apply()
	p.patch("ExternalSecret", "db", `{"metadata":{"labels":{"tier":"web"}},"spec":{"refreshInterval":"5h0m0s"}}`)
	contains(t, w.run("plan", "-no-color"), "refresh_interval")
	w.apply()
	if live := p.get("ExternalSecret", "db"); live.GetLabels()["tier"] != "web" || p.spec()["refreshInterval"] != "2h0m0s" {
		t.Errorf("labels %v, %v", live.GetLabels(), p.spec())
	}
	w.plansNothing()
	w.destroy()
}

// Edits that were undone, or that the configuration took over, leave nothing to do either.
func TestAccEditAcceptedOrUndone(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.plainSecret()
	secret.RefreshInterval = "2h"
	accepting := secret
	accepting.RefreshInterval = "7h"
	w := p.newWorkspace()
	w.configure(secret.String())
	w.apply()
	p.patch("ExternalSecret", "db", `{"spec":{"refreshInterval":"5h0m0s"}}`)
	w.run("apply", "-refresh-only", "-auto-approve", "-no-color")
	p.patch("ExternalSecret", "db", `{"spec":{"refreshInterval":"2h0m0s"}}`)
	w.plansNothing()
	p.patch("ExternalSecret", "db", `{"spec":{"refreshInterval":"7h0m0s"}}`)
	w.configure(accepting.String())
	w.plansNothing()
	w.apply() // the state takes the edit
	w.apply() // and is then as declared
	w.plansNothing()
	if its := w.attributes(secretAddress); its["up_to_date"] != true {
		t.Errorf("up_to_date is %v", its["up_to_date"])
	}
	w.destroy()
}

// An edit in one of two clusters that no argument of the plan shows is brought to the other one only after a warning.
func TestAccEditInOneCluster(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	w := p.newWorkspace()
	w.configure(twoClusters + p.secret(plain+"refresh_interval = \"2h\"\nlifecycle { ignore_changes = [refresh_interval] }"))
	w.apply()
	east.patch("ExternalSecret", "db", `{"spec":{"refreshInterval":"5h0m0s"}}`)
	contains(t, w.run("plan", "-no-color"),
		"ExternalSecret "+p.name+"/db differs between clusters", "In home, these fields differ: spec.refreshInterval", "will be updated in-place")
	w.configure(twoClusters + p.secret(plain+"refresh_interval = \"2h\""))
	w.apply()
	if got := east.spec()["refreshInterval"]; got != "2h0m0s" {
		t.Errorf("the edit is not taken back: %v", got)
	}
	if output := w.plansNothing(); strings.Contains(output, "differs between clusters") {
		t.Errorf("warned of clusters that are equal:\n%s", output)
	}
	w.destroy()
}

// An ignored edit does not hide that the object is gone, while the cluster that still has it cannot be asked.
func TestAccEditAndGone(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	w := p.newWorkspace()
	secret := p.secret(plain + "refresh_interval = \"2h\"\nlifecycle { ignore_changes = [refresh_interval] }")
	w.configure(twoClusters + secret)
	w.apply()
	for _, its := range []*testProject{p, east} {
		its.patch("ExternalSecret", "db", `{"spec":{"refreshInterval":"5h0m0s"}}`)
	}
	w.run("apply", "-refresh-only", "-auto-approve", "-no-color")
	p.removeNow("ExternalSecret", "db")
	w.configure(homeAndEast(unusedAddress(t)).String() + secret)
	contains(t, w.run("plan", "-no-color"), "will be updated in-place")
	w.configure(twoClusters + secret)
	w.destroy()
}
