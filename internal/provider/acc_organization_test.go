// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/utils/ptr"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// org is an organization made for one test: a platform namespace and projects. The organization
// secret "shared" refers to the SecretStore "values" that every project has, so that a test can let
// it work in one project and not in the other.
type org struct {
	platform *testProject
	projects []*testProject
}

func newOrg(t *testing.T, projects int) *org {
	o := &org{platform: newProject(t)}
	for range projects {
		p := newProject(t)
		p.setStore("values", storeValues)
		o.projects = append(o.projects, p)
	}
	return o
}

func (o *org) provider() providerConfig {
	return providerConfig{PlatformNamespace: o.platform.name, Owner: "acme/one"}
}

// hcl is a configuration with the names of the projects, and the provider block.
func (o *org) hcl(text string) string { return o.provider().String() + o.named(text) }

// named puts the names of the projects into a text: $0, $1, ... are the projects.
func (o *org) named(text string) string {
	for i, p := range o.projects {
		text = strings.ReplaceAll(text, fmt.Sprintf("$%d", i), p.name)
	}
	return text
}

const sharedBody = `
  name  = "shared"
  store = { name = "values", kind = "SecretStore" }
  data  = { password = { key = "password" } }
`

// shared configures the organization secret, with more arguments.
func shared(more string) string {
	return "resource \"airm_organization_secret\" \"test\" {\n" + sharedBody + more + "\n}\n"
}

func assignmentBlock(i int, more string) string {
	return fmt.Sprintf(`
resource "airm_secret_assignment" "p%d" {
  secret  = airm_organization_secret.test.name
  project = "$%d"
  %s
}
`, i, i, more)
}

// sharedAddress is that of the organization secret, and setAddress that of its assignments where they are a set.
const (
	sharedAddress = "airm_organization_secret.test"
	setAddress    = "airm_secret_assignments.test"
)

func (o *org) run(steps ...testStep) {
	o.platform.t.Helper()
	resource.Test(o.platform.t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps:                    steps,
		CheckDestroy:             o.platform.check(o.leavesNothing),
	})
}

func (o *org) leavesNothing() {
	t := o.platform.t
	for _, p := range o.projects {
		if p.get("ExternalSecret", "shared") != nil || p.get("Secret", "shared") != nil {
			t.Errorf("destroy left the secret in project %s", p.name)
		}
	}
	records, err := o.platform.objects("ConfigMap").List(context.Background(), metav1.ListOptions{LabelSelector: airm.LabelRecord})
	o.platform.ok(err)
	for _, record := range records.Items {
		t.Errorf("destroy left the record %s", record.GetName())
	}
}

// registry is the organization as another workspace has it.
func (o *org) registry() *organization.Registry {
	selector, err := labels.Parse(airm.DefaultProjectSelector)
	o.platform.ok(err)
	c := cluster.New("other", cluster.Config{}.WithEnvironment(os.Getenv), cluster.Options{ProjectSelector: selector})
	registry, err := organization.New(cluster.NewClusters("", c), o.platform.name, organization.Options{})
	o.platform.ok(err)
	return registry
}

// share assigns the secret to a project as another workspace does.
func (o *org) share(p *testProject, owner string) {
	o.platform.t.Helper()
	p.ok(o.registry().Assign(context.Background(), airm.Assignment{Secret: "shared", Project: p.name, OwnerID: "other", Owner: owner}).Err)
}

// elsewhere reads the organization secret through data sources in a workspace of its own.
func (o *org) elsewhere(checks ...statecheck.StateCheck) {
	o.platform.t.Helper()
	resource.Test(o.platform.t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []testStep{{
			Config: o.hcl(`
data "airm_organization_secret" "test" {
  name = "shared"
}
data "airm_organization_secrets" "test" {
  status = data.airm_organization_secret.test.status
}
`),
			ConfigStateChecks: append(checks, statecheck.ExpectKnownValue("data.airm_organization_secrets.test",
				tfjsonpath.New("secrets").AtSliceIndex(0).AtMapKey("name"), knownvalue.StringExact("shared"))),
		}},
	})
}

func hasStatus(status airm.Status) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.airm_organization_secret.test", tfjsonpath.New("status"), knownvalue.StringExact(string(status)))
}

// seen checks, as part of a step, the status that another workspace sees.
func (o *org) seen(status airm.Status) resource.TestCheckFunc {
	return func(*terraform.State) error {
		o.elsewhere(hasStatus(status))
		return nil
	}
}

