// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

func ownedBy(owner string) string { return "provider \"airm\" { owner = \"" + owner + "\" }\n" }

// What a killed create of this workspace left behind is taken up by its next run.
func TestAccLeftBehindIsTakenUp(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("SecretStore", "nobody", `spec: {controller: nobody, provider: {fake: {data: [{key: a, value: b}]}}}`)
	w := p.newWorkspace()
	config := ownedBy(p.name) + p.secret(strings.ReplaceAll(plain, "$store", "nobody")) // never synced, so it waits
	w.configure(config)
	w.killedApply("the object is there", func() bool { return p.get("ExternalSecret", "db") != nil })
	left := p.get("ExternalSecret", "db")

	p.newWorkspace().refusesToCreate(ownedBy("other")+p.secret(strings.ReplaceAll(plain, "$store", "nobody")), "already exists")
	p.patch("SecretStore", "nobody", `{"spec":{"controller":null,"provider":{"fake":{"data":[{"key":"password","value":"x"}]}}}}`)
	w.apply()
	w.plansNothing()
	if now := p.get("ExternalSecret", "db"); now.GetUID() != left.GetUID() || now.GetAnnotations()[unconfirmed] != "" {
		t.Errorf("it became %v", now)
	}
	w.destroy()
	p.expect("ExternalSecret db", false)()
}

const unconfirmed = "terraform-provider-airm/unconfirmed"

// unfinished makes an object look as if the create that made it was killed.
func (p *project) unfinished() {
	p.t.Helper()
	p.patch("ExternalSecret", "db", `{"metadata":{"annotations":{"`+unconfirmed+`":"true"}}}`)
}

// refusesToCreate fails the test unless an apply says this.
func (w *workspace) refusesToCreate(config string, texts ...string) {
	w.t.Helper()
	w.configure(config)
	contains(w.t, w.fails("apply", "-auto-approve", "-no-color"), texts...)
}

// In several clusters too, where the create was killed between them.
func TestAccLeftBehindInOneCluster(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	w := p.newWorkspace()
	block := strings.Replace(twoClusters, "home_cluster", "owner = \""+p.name+"\"\n  home_cluster", 1)
	w.configure(block + p.secret(plain+`clusters = ["east"]`))
	w.apply()
	left := east.get("ExternalSecret", "db")
	east.unfinished()
	w.loseState()
	w.configure(block + p.secret(plain))
	w.apply()
	w.plansNothing()
	id := "terraform-provider-airm/owner-id"
	here, there := p.get("ExternalSecret", "db"), east.get("ExternalSecret", "db")
	if there.GetUID() != left.GetUID() || here.GetAnnotations()[id] != there.GetAnnotations()[id] {
		t.Error("they are not of one resource")
	}
	w.destroy()
	east.expect("ExternalSecret db", false)()
	p.expect("ExternalSecret db", false)()
}

// What differs from the declaration, or is another resource's, is not taken up.
func TestAccLeftBehindAndChanged(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	config := ownedBy(p.name) + p.secret(plain)
	w.configure(config)
	w.apply()
	twice := config + strings.Replace(p.secret(plain), `"test"`, `"twice"`, 1)
	w.loseState()
	w.refusesToCreate(twice, "ExternalSecret "+p.name+"/db is declared twice")
	w.loseState()
	w.refusesToCreate(config, "already exists") // its create came to its end, so a state has it
	p.unfinished()
	w.apply()
	p.unfinished()
	w.loseState()
	p.patch("ExternalSecret", "db", `{"spec":{"dataFrom":[{"find":{"name":{"regexp":".*"}}}]}}`)
	before := p.get("ExternalSecret", "db")
	w.refusesToCreate(config, "already exists", "terraform import airm_project_secret.NAME "+p.name+"/db")
	if now := p.get("ExternalSecret", "db"); now.GetGeneration() != before.GetGeneration() {
		t.Errorf("it was touched: %v", now)
	}
}

// What a resource of this workspace has is not taken up by another one, in the same configuration or in another with the
// same owner: destroying that would delete it.
func TestAccLiveIsNotTakenUp(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	config := ownedBy(p.name) + p.secret(plain)
	w.configure(config)
	w.apply()
	w.refusesToCreate(config+strings.Replace(p.secret(plain), `"test"`, `"twice"`, 1), "already exists")
	p.newWorkspace().refusesToCreate(config, "already exists")
	w.configure(config)
	w.plansNothing()
	w.destroy()
}

// A set whose update was killed after it assigned another project knows that project again.
func TestAccSetKnowsKilledUpdate(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	w := o.platform.newWorkspace()
	w.configure(o.hcl(shared("") + assignments("$0")))
	w.apply()
	o.projects[1].patch("SecretStore", "values", `{"spec":{"controller":"nobody"}}`)
	w.configure(o.hcl(shared("") + assignments("$0", "$1")))
	w.killedApply("the second project has it", func() bool {
		row, err := o.registry().Row(t.Context(), "shared", o.projects[1].name)
		return err == nil && row.Phase == airm.Assigned
	})
	o.projects[1].patch("SecretStore", "values", `{"spec":{"controller":null}}`)
	w.apply()
	w.plansNothing()
	w.destroy()
	o.leavesNothing()
}

// An assignment that is declared twice is refused, also while the first one waits.
func TestAccAssignmentDeclaredTwice(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	w := o.platform.newWorkspace()
	twice := strings.Replace(assignment(0, ""), `"p0"`, `"twice"`, 1)
	w.refusesToCreate(o.hcl(shared("")+assignment(0, "")+twice), "Assignment shared/"+o.projects[0].name+" is declared twice")
	w.configure(o.hcl(shared(""))) // either of the two was created
	w.apply()
	w.configure(o.hcl(shared("") + assignment(0, "")))
	w.apply()
	w.destroy()
}

// Without owner, one message has the import blocks of all that a killed run left behind.
func TestAccLeftBehindWithoutOwner(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	another := strings.NewReplacer(`"test"`, `"more"`, `"db"`, `"more"`).Replace(p.secret(plain))
	config := p.secret(plain) + another + p.providerStore(`fake = { data = [{ key = "a", value = "b" }] }`)
	w.configure(config)
	w.apply()
	w.loseState()
	output := w.fails("apply", "-auto-approve", "-no-color")
	all := []string{
		`import { to = airm_project_secret.NAME id = "` + p.name + `/db" }`,
		`import { to = airm_project_secret.NAME id = "` + p.name + `/more" }`,
		`import { to = airm_provider_store.NAME id = "` + p.name + "/" + p.name + `-vault" }`,
	}
	_, last, _ := strings.Cut(output, "This run has found 3")
	contains(t, last, all...)
	p.remove("ExternalSecret", "more")
	p.remove("SecretStore", p.name+"-vault")
}
