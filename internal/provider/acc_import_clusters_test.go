// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const everyHour = `spec: {secretStoreRef: {name: $store, kind: SecretStore}, refreshInterval: 1h, data: [{secretKey: password, remoteRef: {key: password}}]}`

const everyOtherHour = `spec: {secretStoreRef: {name: $store, kind: SecretStore}, refreshInterval: 2h, data: [{secretKey: password, remoteRef: {key: password}}]}`

// imports is an import block for the resource of p.secret.
func (p *testProject) imports(id string) string {
	return importBlock(secretAddress, p.name+"/"+id)
}

// newRPCInBoth is a provider with two clusters.
func newRPCInBoth(t *testing.T) *rpc {
	t.Helper()
	return newConfiguredRPC(t, `{"home_cluster":"home","clusters":{"home":{"config_context":"default"},"east":{"config_context":"east"}}}`)
}

// What the clusters have of one name is imported as one only where it is one: what differs is refused, with the ids to use,
// and nothing is written.
func TestAccImportWhatDiffers(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	p.externalSecret("db", everyHour)
	east.externalSecret("db", everyOtherHour)
	p.eventually("both are tried", func() bool { return p.ready("ExternalSecret", "db")+east.ready("ExternalSecret", "db") == "TrueTrue" })
	versions := func() string {
		return p.get("ExternalSecret", "db").GetResourceVersion() + " " + east.get("ExternalSecret", "db").GetResourceVersion()
	}
	before := versions()
	secret := p.plainSecret()
	inEast := secret
	inEast.Clusters, inEast.RefreshInterval = []string{"east"}, "2h"
	r := newRPCInBoth(t)
	for _, id := range []string{"db", "db@east,home"} {
		contains(t, diagnosticTexts(r.imports(secretKind, p.name+"/"+id).Diagnostics),
			"differs between clusters", "spec.refreshInterval", p.name+"/db@east\n", p.name+"/db@home\n")
	}
	p.runAndLeave(
		testStep{Config: twoClusters + secret.String() + p.imports("db"), ExpectError: matchWords("differs between clusters")},
		testStep{
			Config:           twoClusters + inEast.String() + p.imports("db@east"),
			ConfigPlanChecks: expectPlan(secretAddress, plancheck.ResourceActionNoop),
			Check: p.check(func() {
				if after := versions(); after != before {
					t.Errorf("an import wrote something: %s became %s", before, after)
				}
			}),
		},
	)
	p.expect("ExternalSecret db", true)()
}

// What only some of the clusters have is imported for these: that an apply brings it to the others stands in the plan.
func TestAccImportWhatIsInOneCluster(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	east.externalSecret("db", everyHour)
	p.eventually("it is synced", func() bool { return east.ready("ExternalSecret", "db") == "True" })
	one := knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("east")})
	before := knownvalue.Null()
	secret := p.plainSecret()
	inEast := secret
	inEast.Clusters = []string{"east"}
	p.run(
		testStep{Config: twoClusters + secret.String(), ResourceName: secretAddress, ImportState: true, ImportStateId: p.name + "/db@home,east",
			ExpectError: matchWords("is not in every cluster that its ID names")},
		testStep{
			Config:            twoClusters + inEast.String() + p.imports("db"),
			ConfigPlanChecks:  expectPlan(secretAddress, plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{attributeIs(secretAddress, "clusters", one)},
			Check:             p.check(p.expect("ExternalSecret db", false)),
		},
		testStep{
			Config: twoClusters + secret.String(),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(secretAddress, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(secretAddress, tfjsonpath.New("clusters"), before),
			}},
			Check: p.check(p.expect("Secret db", true)),
		},
		testStep{ResourceName: secretAddress, ImportState: true, ImportStateId: p.name + "/db", ImportStateVerify: true},
	)
}

// A store of the organization is imported for the clusters that have it; which of two contents, its id says.
func TestAccImportStoreInClusters(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(false)
	east.create("ClusterSecretStore", p.name, `spec: {provider: {fake: {data: [{key: a, value: b}]}}}`)
	t.Cleanup(func() { east.remove("ClusterSecretStore", p.name) })
	r := newRPCInBoth(t)
	read := r.imports(storeKind, p.name)
	r.ok(read.Diagnostics, nil)
	r.isIdentity(storeKind, read.NewIdentity, p.hcl(`{"clusters":["east"],"name":"$project"}`))
	p.create("ClusterSecretStore", p.name, `spec: {provider: {fake: {data: [{key: a, value: c}]}}}`)
	t.Cleanup(func() { p.remove("ClusterSecretStore", p.name) })
	texts := diagnosticTexts(newRPCInBoth(t).imports(storeKind, p.name).Diagnostics)
	contains(t, texts, "differs between clusters", "spec.provider.fake.data", p.name+"@home")
}

// Projects that share a name are imported from one by one.
func TestAccImportFromProjectsOfOneName(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(false)
	east.createNamespace("another")
	east.setValues(storeValues)
	p.externalSecret("db", "")
	east.externalSecret("db", "")
	imported := newRPCInBoth(t).imports(secretKind, p.name+"/db")
	contains(t, diagnosticTexts(imported.Diagnostics), "is the name of different projects", p.name+"/db@east", p.name+"/db@home")
	p.run(testStep{
		Config:      twoClusters + p.hcl("data \"airm_project_secret\" \"test\" {\n  project = \"$project\"\n  name = \"db\"\n}\n"),
		ExpectError: matchWords("is the name of different projects"),
	})
}

