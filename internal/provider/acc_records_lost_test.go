// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
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

// loseRecords deletes the definition and the rows of these projects, as a user can.
func (o *org) loseRecords(projects ...int) {
	o.platform.t.Helper()
	o.platform.removeNow("ConfigMap", airm.DefinitionRecordName("shared"))
	for _, i := range projects {
		o.platform.removeNow("ConfigMap", airm.AssignmentRecordName("shared", o.projects[i].name))
	}
}

// Where all records were deleted by hand, a refresh tells of the copies, an apply takes them up, and a destroy removes them.
func TestAccAllRecordsDeleted(t *testing.T) {
	t.Parallel()
	for name, declare := range map[string]func(o *org, projects ...int) string{
		"single": func(o *org, projects ...int) string { return o.declared(projects...).String() },
		"set":    func(o *org, projects ...int) string { return o.declared().asSet(projects...).String() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, 2)
			w := o.platform.newWorkspace()
			w.configure(declare(o, 0, 1))
			w.apply()
			uid := o.projects[0].get("ExternalSecret", "shared").GetUID()
			o.loseRecords(0, 1)
			contains(t, w.run("plan", "-no-color"), `The record of organization secret "shared" is gone`, "takes these copies over",
				o.projects[0].name+" in cluster", o.projects[1].name)
			contains(t, w.apply(), `Organization secret "shared" has copies without a record`)
			w.plansNothing()
			if o.projects[0].get("ExternalSecret", "shared").GetUID() != uid {
				t.Error("it is another object")
			}
			o.loseRecords(0, 1)
			w.destroy()
			o.leavesNothing()
		})
	}
}

// A destroy whose definition and rows were deleted after the refresh names the copies, and removes them if it is forced.
func TestAccDestroyWithoutRecords(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	w := o.platform.newWorkspace()
	w.configure(o.declared().String())
	w.apply()
	o.share(o.projects[0], "acme/two")
	o.loseRecords(0)
	contains(t, w.fails("destroy", "-refresh=false", "-auto-approve", "-no-color"),
		`Organization secret "shared" still has copies`, o.projects[0].name)
	contains(t, w.apply(), `The record of organization secret "shared" is gone`,
		`Organization secret "shared" has copies without a record`, o.projects[0].name)
	forced := o.declared()
	forced.Shared.ForceDestroy = true
	w.configure(forced.String())
	w.apply()
	o.platform.removeNow("ConfigMap", airm.DefinitionRecordName("shared"))
	w.run("destroy", "-refresh=false", "-auto-approve", "-no-color")
	o.leavesNothing()
}

// A set tells of copies without a record in projects that it does not list; its next apply removes them.
func TestAccSetRemovesCopiesWithoutRecord(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	w := o.platform.newWorkspace()
	w.configure(o.declared().String())
	w.apply()
	o.share(o.projects[1], "acme/two")
	o.platform.removeNow("ConfigMap", airm.AssignmentRecordName("shared", o.projects[1].name))
	w.configure(o.declared().asSet(0).String())
	contains(t, w.apply(), `Organization secret "shared" has copies without a record`, "not listed", o.projects[1].name)
	o.projects[1].expect("ExternalSecret shared", true)()
	contains(t, w.apply(), "will be removed from 1 project", o.projects[1].name)
	o.projects[1].expect("ExternalSecret shared", false)()
	w.plansNothing()
	w.destroy()
	o.leavesNothing()
}

// A project whose record was deleted stays in a set while the cluster that may have its copy does not answer.
func TestAccSetKeepsWhatNoClusterDenies(t *testing.T) {
	t.Parallel()
	for name, definitionToo := range map[string]bool{"row": false, "all records": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, 0)
			east := &testProject{Cluster: acctest.Connect(t, "east"), t: t, name: o.platform.name + "-east"}
			east.Project(east.name)
			east.setStore("values", storeValues)
			silent := &atomic.Bool{}
			declared := o.declared()
			declared.Provider = homeAndEast(east.Proxy(func(w http.ResponseWriter, _ *http.Request) bool {
				if silent.Load() {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
				return silent.Load()
			}))
			declared.Provider.PlatformNamespace = o.platform.name
			declared.Set = setConfig{Secret: sharedName, Projects: []string{east.name}}
			w := o.platform.newWorkspace()
			w.configure(declared.String())
			w.apply()
			o.platform.removeNow("ConfigMap", airm.AssignmentRecordName("shared", east.name))
			if definitionToo {
				o.loseRecords()
			}
			silent.Store(true)
			contains(t, w.run("apply", "-refresh-only", "-auto-approve", "-no-color"), `"east"`, "state")
			if projects, _ := w.attributes(setAddress)["projects"].([]any); len(projects) != 1 {
				t.Errorf("the state has the projects %v", projects)
			}
			silent.Store(false)
			w.apply()
			w.plansNothing()
			w.destroy()
			east.expect("ExternalSecret shared", false)()
			o.leavesNothing()
		})
	}
}
