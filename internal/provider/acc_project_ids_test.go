// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// remake deletes the project and makes another one of its name.
func (p *testProject) remake(id string) {
	p.t.Helper()
	p.removeNow("Namespace", p.name)
	p.createNamespace(id)
	p.setStore("values", storeValues)
}

func (p *testProject) setProjectID(id string) {
	p.t.Helper()
	p.patch("Namespace", p.name, `{"metadata":{"labels":{"airm.silogen.ai/project-id":"`+id+`"}}}`)
}

// planned are an attribute's values before and after a plan that is in the file "plan".
func (w *workspace) planned(address, attribute string) (before, after any) {
	w.t.Helper()
	var plan tfjson.Plan
	w.show(&plan, "plan")
	for _, change := range plan.ResourceChanges {
		if change.Address == address {
			old, _ := change.Change.Before.(map[string]any)
			planned, _ := change.Change.After.(map[string]any)
			return old[attribute], planned[attribute]
		}
	}
	return nil, nil
}

// A project that was deleted and made again under its name, with another id, gets the secret only by a plan that shows it: no
// fan-out, no other run and no older plan gives it to it.
func TestAccProjectCameBackAsAnother(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	p := o.projects[0]
	const address = "airm_secret_assignment.p0"
	declared := o.declared(0)
	updated := declared
	updated.Shared.RefreshInterval = "2h"
	w := p.newWorkspace()
	w.configure(declared.String())
	w.apply()
	if got := w.attributes(address)["project_id"]; got != "id-of-"+p.name {
		t.Fatalf("project_id is %v", got)
	}
	p.remake("another")

	reason := tfjsonpath.New("assignments").AtSliceIndex(0).AtMapKey("status_reason")
	o.elsewhere(hasStatus(airm.Unassigned), statecheck.ExpectKnownValue("data.airm_organization_secret.test", reason,
		knownvalue.StringRegexp(matchWords("is now the name of the project with the ID another"))))
	w.configure(updated.String())
	w.run("apply", "-auto-approve", "-no-color", "-target="+sharedAddress)
	p.expect("ExternalSecret shared", false)()
	ofAnother := airm.Assignment{Secret: "shared", Project: p.name, OwnerID: "other"}
	again := o.registry().Reassign(context.Background(), ofAnother, organization.Known{})
	if again.Err == nil || !strings.Contains(again.Err.Error(), "is the name of another project now") {
		t.Errorf("another run places it there: %v", again.Err)
	}
	p.expect("ExternalSecret shared", false)()

	contains(t, w.run("plan", "-out=plan", "-no-color"), `"`+p.name+`" is the name of another project now`, "which may be another team's")
	if before, after := w.planned(address, "project_id"); before != "id-of-"+p.name || after != "another" {
		t.Errorf("the plan shows %v, then %v", before, after)
	}
	p.setProjectID("third")
	contains(t, w.fails("apply", "-auto-approve", "-no-color", "plan"), `"`+p.name+`" is the name of another project now`, "with the ID third")
	p.expect("ExternalSecret shared", false)()

	contains(t, w.apply(), "with the ID third")
	p.expect("ExternalSecret shared", true)()
	if got := w.attributes(address)["project_id"]; got != "third" {
		t.Errorf("project_id is %v", got)
	}
	w.plansNothing()
	w.destroy()
	o.leavesNothing()
}

// The same for a set, where the other projects are not shown as changed; and a state and records of an earlier version learn the
// ids without a change in the plan.
func TestAccProjectOfSetCameBackAsAnother(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 3)
	declared := o.declared().asSet(0, 1)
	labelled := declared
	labelled.Set.Labels = map[string]string{"tier": "a"}
	w := o.platform.newWorkspace()
	w.configure(declared.String())
	w.apply()
	w.editInstances(func(instance map[string]any) { delete(instance["attributes"].(map[string]any), "project_ids") })
	for _, p := range o.projects[:2] {
		o.platform.patch("ConfigMap", airm.AssignmentRecordName("shared", p.name), `{"data":{"projectID":null}}`)
	}
	w.plansNothing()
	w.configure(labelled.String())
	w.apply()
	w.plansNothing()
	first, second, third := o.projects[0], o.projects[1], o.projects[2]
	ids := func() any { return w.attributes(setAddress)["project_ids"] }
	expected := map[string]any{first.name: "id-of-" + first.name, second.name: "id-of-" + second.name}
	if got := ids(); !sameContent(got, expected) {
		t.Errorf("project_ids are %v, not %v", got, expected)
	}

	second.remake("another")
	w.configure(labelled.asSet(0, 1, 2).String())
	contains(t, w.run("plan", "-out=plan", "-no-color"), `"`+second.name+`" is the name of another project now`)
	_, after := w.planned(setAddress, "project_ids") // that of the third is not known yet
	if expected[second.name] = "another"; !sameContent(after, expected) {
		t.Errorf("the plan shows %v, not %v", after, expected)
	}
	w.run("apply", "-auto-approve", "-no-color", "plan")
	second.expect("ExternalSecret shared", true)()
	if expected[third.name] = "id-of-" + third.name; !sameContent(ids(), expected) {
		t.Errorf("project_ids are %v, not %v", ids(), expected)
	}
	w.plansNothing()
	w.destroy()
	o.leavesNothing()
}

