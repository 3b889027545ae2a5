// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"k8s.io/client-go/rest"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// The tests of several clusters use the contexts "default", "east" and "old" of KUBECONFIG. The External
// Secrets Operator of "old" serves v1beta1 only.

// inEast returns the same project in the second cluster, made there unless the test wants to do so itself.
func (p *testProject) inEast(made bool) *testProject {
	p.t.Helper()
	east := &testProject{Cluster: acctest.Connect(p.t, "east"), t: p.t, name: p.name, store: p.store}
	if made {
		east.Project(p.name)
		east.setValues(storeValues)
	}
	return east
}

// inOld returns the same project in the cluster with the older operator.
func (p *testProject) inOld() *testProject {
	p.t.Helper()
	old := &testProject{Cluster: acctest.Connect(p.t, "old"), t: p.t, name: p.name, store: p.store}
	old.Project(p.name)
	old.setValues(storeValues)
	return old
}

func (p *testProject) createNamespace(id string) {
	p.t.Helper()
	p.create("Namespace", p.name, fmt.Sprintf("metadata: {labels: {airm.silogen.ai/project-id: %s}}", id))
}

// twoClusters is the provider block for "default", called home, and "east".
var twoClusters = homeAnd("east", connectionConfig{ConfigContext: "east"}).String()

// homeAnd is the provider block for "default", called home, and another cluster.
func homeAnd(name string, other connectionConfig) providerConfig {
	return providerConfig{HomeCluster: "home", Clusters: map[string]connectionConfig{"home": {ConfigContext: "default"}, name: other}}
}

// homeAndEast is the same where another address leads to the cluster "east", or none.
func homeAndEast(host string) providerConfig { return homeAnd("east", connectionConfig{Host: host}) }

// unusedAddress returns an address with no listener.
func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "https://" + listener.Addr().String()
}

func (p *testProject) expect(what string, present bool) func() {
	return func() {
		p.t.Helper()
		kind, name, _ := strings.Cut(what, " ")
		if (p.get(kind, name) != nil) != present {
			p.t.Errorf("%s is there: %t", what, !present)
		}
	}
}

func attributeIs(address, name string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), value)
}

// A secret is in every cluster that holds its project, and what happens to it in one of them shows
// in the plan and is healed.
func TestAccClusters(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	secret := p.plainSecret()
	declared := secret
	declared.RefreshInterval, declared.ForceConflicts = "2h0m0s", true
	config := twoClusters + declared.String()
	data := twoClusters + secret.String() + p.hcl(`
data "airm_project_secret" "test" {
  project  = "$project"
  name     = airm_project_secret.test.name
  wait_for = "Synced"
}
data "airm_project" "test" {
  name = "$project"
}
`)
	both := knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("east"), knownvalue.StringExact("home")})
	p.run(
		testStep{Config: data, ConfigStateChecks: []statecheck.StateCheck{
			attributeIs(secretAddress, "status", knownvalue.StringExact("Synced")),
			attributeIs("data.airm_project.test", "clusters", both),
			statecheck.ExpectKnownValue("data.airm_project_secret.test",
				tfjsonpath.New("clusters").AtSliceIndex(0).AtMapKey("cluster"), knownvalue.StringExact("east")),
			statecheck.ExpectKnownValue("data.airm_project_secret.test",
				tfjsonpath.New("clusters").AtSliceIndex(1).AtMapKey("status"), knownvalue.StringExact("Synced")),
		}, Check: p.check(func() {
			for _, where := range []*testProject{p, east} {
				if where.secretData("db")["password"] != storeValues["password"] {
					t.Error("a cluster has no Secret")
				}
			}
		})},
		testStep{Config: config, ConfigPlanChecks: updates(secretAddress)},
		testStep{PreConfig: func() { east.patch("ExternalSecret", "db", `{"spec":{"refreshInterval":"5h"}}`) }, Config: config,
			ConfigPlanChecks: updates(secretAddress), Check: p.check(func() {
				if got := east.spec()["refreshInterval"]; got != "2h0m0s" {
					t.Errorf("the drift in east is not healed: %v", got)
				}
			})},
		testStep{PreConfig: func() { east.removeNow("ExternalSecret", "db") }, Config: config,
			ConfigPlanChecks: updates(secretAddress), Check: p.check(east.expect("Secret db", true))},
		testStep{
			ResourceName: secretAddress, ImportState: true, ImportStateId: p.name + "/db",
			ImportStateVerify: true, ImportStateVerifyIgnore: []string{"force_conflicts"},
		},
	)
	east.expect("ExternalSecret db", false)()
	east.expect("Secret db", false)()
}

