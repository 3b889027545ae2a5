// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"maps"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// twoHomes are two organizations with the same names, in two clusters: platform namespace, project, organization secret.
type twoHomes struct {
	*testProject              // in the cluster "default", where the state's records are
	east         *testProject // in the cluster of another workspace
	platform     string
	theirs       *organization.Registry
}

func newTwoHomes(t *testing.T) *twoHomes {
	t.Helper()
	h := &twoHomes{testProject: newProject(t)}
	h.east = h.inEast(true)
	h.platform = h.name + "-records"
	for _, p := range []*testProject{h.testProject, h.east} {
		p.create("Namespace", h.platform, "{}")
	}
	selector, err := labels.Parse(airm.DefaultProjectSelector)
	h.ok(err)
	config := cluster.Config{ConfigContext: "east"}.WithEnvironment(os.Getenv)
	east := cluster.New("east", config, cluster.Options{ProjectSelector: selector})
	h.theirs, err = organization.New(cluster.NewClusters("", east), h.platform, organization.Options{})
	h.ok(err)
	return h
}

// shared is the organization secret.
func (h *twoHomes) shared() sharedConfig {
	secret := plainShared(h.store)
	secret.ForceDestroy = true
	return secret
}

// inHome is the configuration as a run in one cluster has it.
func (h *twoHomes) inHome(kubeContext string, secret sharedConfig, assigned string) string {
	provider := providerConfig{PlatformNamespace: h.platform}
	provider.ConfigContext = kubeContext
	return provider.String() + secret.String() + h.hcl(assigned)
}

const oneAssigned = `
resource "airm_secret_assignment" "test" {
  secret  = airm_organization_secret.test.name
  project = "$project"
}
`

const setAssigned = `
resource "airm_secret_assignments" "test" {
  secret   = airm_organization_secret.test.name
  projects = ["$project"]
}
`

// share makes another workspace's organization secret of the same name, and assigns it to the project of the same name.
func (h *twoHomes) share() {
	h.t.Helper()
	ctx := context.Background()
	_, err := h.theirs.Define(ctx, airm.OrganizationSecret{Name: "shared", OwnerID: "theirs", Definition: airm.Definition{Spec: map[string]any{
		"secretStoreRef": map[string]any{"name": h.store, "kind": "SecretStore"},
		"data":           []any{map[string]any{"secretKey": "user", "remoteRef": map[string]any{"key": "user"}}},
	}}})
	h.ok(err)
	h.ok(h.theirs.Assign(ctx, airm.Assignment{Secret: "shared", Project: h.name, OwnerID: "theirs"}).Err)
}

// keepsTheirs makes sure that nothing of the other workspace was written or deleted.
func (h *twoHomes) keepsTheirs() {
	h.t.Helper()
	ctx := context.Background()
	definition, err := h.theirs.Definition(ctx, "shared")
	h.ok(err)
	row, err := h.theirs.Row(ctx, "shared", h.name)
	h.ok(err)
	if definition.OwnerID != "theirs" || definition.Revision != 1 || row.OwnerID != "theirs" || row.Phase != airm.Assigned {
		h.t.Errorf("their records were touched: %+v, %+v", definition.OrganizationSecret, row.Assignment)
	}
	if object := h.east.get("ExternalSecret", "shared"); object == nil || object.GetDeletionTimestamp() != nil {
		h.t.Error("their copy is gone")
	}
}

// A wrong context leads to records that the state does not know: nothing leaves the state, and nothing is made, written or
// deleted there, whether there are records of the same names or not, and with private state or without.
func TestAccRecordsOfAnotherHome(t *testing.T) {
	for name, assigned := range map[string]string{"single": oneAssigned, "set": setAssigned} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newTwoHomes(t)
			secret, changed := h.shared(), h.shared()
			changed.Data = map[string]remoteRefConfig{"password": {Key: "encoded"}}
			w := h.newWorkspace()
			w.configure(h.inHome("default", secret, assigned))
			w.apply()
			w.plansNothing()
			ours := h.get("ExternalSecret", "shared").GetUID()

			w.configure(h.inHome("east", secret, assigned))
			contains(t, w.run("plan", "-no-color"), "leads to other records", "No changes")
			h.share()
			contains(t, w.run("plan", "-no-color"), "No changes")
			contains(t, w.fails("destroy", "-auto-approve", "-no-color"), "Nothing was written or deleted")
			h.keepsTheirs()
			w.editInstances(dropPrivate)
			contains(t, w.run("plan", "-no-color"), "No changes")
			w.configure(h.inHome("east", changed, assigned))
			w.fails("apply", "-auto-approve", "-no-color")
			w.fails("destroy", "-auto-approve", "-no-color")
			w.fails("destroy", "-refresh=false", "-auto-approve", "-no-color")
			h.keepsTheirs()

			w.configure(h.inHome("default", secret, assigned))
			w.plansNothing()
			if now := h.get("ExternalSecret", "shared"); now == nil || now.GetUID() != ours {
				t.Error("our copy is gone, or another one")
			}
			w.destroy()
			h.expect("ExternalSecret shared", false)()
		})
	}
}

