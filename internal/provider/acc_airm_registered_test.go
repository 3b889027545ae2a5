// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import "testing"

// What was made before AIRM came gets there in place, with the id that it would have been created with.
func TestAccAIRMComesLater(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"plain": plain, "template": templated} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			a := newAIRM(p)
			w := p.newWorkspace()
			w.configure(p.secret(body))
			w.apply()
			id, _ := marks(p.get("ExternalSecret", "db"))
			for _, kind := range []string{"ExternalSecret", "Secret"} {
				p.patch(kind, "db", `{"metadata":{"labels":{"`+airmID+`":null},"annotations":{"`+airmDiscovered+`":null}}}`)
			}
			before := p.uids("db")
			a.ok(a.StartWebhook(t.Context()))
			a.ok(a.StartAgent(t.Context()))

			w.configure(p.secret(body + "\nlabels = { team = \"a\" }"))
			w.apply()
			w.plansNothing()
			if row := a.row(p, "db"); row.ID != id {
				t.Errorf("the id is %s, not %s", row.ID, id)
			}
			if p.uids("db") != before {
				t.Error("the objects are not those of before")
			}
			w.destroy()
		})
	}
}

// AIRM's agent registers whatever of the two it sees first, so the Secret must not ask for it: AIRM would list a KubernetesSecret.
func TestAccAIRMSecretIsNotDiscovered(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"plain": plain, "template": templated} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			a := newAIRM(p)
			a.ok(a.StartWebhook(t.Context()))
			w := p.newWorkspace()
			w.configure(p.secret(body))
			w.apply()
			p.sync("db")
			if _, discovered := marks(p.get("Secret", "db")); discovered == "true" {
				t.Errorf("the Secret is to be registered")
			}
			a.ok(a.StartAgent(t.Context()))
			a.row(p, "db")
			w.destroy()
		})
	}
}

// sync has ESO synchronize an ExternalSecret now, and waits until it has.
func (p *testProject) sync(name string) {
	p.t.Helper()
	status := func() map[string]any { return nested(p.get("ExternalSecret", name).Object, "status") }
	before := status()
	p.patch("ExternalSecret", name, `{"metadata":{"annotations":{"force-sync":"1"}}}`)
	p.eventually("ESO has synchronized", func() bool {
		now := status()
		return now["syncedResourceVersion"] != before["syncedResourceVersion"] || now["refreshTime"] != before["refreshTime"]
	})
}

// AIRM lists a project secret once, whatever becomes of it.
func TestAccAIRMListsProjectSecretOnce(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.startAIRM()
	w := p.newWorkspace()
	var first string
	apply := func(when, body string) {
		t.Helper()
		w.configure(p.secret(body + "\nuse_case = \"Database\""))
		w.apply()
		w.plansNothing()
		row := a.row(p, "db")
		if first == "" {
			first = row.ID
		}
		if row.ID != first || row.UseCase != "Database" {
			t.Errorf("%s: AIRM lists %+v, and its first id was %s", when, row, first)
		}
	}
	apply("created", plain)
	apply("with a template", templated)
	apply("without the template again", plain)
	p.removeNow("ExternalSecret", "db")
	apply("created again", templated)
	p.removeNow("ExternalSecret", "db")
	apply("created again without the template", plain)

	a.StopAgent()
	w.configure(p.secret(templated + "\nuse_case = \"Database\""))
	w.apply()
	a.ok(a.StartAgent(t.Context()))
	apply("changed without the agent", templated)
	a.restartAgent()
	apply("after a restart", templated)
	w.destroy()
	if rows := a.rows(p); len(rows) > 0 {
		t.Errorf("AIRM still lists %+v", rows)
	}
}