func (o *org) password(i int) map[string]any {
	object := o.projects[i].get("ExternalSecret", "shared")
	if object == nil {
		return nil
	}
	return object.Object
}

func TestAccOrganizationSecretLife(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	synced := statecheck.ExpectKnownValue("airm_secret_assignment.p1", tfjsonpath.New("status"), knownvalue.StringExact("Synced"))
	both := o.declared(0, 1)
	updated := both
	updated.Shared.RefreshInterval = "30m"
	o.run(
		testStep{Config: o.declared().String(), Check: o.seen(airm.Unassigned)},
		testStep{
			Config:            both.String(),
			ConfigStateChecks: []statecheck.StateCheck{synced},
			Check: resource.ComposeTestCheckFunc(o.seen(airm.Synced), o.platform.check(func() {
				if got := o.projects[1].secretData("shared")["password"]; got != "open sesame" {
					t.Errorf("the Kubernetes Secret holds %q", got)
				}
			})),
		},
		testStep{ // an update reaches all, in place
			Config:           updated.String(),
			ConfigPlanChecks: updates(sharedAddress),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(sharedAddress, tfjsonpath.New("revision"), knownvalue.Int64Exact(2)),
				statecheck.ExpectKnownValue(sharedAddress, tfjsonpath.New("up_to_date"), knownvalue.Bool(true)),
			},
			Check: o.platform.check(func() {
				for i := range o.projects {
					if got := nested(o.password(i), "spec")["refreshInterval"]; got != "30m0s" {
						t.Errorf("project %d has the interval %v", i, got)
					}
				}
			}),
		},
		testStep{
			ResourceName: sharedAddress, ImportState: true, ImportStateId: "shared", Config: updated.String(),
			ImportStateVerify: true, ImportStateVerifyIgnore: []string{"refresh_interval"},
		},
		testStep{
			ResourceName: "airm_secret_assignment.p0", ImportState: true, ImportStateId: "shared/" + o.projects[0].name,
			ImportStateVerify: true, Config: updated.String(),
		},
		testStep{ // a project that is not assigned any more loses it, the other keeps it
			Config: updated.assigned(1).String(),
			Check: o.platform.check(func() {
				if o.password(0) != nil || o.projects[0].secretData("shared") != nil || o.password(1) == nil {
					t.Error("the secret is not in the second project alone")
				}
			}),
		},
	)
}

func TestAccOrganizationSecretImportPlansEmpty(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	all := o.declared().asSet(0, 1)
	all.Shared.RefreshInterval = "1h"
	all.Shared.Target.CreationPolicy = "Owner"
	all.Set.Labels = map[string]string{"team": "a"}
	imported := all.String() + importBlock(sharedAddress, "shared") + importBlock(setAddress, "shared")
	ctx := context.Background()
	registry := o.registry()
	spec := map[string]any{
		"secretStoreRef":  map[string]any{"name": "values", "kind": "SecretStore"},
		"refreshInterval": "1h0m0s",
		"target":          map[string]any{"creationPolicy": "Owner"},
		"data":            []any{map[string]any{"secretKey": "password", "remoteRef": map[string]any{"key": "password"}}},
	}
	_, err := registry.Define(ctx, airm.OrganizationSecret{Name: "shared", Definition: airm.Definition{Spec: spec}, OwnerID: "other"})
	o.platform.ok(err)
	for _, p := range o.projects {
		o.platform.ok(registry.Assign(ctx, airm.Assignment{
			Secret: "shared", Project: p.name, OwnerID: "other", Owner: "acme/two", Labels: map[string]string{"team": "a"},
		}).Err)
		p.eventually("the secret is synced", func() bool { return p.ready("ExternalSecret", "shared") == "True" })
	}
	o.run(
		testStep{Config: all.String(), ExpectError: matchWords(`Organization secret "shared" already exists`)},
		testStep{Config: imported, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(sharedAddress, plancheck.ResourceActionNoop),
			plancheck.ExpectResourceAction(setAddress, plancheck.ResourceActionNoop),
		}}},
	)
}