// A state of which neither private data nor uids are left does not know its records: it touches none.
func TestAccRecordsUnknown(t *testing.T) {
	t.Parallel()
	h := newTwoHomes(t)
	w := h.newWorkspace()
	w.configure(h.inHome("default", h.shared(), oneAssigned))
	w.apply()
	w.editInstances(func(instance map[string]any) { dropPrivate(instance); dropUIDs(instance) })
	contains(t, w.run("plan", "-no-color"), "The state no longer identifies airm_organization_secret shared", "terraform import ADDRESS shared/"+h.name)
	contains(t, w.fails("destroy", "-auto-approve", "-no-color"), "no longer identifies")
	h.expect("ExternalSecret shared", true)()

	for address, id := range map[string]string{sharedAddress: "shared", "airm_secret_assignment.test": "shared/" + h.name} {
		w.run("state", "rm", address)
		w.run("import", address, id)
	}
	w.apply() // force_destroy is nothing that an import knows
	w.destroy()
	h.expect("ExternalSecret shared", false)()
}

// A set that was imported takes over what it has seen, also where the first write fails for one project; what another
// workspace assigns after that is not taken over.
func TestAccSecretAssignmentsTakeOver(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 3)
	declared := o.declared().asSet(0, 1)
	labelled := declared
	labelled.Set.Labels = map[string]string{"team": "x"}
	hurried := labelled
	hurried.Set.Timeouts = map[string]string{"update": "3s"}
	w := o.platform.newWorkspace()
	w.configure(o.declared().String())
	w.apply()
	o.share(o.projects[0], "acme/two")
	o.share(o.projects[1], "acme/two")
	w.configure(declared.String())
	w.run("import", setAddress, "shared")

	// The row of one project cannot be written: it is under way elsewhere, and the run has no time to wait.
	record := airm.AssignmentRecordName("shared", o.projects[1].name)
	o.platform.patch("ConfigMap", record, `{"data":{"phase":"assigning","until":"2999-01-01T00:00:00Z"}}`)
	w.configure(hurried.String())
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "Another run works on assignment shared/"+o.projects[1].name)
	o.platform.patch("ConfigMap", record, `{"data":{"phase":"assigned","until":null}}`)
	w.configure(labelled.String()) // and time to wait for the run that was given up
	w.apply()
	w.plansNothing()
	o.share(o.projects[2], "acme/two")
	contains(t, w.run("plan", "-no-color"), "is assigned from elsewhere too", o.projects[2].name)
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "Nothing was written", o.projects[2].name+" (by acme/two)")
	o.projects[2].ok(o.registry().Unassign(context.Background(), "shared", o.projects[2].name, organization.Known{}))
	w.destroy()
	o.leavesNothing()
}

// plansSameUIDs checks that the plan has the UIDs of the state, and how many these are.
type plansSameUIDs struct {
	address string
	uids    int
}

func (p plansSameUIDs) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != p.address {
			continue
		}
		before, _ := change.Change.Before.(map[string]any)["uids"].(map[string]any)
		after, _ := change.Change.After.(map[string]any)["uids"].(map[string]any)
		if len(before) != p.uids || !maps.Equal(before, after) {
			resp.Error = fmt.Errorf("%s has the UIDs %v, and is planned with %v", p.address, before, after)
		}
		return
	}
	resp.Error = fmt.Errorf("the plan has no %s", p.address)
}

// A plan does not show the UIDs of all records as unknown only because something else changes.
func TestAccRecordUIDsStayInPlans(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	labelled := func(tier string) orgConfig {
		c := o.declared().asSet(0, 1)
		c.Shared.Labels, c.Set.Labels = map[string]string{"tier": tier}, map[string]string{"tier": tier}
		return c
	}
	o.run(
		testStep{Config: labelled("a").String()},
		testStep{Config: labelled("b").String(), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plansSameUIDs{sharedAddress, 3}, plansSameUIDs{setAddress, 4},
		}}},
		testStep{Config: labelled("b").asSet(0).String(), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectUnknownValue(setAddress, tfjsonpath.New("uids")),
		}}},
		testStep{ResourceName: setAddress, ImportState: true, ImportStateId: "shared", ImportStateVerify: true},
	)
}