// A project comes to a cluster, and leaves it again.
func TestAccProjectMoves(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(false)
	config := twoClusters + p.secret(plain)
	p.run(
		testStep{Config: config, Check: p.check(east.expect("ExternalSecret db", false))},
		testStep{PreConfig: func() {
			east.Project(p.name)
			east.setValues(storeValues)
		}, Config: config, ConfigPlanChecks: updates(secretAddress), Check: p.check(east.expect("Secret db", true))},
		testStep{PreConfig: func() { east.removeNow("Namespace", p.name) }, Config: config, ConfigPlanChecks: unchanged()},
	)
}

func TestAccNarrowedToClusters(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	narrowed := func(clusters ...string) string {
		secret := p.plainSecret()
		secret.Clusters = append([]string{}, clusters...) // not nil
		return twoClusters + secret.String()
	}
	p.run(
		testStep{Config: narrowed("west"), ExpectError: matchWords(`Cluster "west" is not configured`)},
		testStep{Config: narrowed(), ExpectError: matchWords(`clusters names no cluster`)},
		testStep{Config: narrowed("east"), Check: p.check(func() {
			p.expect("ExternalSecret db", false)()
			east.expect("Secret db", true)()
		})},
		testStep{ResourceName: secretAddress, ImportState: true, ImportStateId: p.name + "/db@east", ImportStateVerify: true},
		testStep{Config: narrowed("east", "home"), ConfigPlanChecks: updates(secretAddress), Check: p.check(p.expect("Secret db", true))},
		testStep{Config: narrowed("home"), ConfigPlanChecks: updates(secretAddress), Check: p.check(func() {
			east.expect("ExternalSecret db", false)()
			p.expect("Secret db", true)()
		})},
	)
}

// Namespaces of one name that AIRM knows as two projects are never taken for one.
func TestAccProjectsOfOneName(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(false)
	east.createNamespace("another")
	east.setValues(storeValues)
	secret := p.plainSecret()
	narrowed := secret
	narrowed.Clusters = []string{"home"}
	p.run(
		testStep{Config: twoClusters + secret.String(), ExpectError: matchWords("is the name of different projects")},
		testStep{Config: twoClusters + narrowed.String(), Check: p.check(east.expect("ExternalSecret db", false))},
	)
}

// Nothing is created in one cluster where another one refuses it.
func TestAccExistsInAnotherCluster(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	foreign := east.externalSecret("db", "")
	p.run(testStep{Config: twoClusters + p.secret(plain), ExpectError: matchWords(`Cluster "east" already has an object of that name`)})
	p.expect("ExternalSecret db", false)()
	if left := east.get("ExternalSecret", "db"); left == nil || left.GetUID() != foreign.GetUID() {
		t.Error("the object of another owner was changed")
	}
}