// The record of the organization secret is lost: its assignments stay known, and it is made again under them.
func TestAccOrganizationSecretRecordLost(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	all := o.declared().asSet(0).String()
	o.run(
		testStep{Config: all},
		testStep{
			PreConfig: func() { o.platform.removeNow("ConfigMap", airm.DefinitionRecordName("shared")) },
			Config:    all,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(sharedAddress, plancheck.ResourceActionCreate),
				plancheck.ExpectResourceAction(setAddress, plancheck.ResourceActionUpdate),
			}},
			Check: o.seen(airm.Synced),
		},
	)
}

// Each status comes about by a real cause, and is read in another workspace.
func TestAccOrganizationSecretStatuses(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	second := o.projects[1]
	// No controller of that class runs, so ESO never answers in the second project.
	second.patch("SecretStore", "values", `{"spec":{"controller":"none"}}`)
	waitless := func(a *assignmentConfig) { a.WaitForSync = ptr.To(false) }
	both := o.declared(0, 1).with(1, waitless)
	again := both.with(1, func(a *assignmentConfig) { a.SyncTriggers = map[string]string{"again": "1"} })
	o.run(
		testStep{Config: o.declared(1).with(1, waitless).String(), Check: o.seen(airm.Pending)},
		testStep{Config: both.String(), Check: o.seen(airm.PartiallySynced)},
		testStep{
			PreConfig: func() { second.patch("SecretStore", "values", `{"spec":{"controller":null}}`) },
			Config:    again.String(),
			Check: o.platform.check(func() {
				second.waitFor("ExternalSecret", "shared", "is synced", acctest.IsReady)
				o.elsewhere(hasStatus(airm.Synced))
			}),
		},
		testStep{ // the backend loses the key in one project
			PreConfig: func() {
				second.setStore("values", map[string]string{"another": "value"})
				second.patch("ExternalSecret", "shared", `{"metadata":{"annotations":{"force-sync":"now"}}}`)
				second.eventually("ESO fails", func() bool { return second.ready("ExternalSecret", "shared") == "False" })
				o.elsewhere(hasStatus(airm.SyncedError))
			},
			Config:   again.String(),
			PlanOnly: true,
		},
	)
}

func TestAccOrganizationSecretErrors(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	second := o.projects[1]
	both := o.declared(0, 1)
	updated := both
	updated.Shared.RefreshInterval = "20m"
	forced := updated
	forced.Shared.ForceConflicts = true
	o.run(
		testStep{Config: both.String()},
		testStep{ // another user deletes the object: the record still stands
			PreConfig: func() {
				second.removeNow("ExternalSecret", "shared")
				o.elsewhere(hasStatus(airm.SyncedError))
			},
			Config:           both.String(),
			ConfigPlanChecks: updates("airm_secret_assignment.p1"),
			Check:            o.seen(airm.Synced),
		},
		testStep{ // another field manager holds the field that changes
			PreConfig: func() {
				_, err := second.objects("ExternalSecret").Patch(context.Background(), "shared", types.ApplyPatchType,
					[]byte(`{"apiVersion":"external-secrets.io/`+second.Served+`","kind":"ExternalSecret","metadata":{"name":"shared"},"spec":{"refreshInterval":"5m0s"}}`),
					metav1.PatchOptions{FieldManager: "kubectl", Force: ptr.To(true)})
				second.ok(err)
			},
			Config:      updated.String(),
			ExpectError: matchWords("spec.refreshInterval is managed by \"kubectl\""),
		},
		testStep{
			PreConfig:        func() { o.elsewhere(hasStatus(airm.Failed)) },
			Config:           forced.String(),
			ConfigPlanChecks: updates(sharedAddress),
			Check:            o.seen(airm.Synced),
		},
	)
}

func TestAccOrganizationSecretDeletion(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	p := o.projects[0]
	const address = "airm_secret_assignment.p0"
	unassigned := o.declared().String()
	all := o.declared(0).with(0, func(a *assignmentConfig) { a.Timeouts = map[string]string{"delete": "15s"} }).String()
	o.run(
		testStep{Config: all},
		testStep{Config: o.hcl(forgets(address)), ExpectError: matchWords("is still assigned")},
		testStep{Config: all + importBlock(address, "shared/"+p.name)},
		testStep{ // a foreign finalizer holds the object
			PreConfig: func() {
				p.patch("ExternalSecret", "shared", `{"metadata":{"finalizers":["example.com/hold"]}}`)
				ctx, cancel := context.WithCancel(context.Background())
				removal := sync.WaitGroup{}
				removal.Go(func() { _ = o.registry().Unassign(ctx, "shared", p.name, organization.Known{}) })
				defer removal.Wait()
				defer cancel()
				p.eventually("the object is being deleted", func() bool { return p.get("ExternalSecret", "shared").GetDeletionTimestamp() != nil })
				o.elsewhere(hasStatus(airm.Deleting))
			},
			Config:      unassigned,
			ExpectError: matchWords("example.com/hold"),
		},
		testStep{
			PreConfig: func() {
				o.elsewhere(hasStatus(airm.DeleteFailed))
				p.patch("ExternalSecret", "shared", `{"metadata":{"finalizers":null}}`)
			},
			Config: unassigned,
			Check:  o.seen(airm.Unassigned),
		},
	)
}