// A project that is gone does not make the organization secret Failed in every workspace, and what is left of its assignment can be
// removed without the project: by its own resource, by an import, and with the organization secret.
func TestAccProjectGone(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 3)
	own, imported, lost := o.projects[0], o.projects[1], o.projects[2]
	w := o.platform.newWorkspace()
	w.configure(o.declared(0).String())
	w.apply()
	o.share(imported, "lost/workspace")
	o.share(lost, "lost/workspace")
	stays := newProject(t)
	stays.setStore("values", storeValues)
	o.share(stays, "acme/two")
	stays.eventually("it is synced", func() bool { return stays.ready("ExternalSecret", "shared") == "True" })
	for _, p := range o.projects {
		p.remove("Namespace", p.name)
	}
	for _, p := range o.projects {
		p.removeNow("Namespace", p.name)
	}

	o.elsewhere(hasStatus(airm.Synced))
	contains(t, w.run("plan", "-no-color"), "A project of assignment shared/"+own.name+" is gone", "the destroy works without the project")
	if action := w.plan("airm_secret_assignment.p0"); action != "update" {
		t.Errorf("the plan is %q", action)
	}
	contains(t, w.fails("apply", "-auto-approve", "-no-color"),
		`Project "`+own.name+`" does not exist`, "the destroy works without the project")
	w.configure(o.declared().String())
	w.apply()
	w.plansNothing()

	w.configure(o.declared(1).String())
	w.run("import", "airm_secret_assignment.p1", "shared/"+imported.name)
	contains(t, w.fails("destroy", "-auto-approve", "-no-color"), "is still assigned", stays.name+" (by acme/two)")
	stays.ok(o.registry().Unassign(context.Background(), "shared", stays.name, organization.Known{}))
	if record := o.platform.get("ConfigMap", airm.AssignmentRecordName("shared", lost.name)); record == nil {
		t.Error("the refused destroy removed the record of the lost assignment")
	}
	w.destroy()
	o.leavesNothing()
}

// A namespace whose label was changed is another project's too: the plan shows it although the copy is still there, so that an
// update for another reason is not refused for ever. Without a refresh nothing is said of what was applied already.
func TestAccProjectIDChanged(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	p := o.projects[0]
	declared := o.declared(0)
	labelled := declared.with(0, func(a *assignmentConfig) { a.Labels = map[string]string{"tier": "a"} })
	w := p.newWorkspace()
	w.configure(declared.String())
	w.apply()
	uid := p.get("ExternalSecret", "shared").GetUID()
	p.setProjectID("another")
	w.configure(labelled.String())
	output := w.run("plan", "-out=plan", "-no-color")
	contains(t, output, `"`+p.name+`" is the name of another project now`)
	if strings.Contains(output, "was deleted with it") {
		t.Errorf("it says that the secret is gone:\n%s", output)
	}
	w.run("apply", "-auto-approve", "-no-color", "plan")
	if got := p.get("ExternalSecret", "shared").GetUID(); got != uid {
		t.Error("the copy was made anew")
	}
	w.plansNothing()
	p.setProjectID("third")
	w.apply()
	w.configure(declared.String())
	if output := w.run("plan", "-refresh=false", "-no-color"); strings.Contains(output, "another project") {
		t.Errorf("it warns of what was applied:\n%s", output)
	}
	w.destroy()
	o.leavesNothing()
}

// Where one name is several projects, clusters says which is meant, also of a secret that another one of them has.
func TestAccAssignmentMovesToProjectOfOtherCluster(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	p := o.projects[0]
	east := p.inEast(true)
	east.setStore("values", storeValues)
	east.setProjectID("another")
	declared := o.declared(0)
	declared.Provider = homeAnd("east", connectionConfig{ConfigContext: "east"})
	declared.Provider.PlatformNamespace = o.platform.name
	in := func(cluster string) string {
		return declared.with(0, func(a *assignmentConfig) { a.Clusters = []string{cluster} }).String()
	}
	w := p.newWorkspace()
	w.configure(in("home"))
	w.apply()
	w.configure(in("east"))
	w.apply()
	p.expect("ExternalSecret shared", false)()
	east.expect("ExternalSecret shared", true)()
	if got := w.attributes("airm_secret_assignment.p0")["project_id"]; got != "another" {
		t.Errorf("project_id is %v", got)
	}
	w.plansNothing()
	w.destroy()
	o.leavesNothing()
}