// An unavailable cluster stops nothing in the others, and what it has stays in the state.
func TestAccClusterUnavailable(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	unavailable := homeAndEast(unusedAddress(t)).String()
	unreadable := homeAnd("east", connectionConfig{ConfigPath: "/no/such/kubeconfig"}).String()
	secret := p.plainSecret()
	updated := secret
	updated.RefreshInterval = "2h"
	p.run(
		testStep{ // east lacks it
			Config: unavailable + secret.String(), Check: p.check(p.expect("Secret db", true)), ExpectNonEmptyPlan: true,
		},
		testStep{Config: twoClusters + secret.String(), ConfigPlanChecks: updates(secretAddress), Check: p.check(east.expect("Secret db", true))},
		testStep{Config: unavailable + secret.String(), ConfigPlanChecks: unchanged()},
		testStep{Config: unreadable + secret.String(), ConfigPlanChecks: unchanged()},
		testStep{Config: unavailable + updated.String(), ExpectError: matchWords(`Cluster "east" cannot be reached`)},
		testStep{Config: twoClusters + updated.String(), ConfigPlanChecks: updates(secretAddress), Check: p.check(func() {
			if got := east.spec()["refreshInterval"]; got != "2h0m0s" {
				t.Errorf("east is not brought up to date: %v", got)
			}
		})},
	)
	east.expect("ExternalSecret db", false)()
}

// What was deleted in one cluster is created again while another one is unavailable.
func TestAccDeletedWhileOtherUnavailable(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	secret := p.plainSecret()
	warning := secret
	warning.OnSyncFailure = "warn"
	w := p.newWorkspace()
	w.configure(twoClusters + secret.String())
	w.apply()
	p.removeNow("ExternalSecret", "db")
	w.configure(homeAndEast(unusedAddress(t)).String() + warning.String())
	w.apply()
	p.expect("ExternalSecret db", true)()
	w.configure(twoClusters + secret.String())
	w.apply()
	w.destroy()
	east.expect("ExternalSecret db", false)()
}

// withoutOperator answers as the API server of a cluster without External Secrets Operator does.
func withoutOperator(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case strings.HasPrefix(r.URL.Path, "/apis/"+airm.Group):
		http.NotFound(w, r)
	case r.URL.Path == "/apis":
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apiextensions.k8s.io","versions":[]}]}`)
	default:
		return false
	}
	return true
}

// A cluster without External Secrets Operator is no hindrance to the others, nor to narrowing a store to these.
func TestAccClusterWithoutOperator(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	bare := acctest.Connect(t, "east").Proxy(withoutOperator)
	with := homeAndEast(bare).String()
	home := providerConfig{HomeCluster: "home", Clusters: map[string]connectionConfig{"home": {ConfigContext: "default"}}}.String()
	store := p.clusterStore("k", "v")
	narrowed := store
	narrowed.Clusters = []string{"home"}
	p.run(
		testStep{Config: home + store.String() + p.secret(plain)},
		testStep{Config: with + narrowed.String() + p.secret(plain) + p.hcl(`
data "airm_project_secret" "test" {
  project = "$project"
  name    = airm_project_secret.test.name
}
`), ConfigPlanChecks: inPlace(storeAddress), ConfigStateChecks: []statecheck.StateCheck{
			attributeIs("data.airm_project_secret.test", "status", knownvalue.StringExact("Synced")),
		}},
		testStep{Config: with + p.hcl(`
data "airm_project_secret" "test" {
  project = "$project"
  name    = "nothing"
}
`), ExpectError: matchWords(`not found`)},
	)
}

// A cluster is known by its identity, whatever it is called.
func TestAccClusterIdentity(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	secret := p.plainSecret()
	updated := secret
	updated.RefreshInterval = "2h"
	ost := homeAnd("ost", connectionConfig{ConfigContext: "east"}).String()
	twice := homeAnd("ost", connectionConfig{ConfigContext: "default"}).String()
	unavailable := homeAnd("renamed", connectionConfig{Host: "https://127.0.0.1:1"}).String()
	p.run(
		testStep{Config: inContext("default") + secret.String()},
		testStep{
			Config: inContext("east") + secret.String(), ExpectError: matchWords(`Cluster "default" is not the cluster that the state knows`),
		},
		testStep{PreConfig: func() {
			p.expect("ExternalSecret db", true)()
			east.expect("ExternalSecret db", false)()
		}, Config: inContext("east"), Destroy: true, ExpectError: matchWords("refers to another cluster")},
		testStep{Config: inContext("default") + secret.String(), ConfigPlanChecks: inPlace(secretAddress)},
		testStep{Config: twoClusters + secret.String(), ConfigPlanChecks: updates(secretAddress)}, // home is default, renamed
		testStep{Config: ost + secret.String(), ConfigPlanChecks: unchanged()},                    // and so is ost
		testStep{Config: twice + updated.String(), ExpectError: matchWords(`are the same cluster`)},
		testStep{Config: unavailable, Destroy: true, ExpectError: matchWords("is found again when the cluster is available")},
		testStep{Config: inContext("default"), Destroy: true, ExpectError: matchWords("The provider block no longer has this cluster")},
		testStep{PreConfig: func() {
			p.expect("ExternalSecret db", true)()
			east.expect("ExternalSecret db", true)()
		}, Config: twoClusters + secret.String(), ConfigPlanChecks: inPlace(secretAddress)},
	)
	east.expect("ExternalSecret db", false)()
}