func TestAccOrganizationSecretForceDestroy(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	secret := o.declared()
	forced := secret
	forced.Shared.ForceDestroy = true
	o.run(
		testStep{Config: secret.String()},
		testStep{
			PreConfig: func() {
				for _, p := range o.projects {
					o.share(p, "acme/two")
				}
			},
			Config:      o.hcl(""),
			ExpectError: matchWords("(by acme/two)"),
		},
		testStep{Config: forced.String()},
		testStep{Config: o.hcl(""), Check: o.platform.check(o.leavesNothing)},
	)
}

func TestAccSecretAssignmentRefusals(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	first := o.projects[0]
	plainNamespace := newProject(t)
	plainNamespace.patch("Namespace", plainNamespace.name, `{"metadata":{"labels":{"airm.silogen.ai/project-id":null}}}`)
	alone := func(secret, project string) string {
		return fmt.Sprintf("resource \"airm_secret_assignment\" \"test\" {\n  secret = %q\n  project = %q\n}\n", secret, project)
	}
	assigned := o.declared(0).String()
	first.create("Secret", "shared", `stringData: {password: mine}`)
	o.run(
		testStep{Config: o.hcl(alone("shared", "$0")), ExpectError: matchWords(`Organization secret "shared" does not exist`)},
		testStep{
			Config: o.hcl(shared("") + alone("shared", "no-such-project")), ExpectError: matchWords(`Project "no-such-project" does not exist`),
		},
		testStep{Config: o.hcl(shared("") + alone("shared", plainNamespace.name)), ExpectError: matchWords("is not a project")},
		testStep{Config: assigned, ExpectError: matchWords("Secret " + first.name + "/shared already exists")},
		testStep{
			PreConfig: func() {
				first.remove("Secret", "shared")
				first.externalSecret("shared", `spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: own, remoteRef: {key: password}}]}`)
			},
			Config:      assigned,
			ExpectError: matchWords("ExternalSecret " + first.name + "/shared already exists"),
		},
		testStep{ // what is refused leaves no record, and what is in the way is as it was
			PreConfig: func() {
				if got := mustJSON(nested(o.password(0), "spec")); !strings.Contains(got, `"own"`) {
					t.Errorf("the object of others was changed: %s", got)
				}
				first.removeNow("ExternalSecret", "shared")
				first.eventually("its Secret is gone", func() bool { return first.get("Secret", "shared") == nil })
			},
			Config: assigned,
		},
		testStep{ // the second owner of an edge is refused; the error names the first
			Config: assigned + o.named(`
resource "airm_secret_assignment" "twice" {
  secret     = airm_organization_secret.test.name
  project    = "$0"
  depends_on = [airm_secret_assignment.p0]
}
`),
			ExpectError: matchWords("already has organization secret"),
		},
	)
}

