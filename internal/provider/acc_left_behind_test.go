// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

func ownedBy(owner string) string { return providerConfig{Owner: owner}.String() }

// What a killed create of this workspace left behind is taken up by its next run.
func TestAccLeftBehindIsTakenUp(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	secret := p.unattendedSecret().String() // so a create waits
	w := p.newWorkspace()
	w.configure(ownedBy(p.name) + secret)
	w.killedApply("the object is there", func() bool { return p.get("ExternalSecret", "db") != nil })
	left := p.get("ExternalSecret", "db")

	p.newWorkspace().refusesToCreate(ownedBy("other")+secret, "already exists")
	p.patch("SecretStore", "idle", `{"spec":{"controller":null,"provider":{"fake":{"data":[{"key":"password","value":"x"}]}}}}`)
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
func (p *testProject) unfinished() {
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
	provider := homeAnd("east", connectionConfig{ConfigContext: "east"})
	provider.Owner = p.name
	secret := p.plainSecret()
	narrowed := secret
	narrowed.Clusters = []string{"east"}
	w := p.newWorkspace()
	w.configure(provider.String() + narrowed.String())
	w.apply()
	left := east.get("ExternalSecret", "db")
	east.unfinished()
	w.loseState()
	w.configure(provider.String() + secret.String())
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
	secret := p.plainSecret()
	config := ownedBy(p.name) + secret.String()
	w.configure(config)
	w.apply()
	twice := config + resourceBlock("airm_project_secret", "twice", secret)
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
	secret := p.plainSecret()
	config := ownedBy(p.name) + secret.String()
	w.configure(config)
	w.apply()
	w.refusesToCreate(config+resourceBlock("airm_project_secret", "twice", secret), "already exists")
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
	w.configure(o.declared().asSet(0).String())
	w.apply()
	o.projects[1].patch("SecretStore", "values", `{"spec":{"controller":"none"}}`)
	w.configure(o.declared().asSet(0, 1).String())
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

// A create that takes up an organization secret brings its copies to the definition. If that fails in a project, the secret is in the
// state nevertheless, and the next apply goes on.
func TestAccOrganizationSecretTakenUpFailsInAProject(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	p, registry := o.projects[0], o.registry()
	left := airm.OrganizationSecret{Name: "shared", OwnerID: "killed", Owner: o.provider().Owner}
	left.Definition.Spec = map[string]any{
		"secretStoreRef": map[string]any{"name": "values", "kind": "SecretStore"},
		"data":           []any{map[string]any{"secretKey": "password", "remoteRef": map[string]any{"key": "password"}}},
	}
	_, err := registry.Define(t.Context(), left)
	p.ok(err)
	o.share(p, "acme/other")
	p.create("Secret", "precious", `stringData: {theirs: value}`)
	declared := o.declared()
	declared.Shared.Target.Name = "precious"
	w := o.platform.newWorkspace()
	w.configure(declared.String())
	contains(t, w.apply(), "Warning: 1 of 1 copies of \"shared\" is not up to date", "- project "+p.name,
		"Secret "+p.name+"/precious already exists", "The next apply retries the rest.")
	p.remove("Secret", "precious")
	contains(t, w.apply(), "0 added, 1 changed, 0 destroyed")
	w.plansNothing()
	p.ok(registry.Unassign(t.Context(), "shared", p.name, organization.Known{}))
	w.destroy()
	o.leavesNothing()
}

// An assignment that is declared twice is refused, also while the first one waits.
func TestAccAssignmentDeclaredTwice(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	w := o.platform.newWorkspace()
	declared := o.declared(0)
	twice := resourceBlock("airm_secret_assignment", "twice", declared.Assignments[0])
	w.refusesToCreate(declared.String()+twice, "Assignment shared/"+o.projects[0].name+" is declared twice")
	w.configure(o.declared().String()) // either of the two was created
	w.apply()
	w.configure(declared.String())
	w.apply()
	w.destroy()
}

// Without owner, one message has the import blocks of all that a killed run left behind.
func TestAccLeftBehindWithoutOwner(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	secret := p.plainSecret()
	more := secret
	more.Name = "more"
	store := p.fakeStore(storedValue{Key: "a", Value: "b"})
	w.configure(secret.String() + resourceBlock("airm_project_secret", "more", more) + store.String())
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

// A record whose create was interrupted stays where a replacement takes it up: the destroy of what is replaced leaves it alone.
func TestAccTakenUpRecordsAreNotDeleted(t *testing.T) {
	t.Parallel()
	for address, declare := range map[string]func(*org) orgConfig{
		"airm_secret_assignment.p0": func(o *org) orgConfig { return o.declared(0) },
		setAddress:                  func(o *org) orgConfig { return o.declared().asSet(0) },
		sharedAddress:               func(o *org) orgConfig { return o.declared() },
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, 1)
			config := declare(o)
			w := o.platform.newWorkspace()
			provider := config.Provider.String()
			resources := strings.TrimPrefix(config.String(), provider)
			w.configure(provider + strings.ReplaceAll(resources, "\n}\n", "\nlifecycle { create_before_destroy = true }\n}\n"))
			w.apply()
			o.platform.patch("ConfigMap", airm.DefinitionRecordName("shared"), `{"data":{"unconfirmed":"true"}}`)
			if address != sharedAddress {
				o.platform.patch("ConfigMap", airm.AssignmentRecordName("shared", o.projects[0].name), `{"data":{"unconfirmed":"true"}}`)
			}
			contains(t, w.run("apply", "-auto-approve", "-no-color", "-replace="+address), "now belongs to the resource that replaces this one")
			w.plansNothing()
			if address != sharedAddress && o.password(0) == nil {
				t.Error("the project has lost the secret")
			}
			w.destroy()
			o.leavesNothing()
		})
	}
}