// A cluster and its secrets come with one apply; and when the cluster is to be changed later, so that its
// address is not known again, the secrets are planned from the state.
func TestAccClusterOfTheSameApply(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	admin := rest.CopyConfig(p.Config)
	p.ok(rest.LoadTLSFiles(admin))
	connection := providerConfig{connectionConfig: connectionConfig{
		Host:                 "${terraform_data.cluster.output.host}",
		ClusterCACertificate: "${terraform_data.cluster.output.ca}",
		ClientCertificate:    "${terraform_data.cluster.output.cert}",
		ClientKey:            "${terraform_data.cluster.output.key}",
	}}
	input := map[string]string{
		"host": admin.Host, "ca": string(admin.CAData), "cert": string(admin.CertData), "key": string(admin.KeyData),
	}
	config := func(generation string) string {
		return resourceBlock("terraform_data", "cluster", terraformData{generation, input}) + connection.String() + p.plainSecret().String()
	}
	p.run(
		testStep{Config: config("1"), Check: p.check(p.expect("Secret db", true))},
		testStep{Config: config("2"), ConfigPlanChecks: expectPlan(secretAddress, plancheck.ResourceActionNoop)},
		testStep{Config: config("3"), PreConfig: func() { p.removeNow("ExternalSecret", "db") },
			ExpectNonEmptyPlan: true, // seen missing once the cluster is known
			ConfigPlanChecks:   expectPlan(secretAddress, plancheck.ResourceActionNoop)},
		testStep{
			Config: config("3"), ConfigPlanChecks: expectPlan(secretAddress, plancheck.ResourceActionCreate),
			Check: p.check(p.expect("Secret db", true)),
		},
	)
}

// Of several clusters one is made in the same apply: the others are looked at all the same.
func TestAccOneClusterOfTheSameApply(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.inEast(false)
	connection := providerConfig{HomeCluster: "new", Clusters: map[string]connectionConfig{
		"here": {ConfigContext: "default"}, "new": {ConfigContext: "${terraform_data.cluster.output}"},
	}}
	secret := p.plainSecret()
	secret.Clusters = []string{"here"}
	config := func(generation string) string {
		return resourceBlock("terraform_data", "cluster", terraformData{generation, "east"}) + connection.String() + secret.String()
	}
	p.run(
		testStep{Config: config("1"), Check: p.check(p.expect("Secret db", true))},
		testStep{Config: config("2"), ConfigPlanChecks: expectPlan(secretAddress, plancheck.ResourceActionNoop)},
		testStep{PreConfig: func() { p.removeNow("ExternalSecret", "db") }, Config: config("3"),
			ConfigPlanChecks: expectPlan(secretAddress, plancheck.ResourceActionCreate), Check: p.check(p.expect("Secret db", true))},
		testStep{Config: config("4") + p.hcl(`
data "airm_project_secret" "db" {
  project = "$project"
  name    = "db"
}
`), PlanOnly: true, ExpectNonEmptyPlan: true}, // the cluster is replaced, and read all the same
		testStep{Config: config("5") + p.hcl(`
data "airm_project" "p" {
  name = "$project"
}
`), ExpectError: matchWords(`clusters["new"].config_context of the provider block will be known only after apply`)},
	)
}