func TestAccSecretAssignmentsExclusive(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 3)
	third := o.projects[2]
	in := func(projects ...int) string { return o.declared().asSet(projects...).String() }
	has := func(want ...bool) resource.TestCheckFunc {
		return o.platform.check(func() {
			for i, expected := range want {
				if got := o.password(i) != nil; got != expected {
					t.Errorf("project %d has the secret: %v", i, got)
				}
			}
		})
	}
	o.run(
		testStep{Config: in(), Check: has(false, false, false)},
		testStep{Config: in(0, 1), ConfigPlanChecks: updates(setAddress), Check: has(true, true, false)},
		testStep{ // assigned from elsewhere: seen, and an update is refused rather than revoke it
			PreConfig: func() {
				o.share(third, "acme/two")
			},
			Config:      in(0, 1),
			ExpectError: matchWords("(by acme/two)"),
		},
		testStep{
			PreConfig: func() {
				third.ok(o.registry().Unassign(context.Background(), "shared", third.name, organization.Known{}))
			},
			Config: in(1), ConfigPlanChecks: updates(setAddress), Check: has(false, true, false)},
		testStep{ // one that fails is reported and retried, the others go on
			PreConfig:   func() { third.setStore("values", map[string]string{"another": "value"}) },
			Config:      in(0, 1, 2),
			ExpectError: matchWords("Secret does not exist"),
		},
		testStep{ // by this apply, or by a retry of ESO's own that was faster
			PreConfig: func() { third.setStore("values", storeValues) },
			Config:    in(0, 1, 2),
			Check: resource.ComposeTestCheckFunc(has(true, true, true),
				resource.TestCheckResourceAttr(setAddress, "status", "Synced"),
				resource.TestCheckResourceAttr(setAddress, "up_to_date", "true")),
		},
		testStep{Config: in(), Check: has(false, false, false)},
	)
}

// A project that could not lose the secret stays in the state, and is an error, whatever on_sync_failure says: it is no sync.
func TestAccSecretAssignmentsNotRevoked(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	stays := o.projects[1]
	in := func(projects ...int) string {
		declared := o.declared().asSet(projects...)
		declared.Set.OnSyncFailure, declared.Set.Timeouts = "warn", map[string]string{"update": "15s"}
		return declared.String()
	}
	w := o.platform.newWorkspace()
	w.configure(in(0, 1))
	w.apply()
	stays.patch("ExternalSecret", "shared", `{"metadata":{"finalizers":["example.com/hold"]}}`)
	w.configure(in(0))
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "is not up to date in", "example.com/hold")
	contains(t, w.run("plan", "-refresh=false", "-no-color"), "1 to change", stays.name)
	stays.patch("ExternalSecret", "shared", `{"metadata":{"finalizers":null}}`)
	w.apply()
	stays.expect("ExternalSecret shared", false)()
	w.plansNothing()
	w.destroy()
}

// From single assignments to the exclusive set and back, without a moment in which a project does not have the secret.
func TestAccSecretAssignmentsInsteadOfSingle(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	const p0, p1 = "airm_secret_assignment.p0", "airm_secret_assignment.p1"
	singles, set := o.declared(0, 1).String(), o.declared().asSet(0, 1).String()
	var before []types.UID
	uids := func() (all []types.UID) {
		for _, p := range o.projects {
			all = append(all, p.get("Secret", "shared").GetUID())
		}
		return all
	}
	same := o.platform.check(func() {
		if after := uids(); !slices.Equal(after, before) {
			t.Errorf("the Secrets were %v and are %v", before, after)
		}
	})
	o.run(
		testStep{Config: singles, Check: o.platform.check(func() { before = uids() })},
		testStep{Config: set + forgets(p0) + forgets(p1) + importBlock(setAddress, "shared"), Check: same},
		testStep{Config: singles + forgets(setAddress) + o.named(importBlock(p0, "shared/$0")+importBlock(p1, "shared/$1")), Check: same},
	)
}

// A set has one set of labels: the plan after the import says that assignments differ from it, and the apply makes them equal.
func TestAccSecretAssignmentsImportedDiffer(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	gold := map[string]string{"tier": "gold"}
	set := o.declared().asSet(0, 1)
	set.Set.Labels = gold
	first, other := 0, 1 // by name, as the import takes the arguments of the first
	if o.projects[0].name > o.projects[1].name {
		first, other = 1, 0
	}
	w := o.platform.newWorkspace()
	w.configure(o.declared(0, 1).with(first, func(c *assignmentConfig) { c.Labels = gold }).String())
	w.apply()
	w.configure(set.String() + forgets("airm_secret_assignment.p0") + forgets("airm_secret_assignment.p1") + importBlock(setAddress, "shared"))
	w.apply()
	w.plansNothing()
	contains(t, o.projects[other].get("ExternalSecret", "shared").GetLabels()["tier"], "gold")
	w.destroy()
}

