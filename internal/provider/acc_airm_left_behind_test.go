// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"strings"
	"testing"
)

// What was killed between the create and the registration in AIRM is taken up, and registered, by the next run.
func TestAccAIRMLeftBehindIsTakenUp(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"plain": plain, "template": templated} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			a := p.startAIRM()
			w := p.newWorkspace()
			w.configure(ownedBy(p.name) + p.secret(body+"\nregister_in_airm = false"))
			w.apply()
			p.unfinished()
			w.loseState()
			left := p.uids("db")
			a.hasNoRow(p)

			w.configure(ownedBy(p.name) + p.secret(body))
			w.apply()
			w.plansNothing()
			a.row(p, "db")
			if p.uids("db") != left {
				t.Error("it was created again")
			}
			w.destroy()
			a.hasNoRow(p)
		})
	}
}

// Annotations go to the Secret as they are, also where they look like a template.
func TestAccAIRMAnnotationIsNoTemplate(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.startAIRM()
	w := p.newWorkspace()
	body := plain + `annotations = { note = "a {{ .password }} b", other = "{{ toYaml" }` + "\n"
	w.configure(p.secret(body))
	w.apply()
	w.plansNothing()
	p.sync("db")
	p.eventually("it is synced", func() bool { return p.ready("ExternalSecret", "db") == "True" })
	got := p.get("Secret", "db").GetAnnotations()
	if got["note"] != "a {{ .password }} b" || got["other"] != "{{ toYaml" {
		t.Errorf("annotations %v", got)
	}
	a.row(p, "db")
	w.destroy()
}

// Without an owner it is imported, which registers it with the next apply.
func TestAccAIRMLeftBehindIsImported(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.startAIRM()
	w := p.newWorkspace()
	w.configure(p.secret(plain + "\nregister_in_airm = false"))
	w.apply()
	w.loseState()
	w.configure(p.secret(plain) + p.importBlock())
	w.apply()
	w.plansNothing()
	a.row(p, "db")
	w.destroy()
}

// A secret that is not to be registered is imported without a change.
func TestAccAIRMImportUnregistered(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.startAIRM()
	w := p.newWorkspace()
	config := p.secret(plain + "\nregister_in_airm = false")
	w.configure(config)
	w.apply()
	w.loseState()
	w.configure(config + p.importBlock())
	output := w.apply()
	contains(t, output, "1 imported, 0 added, 0 changed")
	if strings.Contains(output, "still lists") {
		t.Errorf("it warns:\n%s", output)
	}
	w.plansNothing()
	a.hasNoRow(p)
	w.destroy()
}