// What is assigned in a cluster that is made in the same apply stands as it did: there was nothing to ask.
func TestAccAssignedInClusterOfTheSameApply(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 0)
	east := &testProject{Cluster: acctest.Connect(t, "east"), t: t, name: o.platform.name + "-east"}
	east.Project(east.name)
	east.setStore("values", storeValues)
	declared := o.declared()
	declared.Provider = homeAnd("new", connectionConfig{ConfigContext: "${terraform_data.cluster.output}"})
	declared.Provider.PlatformNamespace = o.platform.name
	declared.Set = setConfig{Secret: sharedName, Projects: []string{east.name}}
	config := func(generation string) string {
		made := fmt.Sprintf("resource \"terraform_data\" \"cluster\" {\n  triggers_replace = %q\n  input = \"east\"\n}\n", generation)
		return made + declared.String()
	}
	stands := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction("terraform_data.cluster", plancheck.ResourceActionReplace),
		plancheck.ExpectResourceAction(setAddress, plancheck.ResourceActionNoop),
		plancheck.ExpectResourceAction(sharedAddress, plancheck.ResourceActionNoop),
		plancheck.ExpectKnownValue(setAddress, tfjsonpath.New("status"), knownvalue.StringExact("Synced")),
		plancheck.ExpectKnownValue(sharedAddress, tfjsonpath.New("status"), knownvalue.StringExact("Synced")),
	}}
	o.run(
		testStep{Config: config("1"), Check: east.check(east.expect("Secret shared", true))},
		testStep{Config: config("1")}, // the organization secret is Synced since it is assigned
		testStep{Config: config("2"), ConfigPlanChecks: stands},
	)
	east.expect("ExternalSecret shared", false)()
}

// One of the clusters has an External Secrets Operator that serves v1beta1 only. Whatever version a
// manifest says, each cluster gets its own.
func TestAccOlderOperator(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	old := p.inOld()
	block := homeAnd("old", connectionConfig{ConfigContext: "old"}).String()
	secret := p.plainSecret()
	updated := secret
	updated.RefreshInterval = "2h"
	manifest := func(version string) string {
		return block + p.secret(p.hcl("manifest = <<-EOT\napiVersion: external-secrets.io/"+version+`
kind: ExternalSecret
spec:
  secretStoreRef: {name: $store, kind: SecretStore}
  data: [{secretKey: password, remoteRef: {key: password}}]
EOT
`))
	}
	arrived := p.check(func() {
		for _, where := range []*testProject{p, old} {
			if where.secretData("db")["password"] != storeValues["password"] {
				t.Error("a cluster has no Secret")
			}
		}
	})
	data := p.hcl(`
data "airm_cluster" "old" {
  name = "old"
}
`)
	p.run(
		testStep{Config: block + secret.String() + data, Check: arrived, ConfigStateChecks: []statecheck.StateCheck{
			attributeIs(secretAddress, "status", knownvalue.StringExact("Synced")),
			attributeIs("data.airm_cluster.old", "api_version", knownvalue.StringExact("v1beta1")),
		}},
		testStep{Config: block + updated.String(), ConfigPlanChecks: updates(secretAddress), Check: p.check(func() {
			if got := old.spec()["refreshInterval"]; got != "2h0m0s" {
				t.Errorf("the change did not come to the old cluster: %v", got)
			}
		})},
		testStep{Config: manifest("v1beta1"), Check: arrived},
		testStep{Config: manifest("v1"), ConfigPlanChecks: inPlace(secretAddress), Check: arrived},
		testStep{ResourceName: secretAddress, ImportState: true, ImportStateId: p.name + "/db@old", ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"manifest", "clusters", "store", "data", "uids"}},
	)
	old.expect("ExternalSecret db", false)()
	old.expect("Secret db", false)()
}

