// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"k8s.io/apimachinery/pkg/types"
)

const templated = plain + `
  target = { template = { type = "Opaque", data = { password = "{{ .password }}" } } }`

// uids are those of an ExternalSecret and of its Secret, which must survive what is done in place.
func (p *testProject) uids(name string) [2]types.UID {
	p.t.Helper()
	object, secret := p.get("ExternalSecret", name), p.get("Secret", name)
	if object == nil || secret == nil {
		p.t.Fatalf("%s is not there: ExternalSecret %v, Secret %v", name, object != nil, secret != nil)
	}
	return [2]types.UID{object.GetUID(), secret.GetUID()}
}

// AIRM's users cannot delete a copy of an organization secret: AIRM lists none.
func TestAccAIRMListsNoCopy(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	a := o.startAIRM()
	w := o.platform.newWorkspace()
	for name, more := range map[string]string{
		"plain":    `refresh_interval = "1h"`,
		"template": `target = { template = { type = "Opaque", data = { password = "{{ .password }}" } } }`,
	} {
		w.configure(o.hcl(shared(more+"\nuse_case = \"Database\"") + assignmentBlock(0, "") + assignmentBlock(1, "")))
		w.apply()
		w.plansNothing()
		for _, p := range o.projects {
			a.hasNoRow(p)
			id, discovered := marks(p.get("ExternalSecret", "shared"))
			if secretID, _ := marks(p.get("Secret", "shared")); uuid.Validate(id) != nil || secretID != id || discovered != "false" {
				t.Errorf("%s: the copy has the id %q and is discovered %q; its Secret has the id %q", name, id, discovered, secretID)
			}
		}
	}
	first, _ := marks(o.projects[0].get("ExternalSecret", "shared"))
	if second, _ := marks(o.projects[1].get("ExternalSecret", "shared")); first == second {
		t.Error("two copies have the same id")
	}
	o.projects[0].removeNow("ExternalSecret", "shared")
	w.apply()
	if again, _ := marks(o.projects[0].get("ExternalSecret", "shared")); again != first {
		t.Errorf("after it was created again the id is %s, not %s", again, first)
	}
	a.restartAgent()
	a.hasNoRow(o.projects[0])
	w.destroy()
	o.leavesNothing()
}

// What is created while the agent is stopped is registered when it runs again.
func TestAccAIRMListsWhatAgentMissed(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := newAIRM(p)
	a.ok(a.StartWebhook(t.Context()))
	w := p.newWorkspace()
	w.configure(p.many(10, plain))
	w.apply()
	a.ok(a.StartAgent(t.Context()))
	a.listsOnce(p, 10)
	w.plansNothing()
	a.restartAgent()
	a.listsOnce(p, 10)
	w.destroy()
	a.hasNoRow(p)
}

// many configures secrets db-0, db-1 and so on.
func (p *testProject) many(count int, body string) string {
	return p.hcl(fmt.Sprintf(`
resource "airm_project_secret" "test" {
  count   = %d
  project = "$project"
  name    = "db-${count.index}"
%s
}
`, count, body))
}

// listsOnce fails the test unless AIRM lists each of the secrets of p.many once.
func (a *airmPlatform) listsOnce(p *testProject, count int) {
	a.t.Helper()
	var wanted, names []string
	for i := range count {
		wanted = append(wanted, fmt.Sprintf("db-%d", i))
	}
	for _, row := range a.rows(p) {
		names = append(names, row.Name)
	}
	slices.Sort(wanted)
	if slices.Sort(names); !slices.Equal(names, wanted) {
		a.t.Errorf("AIRM lists the secrets %v, not %v", names, wanted)
	}
}

// A project secret that is not to be registered is not, until it is.
func TestAccAIRMRegisterInAIRM(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.startAIRM()
	w := p.newWorkspace()
	for _, body := range []string{plain, templated} {
		w.configure(p.secret(body + "\nregister_in_airm = false"))
		w.apply()
		w.plansNothing()
		a.hasNoRow(p)
		a.restartAgent()
		a.hasNoRow(p)
	}
	before := p.uids("db")
	w.configure(p.secret(templated))
	w.apply()
	w.plansNothing()
	a.row(p, "db")
	if p.uids("db") != before {
		t.Error("it was not registered in place")
	}
	w.destroy()
}