// A moved block takes over the copy that was declared, and no other.
func TestAccMoveToOneOfTwoClusters(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	p.externalSecret("db", everyHour)
	east.externalSecret("db", everyOtherHour)
	r := newRPCInBoth(t)
	moved := r.move("kubectl_manifest", kubectlManifest(p.hcl("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: $project}\n"+everyHour), "", ""), secretKind)
	r.ok(moved.Diagnostics, nil)
	read := r.read(&tfprotov6.ReadResourceResponse{
		NewState: moved.TargetState, Private: moved.TargetPrivate, NewIdentity: moved.TargetIdentity,
	})
	r.isIdentity(secretKind, read.NewIdentity, p.hcl(`{"clusters":["home"],"name":"db","project":"$project"}`))
	if state := r.state(secretKind, read.NewState); state["up_to_date"] != true {
		t.Errorf("%v", state)
	}
}

// The other provider kept one object: where several clusters have what it declared, or none has, only its UID tells which one that was.
func TestAccMoveToOneOfTheSame(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	p.externalSecret("db", everyHour)
	east.externalSecret("db", everyHour)
	r := newRPCInBoth(t)
	for name, interval := range map[string]string{"all are as declared": everyHour, "none is": everyOtherHour} {
		manifest := p.hcl("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: $project}\n" + interval)
		moved := r.move("kubectl_manifest", kubectlManifest(manifest, "", ""), secretKind)
		r.ok(moved.Diagnostics, nil)
		read, err := r.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: secretKind, CurrentState: moved.TargetState, Private: moved.TargetPrivate, CurrentIdentity: moved.TargetIdentity,
		})
		r.ok(nil, err)
		contains(t, diagnosticTexts(read.Diagnostics), "Several clusters have", "removed block", p.name+"/db@east", p.name+"/db@home")
		destroyed, err := r.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{TypeName: secretKind,
			PriorState: moved.TargetState, PlannedState: fromJSON("null"), Config: fromJSON("null"), PlannedPrivate: moved.TargetPrivate})
		r.ok(nil, err)
		contains(t, diagnosticTexts(destroyed.Diagnostics), "Several clusters have")

		uid := string(east.get("ExternalSecret", "db").GetUID())
		moved = r.move("kubectl_manifest", strings.Replace(kubectlManifest(manifest, "", ""), `"uid":"u"`, `"uid":"`+uid+`"`, 1), secretKind)
		r.ok(moved.Diagnostics, nil)
		found := r.read(&tfprotov6.ReadResourceResponse{
			NewState: moved.TargetState, Private: moved.TargetPrivate, NewIdentity: moved.TargetIdentity,
		})
		r.isIdentity(secretKind, found.NewIdentity, p.hcl(`{"clusters":["east"],"name":"db","project":"$project"}`))
		if upToDate := r.state(secretKind, found.NewState)["up_to_date"]; upToDate != (interval == everyHour) {
			t.Errorf("%s: up_to_date is %v", name, upToDate)
		}
	}
	// The object of a cluster that answers is not the one that is meant because another cluster does not answer.
	r = newConfiguredRPC(t, mustJSON(map[string]any{"home_cluster": "home", "clusters": map[string]any{
		"home": map[string]any{"config_path": kubeconfigPath()},
		"east": map[string]any{"host": "https://127.0.0.1:1", "token": "none", "insecure": true},
	}}))
	manifest := p.hcl("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: $project}\n" + everyHour)
	moved := r.move("kubectl_manifest", kubectlManifest(manifest, "", ""), secretKind)
	r.ok(moved.Diagnostics, nil)
	read, err := r.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: secretKind, CurrentState: moved.TargetState, Private: moved.TargetPrivate, CurrentIdentity: moved.TargetIdentity,
	})
	r.ok(nil, err)
	destroyed, err := r.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{TypeName: secretKind,
		PriorState: moved.TargetState, PlannedState: fromJSON("null"), Config: fromJSON("null"), PlannedPrivate: moved.TargetPrivate})
	r.ok(nil, err)
	for _, diagnostics := range [][]*tfprotov6.Diagnostic{read.Diagnostics, destroyed.Diagnostics} {
		if !slices.ContainsFunc(diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError }) {
			t.Error("it takes the object of the cluster that answers")
		}
		contains(t, diagnosticTexts(diagnostics), "127.0.0.1:1")
	}
	p.expect("ExternalSecret db", true)()
	east.expect("ExternalSecret db", true)()
}

// A reference to a store without kind means a SecretStore: it is imported as arguments, and no change.
func TestAccImportWithoutKind(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("db", `spec: {secretStoreRef: {name: $store}, data: [{secretKey: password, remoteRef: {key: password}}]}`)
	p.eventually("it is synced", func() bool { return p.ready("ExternalSecret", "db") == "True" })
	p.run(
		testStep{
			Config:           p.secret(plain) + p.importBlock(),
			ConfigPlanChecks: expectPlan(secretAddress, plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{
				attributeIs(secretAddress, "manifest", knownvalue.Null()),
				statecheck.ExpectKnownValue(secretAddress, tfjsonpath.New("store").AtMapKey("kind"), knownvalue.StringExact("SecretStore")),
			},
		},
		testStep{Config: p.secret(plain), ConfigPlanChecks: unchanged()},
		testStep{Config: p.secret(plain + `refresh_interval = "2h"`), ConfigPlanChecks: updates(secretAddress)},
	)
}