// What the plan of the exclusive set says, and what is refused before anything is written.
func TestAccSecretAssignmentsTold(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 3)
	first, second := o.projects[0], o.projects[1]
	w := o.platform.newWorkspace()
	w.configure(o.declared().String())
	w.apply()

	o.share(first, "acme/two")
	w.configure(o.declared().asSet(1).String())
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), `Organization secret "shared" is assigned already`,
		first.name+" (by acme/two)", "Nothing was written", "terraform import airm_secret_assignments.NAME shared")
	if o.password(1) != nil {
		t.Error("a create that is refused has assigned the secret")
	}
	w.run("import", "-no-color", setAddress, "shared")
	wider := o.declared().asSet(1, 2)
	w.configure(wider.String())
	contains(t, w.run("plan", "-no-color"), `Organization secret "shared" will be removed from 1 project`, first.name)
	w.apply()
	if o.password(0) != nil || o.password(1) == nil || o.password(2) == nil {
		t.Error("the secret is not where the set says")
	}

	// Only warned of while it is applied, a removal that fails is an error: the state keeps what is still there.
	warning := wider
	warning.Set.OnSyncFailure = "warn"
	warning.Set.Timeouts = map[string]string{"delete": "15s"}
	w.configure(warning.String())
	w.apply()
	second.hold("ExternalSecret", "shared", "example.com/hold")
	contains(t, w.fails("destroy", "-auto-approve", "-no-color"),
		"Organization secret \"shared\" was not removed from 1 project", second.name, "example.com/hold")
	contains(t, w.run("state", "list"), setAddress)
	second.release("ExternalSecret", "shared")
	w.destroy()
	o.leavesNothing()
}

// An admission webhook or policy that refuses the object: nothing is left of a new assignment, and one that stood is Failed.
func TestAccOrganizationSecretAdmissionRefused(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	a := &access{testProject: o.projects[1]}
	second := a.testProject
	label := func(value string) {
		second.patch("Namespace", second.name, `{"metadata":{"labels":{"acc-access":`+value+`}}}`)
	}
	for _, text := range []string{`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: $project-refuse}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [external-secrets.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [externalsecrets]}]
  validations: [{expression: "false", message: nothing today, reason: Forbidden}]
`, `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: $project-refuse}
spec: {policyName: $project-refuse, validationActions: [Deny], matchResources: {namespaceSelector: {matchLabels: {}}}}
`} {
		object := &unstructured.Unstructured{}
		a.ok(yaml.Unmarshal([]byte(a.hcl(text)), &object.Object))
		a.installObject("", object)
	}
	w := o.platform.newWorkspace()
	both := o.declared(0, 1)
	updated := both
	updated.Shared.RefreshInterval = "20m"
	inForce := func(expected bool) {
		second.eventually("the policy is in force, or not any more", func() bool {
			object := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"data": []any{}}}}
			object.SetGroupVersionKind(second.Resource("ExternalSecret").GroupVersion().WithKind("ExternalSecret"))
			object.SetName("probe")
			_, err := second.objects("ExternalSecret").Create(context.Background(), object, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
			return isRefused(err) == expected
		})
	}
	label(`"` + second.name + `"`)
	inForce(true)
	w.configure(both.String())
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "nothing today", second.name)
	o.elsewhere(hasStatus(airm.Synced)) // in the first project alone
	label("null")
	inForce(false)
	w.apply()
	w.plansNothing()

	label(`"` + second.name + `"`)
	inForce(true)
	w.configure(updated.String())
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "project "+second.name, "nothing today", "The next apply retries the rest")
	o.elsewhere(hasStatus(airm.Failed))
	label("null")
	inForce(false)
	w.apply()
	w.plansNothing()
	o.elsewhere(hasStatus(airm.Synced))
	w.destroy()
	o.leavesNothing()
}

func TestAccOrganizationSecretWaitFor(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	gate := o.hcl(shared("") + assignmentBlock(0, "wait_for_sync = false") + `
data "airm_organization_secret" "gate" {
  name       = airm_organization_secret.test.name
  depends_on = [airm_secret_assignment.p0]
  wait_for   = "Synced"
}
`)
	o.run(
		testStep{
			Config: gate,
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("data.airm_organization_secret.gate",
				tfjsonpath.New("status"), knownvalue.StringExact("Synced"))},
		},
		testStep{
			PreConfig: func() {
				p := o.projects[0]
				p.setStore("values", map[string]string{"another": "value"})
				p.patch("ExternalSecret", "shared", `{"metadata":{"annotations":{"force-sync":"now"}}}`)
				p.eventually("ESO fails", func() bool { return p.ready("ExternalSecret", "shared") == "False" })
			},
			Config:      gate,
			ExpectError: matchWords("Secret does not exist"),
		},
	)
}