// An id that AIRM's webhook gave stays, with its row.
func TestAccAIRMKeepsIDOfWebhook(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.startAIRM()
	p.externalSecret("db", "")
	p.eventually("the Secret is there", func() bool { return p.get("Secret", "db") != nil })
	row, before := a.row(p, "db"), p.uids("db")
	w := p.newWorkspace()
	w.configure(p.secret(plain))
	w.run("import", secretAddress, p.name+"/db")
	w.apply()
	w.plansNothing()
	w.configure(p.secret(templated))
	w.apply()
	w.plansNothing()
	if after := a.row(p, "db"); after.ID != row.ID || p.uids("db") != before {
		t.Errorf("the row was %+v and is %+v; UIDs %v, %v", row, after, before, p.uids("db"))
	}
	w.destroy()
	a.hasNoRow(p)
}

// A copy that AIRM's webhook had registered is put right in place. Its row may be deleted in AIRM, which touches nothing.
func TestAccAIRMRowOfCopyTouchesNothing(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	p := o.projects[0]
	a := o.startAIRM()
	w := o.platform.newWorkspace()
	w.configure(o.hcl(shared(`timeouts = { update = "1m" }`) + assignmentBlock(0, "")))
	w.apply()
	id, _ := marks(p.get("ExternalSecret", "shared"))
	earlier := uuid.NewString()
	p.patch("ExternalSecret", "shared", `{"metadata":{"labels":{"`+airmID+`":"`+earlier+`"},"annotations":{"`+airmDiscovered+`":"true"}}}`)
	p.eventually("the Secret has the id, too", func() bool { secretID, _ := marks(p.get("Secret", "shared")); return secretID == earlier })
	before := p.uids("shared")
	stale := a.rows(p)
	if len(stale) != 1 || stale[0].ID != earlier {
		t.Fatalf("AIRM lists %+v", stale)
	}

	w.apply()
	w.plansNothing()
	if now, discovered := marks(p.get("ExternalSecret", "shared")); now != id || discovered != "false" {
		t.Errorf("the copy has the id %s and is discovered %q", now, discovered)
	}
	p.eventually("the Secret has the id, too", func() bool { secretID, _ := marks(p.get("Secret", "shared")); return secretID == id })
	a.rows(p)
	a.ok(a.Delete(t.Context(), stale[0]))
	a.hasNoRow(p)
	if p.uids("shared") != before {
		t.Error("the objects are not those of before")
	}
	w.plansNothing()
	w.destroy()
}

// A Secret that AIRM listed beside its ExternalSecret, because it came from a template, gets the id of that in place. Its own
// row may be deleted in AIRM, which touches nothing.
func TestAccAIRMRowOfSecretTouchesNothing(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.startAIRM()
	w := p.newWorkspace()
	w.configure(p.secret(templated))
	w.apply()
	row, before, earlier := a.row(p, "db"), p.uids("db"), uuid.NewString()
	p.patch("ExternalSecret", "db", `{"spec":{"target":{"template":{"metadata":null}}}}`)
	p.patch("Secret", "db", `{"metadata":{"labels":{"`+airmID+`":"`+earlier+`"},"annotations":{"`+airmDiscovered+`":"true"}}}`)
	a.eventually("AIRM lists the Secret", func() bool { return len(a.Rows(p.name)) == 2 })
	stale := a.Rows(p.name)[1]
	if stale.ID != earlier || stale.Kind != "KubernetesSecret" {
		t.Fatalf("AIRM lists %+v", stale)
	}

	if got := w.plan(secretAddress); got != "update" {
		t.Errorf("the plan is %q", got)
	}
	w.apply()
	w.plansNothing()
	p.eventually("the Secret has the id of the ExternalSecret", func() bool { id, _ := marks(p.get("Secret", "db")); return id == row.ID })
	a.rows(p)
	a.ok(a.Delete(t.Context(), stale))
	if after := a.row(p, "db"); after.ID != row.ID || p.uids("db") != before {
		t.Errorf("the row was %+v and is %+v; UIDs %v, %v", row, after, before, p.uids("db"))
	}
	w.plansNothing()
	w.destroy()
}
