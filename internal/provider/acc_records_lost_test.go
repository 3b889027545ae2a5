// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// An assignment of another workspace is not revoked either where its record has lost the labels by which it is listed.
func TestAccUnlabelledRowOfOthersIsNotRevoked(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	w := o.platform.newWorkspace()
	w.configure(o.declared().asSet(0).String())
	w.apply()
	o.share(o.projects[1], "acme/two")
	record := airm.AssignmentRecordName("shared", o.projects[1].name)
	o.platform.patch("ConfigMap", record, `{"metadata":{"labels":null}}`)
	w.run("apply", "-refresh-only", "-auto-approve", "-no-color")
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "is assigned from elsewhere too", o.projects[1].name+" (by acme/two)")
	if o.password(1) == nil {
		t.Error("the project of another workspace has lost the secret")
	}
	o.projects[1].ok(o.registry().Unassign(t.Context(), "shared", o.projects[1].name, organization.Known{}))
	w.destroy()
	o.leavesNothing()
}

// An assignment whose record was deleted stays in the state: an apply writes the record again, and a removal deletes the copy.
func TestAccAssignmentRecordDeleted(t *testing.T) {
	t.Parallel()
	for name, declare := range map[string]func(o *org, projects ...int) string{
		"single": func(o *org, projects ...int) string { return o.declared(projects...).String() },
		"set":    func(o *org, projects ...int) string { return o.declared().asSet(projects...).String() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, 2)
			record := airm.AssignmentRecordName("shared", o.projects[0].name)
			w := o.platform.newWorkspace()
			w.configure(declare(o, 0, 1))
			w.apply()
			o.platform.removeNow("ConfigMap", record)
			w.apply()
			if o.platform.get("ConfigMap", record) == nil {
				t.Error("the record was not written again")
			}
			w.plansNothing()
			o.platform.removeNow("ConfigMap", record)
			w.configure(declare(o, 1))
			w.apply()
			o.projects[0].expect("ExternalSecret shared", false)()
			w.plansNothing()
			w.destroy()
			o.leavesNothing()
		})
	}
}

// While it cannot be seen which projects have a secret, its set of assignments stays in the state.
func TestAccSetStaysWhileRowsCannotBeRead(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	w := o.platform.newWorkspace()
	w.configure(o.declared().asSet(0).String())
	w.apply()
	row, definition := airm.AssignmentRecordName("shared", o.projects[0].name), airm.DefinitionRecordName("shared")
	o.platform.removeNow("ConfigMap", definition)
	o.platform.patch("ConfigMap", row, `{"data":{"phase":"x"}}`)
	contains(t, w.fails("apply", "-refresh-only", "-auto-approve", "-no-color"), row)
	contains(t, w.run("state", "list"), setAddress)
	o.platform.patch("ConfigMap", row, `{"data":{"phase":"assigned"}}`)
	w.run("apply", "-refresh-only", "-auto-approve", "-no-color")
	contains(t, w.run("state", "list"), setAddress)
	w.apply()
	w.destroy()
	o.leavesNothing()
}

// Records that are gone with their namespace leave the state with a warning, as the copies of all projects stay.
func TestAccPlatformNamespaceGone(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	w := o.platform.newWorkspace()
	w.configure(o.declared(0).String())
	w.apply()
	o.platform.RemoveNamespaceAtOnce(o.platform.name)
	contains(t, w.run("plan", "-no-color"), "The record of airm_organization_secret shared is gone with its platform namespace", "restore the ConfigMaps")
	o.projects[0].expect("ExternalSecret shared", true)()
}