// A store of the organization is in all clusters, with its credentials; two of one name in different
// clusters are apart.
func TestAccStoresInClusters(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	p.t.Cleanup(func() { east.remove("ClusterSecretStore", p.name) })
	store, other := p.clusterStore("k", "test"), p.clusterStore("k", "other")
	narrowed := store
	narrowed.Clusters, other.Clusters = []string{"home"}, []string{"east"}
	value := func(where *testProject) string {
		object := where.get("ClusterSecretStore", p.name)
		if object == nil {
			return ""
		}
		data := nested(object.Object, "spec", "provider", "fake")["data"].([]any)
		return data[0].(map[string]any)["value"].(string)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []testStep{
			{Config: twoClusters + store.String(), Check: p.check(func() {
				if value(p) != "test" || value(east) != "test" {
					t.Error("the store is not in both clusters")
				}
			})},
			{Config: twoClusters + store.String(), ConfigPlanChecks: unchanged()},
			{Config: twoClusters + narrowed.String(), ConfigPlanChecks: updates(storeAddress), Check: p.check(func() {
				if value(p) != "test" || value(east) != "" {
					t.Error("the store is not in the home cluster alone")
				}
			})},
			{Config: twoClusters + narrowed.String() + resourceBlock("airm_provider_store", "other", other), Check: p.check(func() {
				if value(p) != "test" || value(east) != "other" {
					t.Error("the stores are not apart")
				}
			})},
			{ResourceName: "airm_provider_store.other", ImportState: true, ImportStateId: p.name + "@east", ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: "fake.data.0.value"}, // both have the same id
		},
	})
	if value(p) != "" || value(east) != "" {
		t.Error("destroy left something behind")
	}
}

// A store that is used in one cluster is deleted in none.
func TestAccClustersStoreInUse(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	store := p.fakeStore(storedValue{Key: "k", Value: "v"})
	w := p.newWorkspace()
	w.configure(twoClusters + store.String())
	w.apply()
	east.externalSecret("user", fmt.Sprintf(`spec: {secretStoreRef: {name: %s}, data: [{secretKey: k, remoteRef: {key: k}}]}`, store.Name))
	contains(t, w.fails("destroy", "-auto-approve", "-no-color"), "is still used", `Cluster "east" has secrets`, "Nothing was deleted")
	for _, where := range []*testProject{p, east} {
		where.expect("SecretStore "+store.Name, true)()
	}
	east.remove("ExternalSecret", "user")
	w.destroy()
	for _, where := range []*testProject{p, east} {
		where.expect("SecretStore "+store.Name, false)()
	}
}

// Where External Secrets Operator is uninstalled, its objects are gone with their CRDs: a refresh plans to create them again, which says
// what is missing, and a destroy has nothing to wait for. What is no answer of the API server proves nothing.
func TestAccOperatorUninstalled(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	without := func(answers func(http.ResponseWriter, *http.Request) bool) string {
		return providerConfig{connectionConfig: connectionConfig{Host: p.Proxy(answers)}}.String()
	}
	declared := p.fakeStore(storedValue{Key: "k", Value: "v"}).String() + p.plainSecret().String()
	with, uninstalled := inContext("default")+declared, without(withoutOperator)+declared
	nothing := without(func(w http.ResponseWriter, r *http.Request) bool {
		http.NotFound(w, r)
		return true
	}) + declared
	w := p.newWorkspace()
	w.configure(with)
	w.apply()

	w.configure(nothing)
	contains(t, w.plansNothing(), "does not answer as a Kubernetes API server", "The state is kept as it was")
	contains(t, w.fails("destroy", "-refresh=false", "-auto-approve", "-no-color"), "does not answer as a Kubernetes API server")

	w.configure(uninstalled)
	for _, address := range []string{secretAddress, storeAddress} {
		if got := w.plan(address); got != "create" {
			t.Errorf("the plan of %s is %q", address, got)
		}
	}
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "External Secrets Operator is not installed in cluster")

	w.configure(with)
	w.run("import", "-no-color", secretAddress, p.name+"/db")
	w.configure(uninstalled)
	contains(t, w.run("destroy", "-refresh=false", "-auto-approve", "-no-color"),
		"ExternalSecret "+p.name+"/db is gone with External Secrets Operator", "Destroy complete! Resources: 1 destroyed")
}
