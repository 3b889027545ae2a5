// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/dynamic"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/protocol"
)

// The acceptance tests run real plans against a real API server with External Secrets Operator.
// Each makes projects of its own, so they run side by side. How one reads:
//
//	p := newProject(t)                        // a project with a fake store that holds values
//	p.run(step{Config: p.secret(plain)})      // resource.Test with the usual checks
//
// Where steps change a configuration, it is a value of the types in fixture_config_test.go: p.plainSecret(), o.declared(0, 1).
//
// In configurations $project and $store stand for the names of the project and of its store, and $eso for the apiVersion
// that the cluster serves.

type testStep = resource.TestStep

var nested = jsonvalue.MapAt

// factories serve the provider as main does.
var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"airm": func() (tfprotov6.ProviderServer, error) {
		p := &airmProvider{version: "test"}
		return protocol.Wrap(providerserver.NewProtocol6(p)(), p, os.Getenv), nil
	},
}

// address is that of the resource that p.secret and p.providerStore configure.
const (
	secretAddress = "airm_project_secret.test"
	storeAddress  = "airm_provider_store.test"
)

// plain is the smallest content of a secret; the fake store of every project has the value.
const plain = `
  store = { name = "$store", kind = "SecretStore" }
  data  = { password = { key = "password" } }
`

// storeValues are what the fake store of every project holds.
var storeValues = map[string]string{
	"password": "open sesame",
	"user":     `{"name":"scott","host":"db.example.com"}`,
	"find-a":   "a",
	"find-b":   "b",
	"encoded":  "aGVsbG8=",
}

// testProject is a project made for one test.
type testProject struct {
	*acctest.Cluster
	t     *testing.T
	name  string
	store string // a SecretStore of ESO's fake backend, which keeps values by the store's name
	leave bool   // whether a destroy leaves an object "db", one of others
}

func newProject(t *testing.T) *testProject {
	t.Helper()
	p := &testProject{Cluster: acctest.Connect(t, ""), t: t, name: "acc-" + rand.String(8)}
	p.Project(p.name)
	p.store = p.name
	p.setValues(storeValues)
	return p
}

// setValues writes the values of the project's fake store and waits until ESO has taken them.
func (p *testProject) setValues(values map[string]string) {
	p.t.Helper()
	p.setStore(p.store, values)
}

func (p *testProject) setStore(name string, values map[string]string) {
	p.t.Helper()
	data := []map[string]any{}
	for key, value := range values {
		data = append(data, map[string]any{"key": key, "value": value})
	}
	spec := mustJSON(map[string]any{"spec": map[string]any{"provider": map[string]any{"fake": map[string]any{"data": data}}}})
	if p.get("SecretStore", name) == nil {
		p.create("SecretStore", name, spec)
	} else { // a store that was valid says so before ESO has seen the change, but ESO receives one change after the other
		p.patch("SecretStore", name, spec)
		last := "last-" + rand.String(8)
		p.create("SecretStore", last, `spec: {provider: {fake: {data: [{key: k, value: v}]}}}`)
		p.waitFor("SecretStore", last, "is seen by ESO, which has seen the change of "+name+" before", hasCondition)
		p.removeNow("SecretStore", last)
	}
	p.waitFor("SecretStore", name, "is valid", func(store *unstructured.Unstructured) bool {
		return acctest.Condition(store)["reason"] == "Valid"
	})
}

func hasCondition(object *unstructured.Unstructured) bool { return acctest.Condition(object) != nil }

// hcl puts the names of this project into a configuration.
func (p *testProject) hcl(text string) string {
	return strings.NewReplacer("$project", p.name, "$store", p.store, "$eso", "external-secrets.io/"+p.Served).Replace(text)
}

// secret configures the secret "db" of the project.
func (p *testProject) secret(body string) string {
	return p.hcl(`
resource "airm_project_secret" "test" {
  project = "$project"
  name    = "db"
` + body + `
}
`)
}

// run runs the steps as resource.Test does: after each the plan must be empty, and at the end
// everything is destroyed. Then the secret of the project, and the Kubernetes Secret, must be gone.
func (p *testProject) run(steps ...testStep) {
	p.t.Helper()
	resource.Test(p.t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps:                    steps,
		CheckDestroy: p.check(func() {
			if p.leave {
				return
			}
			if p.get("ExternalSecret", "db") != nil || p.get("Secret", "db") != nil {
				p.t.Error("destroy left something behind")
			}
		}),
	})
}

// check makes a check of a step from a function that calls t.Error itself.
func (p *testProject) check(look func()) resource.TestCheckFunc {
	return func(*terraform.State) error {
		look()
		return nil
	}
}

// updates expects the plan of a step to be an update in place.
func updates(address string) resource.ConfigPlanChecks {
	return expectPlan(address, plancheck.ResourceActionUpdate)
}

// unchanged expects the plan of a step to be empty.
func unchanged() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

func expectPlan(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// inPlace expects that a resource is updated or, if ESO was quicker, that nothing is left to do.
func inPlace(address string) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{noReplacement(address)}}
}

type noReplacement string

// CheckPlan implements plancheck.PlanCheck.
func (address noReplacement) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if change.Address == string(address) && !change.Change.Actions.Update() && !change.Change.Actions.NoOp() {
			resp.Error = fmt.Errorf("%s: the plan is %v", address, change.Change.Actions)
		}
	}
}

// matchWords matches a text in the output of the CLI, which breaks lines where it likes.
func matchWords(text string) *regexp.Regexp {
	gap := `[\s│╷╵]+`
	return regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(text), " ", gap))
}

// since020 is a field of ExternalSecrets that came with ESO 0.20, as its finalizer did, which is in no definition.
const since020 = "spec.dataFrom.rewrite.merge.priorityPolicy"

// needs skips the test where the kind in this cluster lacks a field, or a value of one.
func (p *testProject) needs(kind, field string) {
	p.t.Helper()
	if !p.Has(kind, field) {
		path, _, _ := strings.Cut(field, "=")
		p.t.Skipf("the kind %s of this cluster has no %s: %s", kind, field, eso.VersionsOf(kind, path))
	}
}

// without leaves a part out of a configuration, where the kind in this cluster lacks the part's field.
func (p *testProject) without(text, kind, field, part string) string {
	p.t.Helper()
	if p.Has(kind, field) {
		return text
	}
	return strings.ReplaceAll(text, part, "")
}

func (p *testProject) objects(kind string) dynamic.ResourceInterface {
	p.t.Helper()
	return p.Objects(kind, p.name)
}

// get reads an object of the project, nil where there is none.
func (p *testProject) get(kind, name string) *unstructured.Unstructured {
	p.t.Helper()
	return p.Get(kind, p.name, name)
}

// create makes an object of the project from YAML without apiVersion, kind and name.
func (p *testProject) create(kind, name, text string) *unstructured.Unstructured {
	p.t.Helper()
	return p.Create(kind, p.name, name, p.hcl(text))
}

// patch changes an object of the project by a JSON merge patch, as the manager "kubectl-edit".
func (p *testProject) patch(kind, name, patch string) *unstructured.Unstructured {
	p.t.Helper()
	return p.Patch(kind, p.name, name, patch)
}

// waitFor watches an object of the project until it is as the test wants it. It is nil while there is none.
func (p *testProject) waitFor(kind, name, what string, done func(*unstructured.Unstructured) bool) *unstructured.Unstructured {
	p.t.Helper()
	return p.WaitFor(kind, p.name, name, what, done)
}

// hold puts a finalizer onto an object, until release or the end of the test.
func (p *testProject) hold(kind, name, finalizer string) {
	p.t.Helper()
	p.patch(kind, name, `{"metadata":{"finalizers":["`+finalizer+`"]}}`)
	p.t.Cleanup(func() { p.release(kind, name) })
}

// release takes all finalizers off an object; that there is none is fine.
func (p *testProject) release(kind, name string) {
	p.t.Helper()
	if p.get(kind, name) != nil {
		p.patch(kind, name, `{"metadata":{"finalizers":null}}`)
	}
}

// remove deletes an object; that there is none is fine.
func (p *testProject) remove(kind, name string) {
	p.t.Helper()
	p.Remove(kind, p.name, name)
}

// removeNow deletes an object and waits until it is gone.
func (p *testProject) removeNow(kind, name string) {
	p.t.Helper()
	p.RemoveNow(kind, p.name, name)
	if kind == "ExternalSecret" { // the garbage collector takes its Secret later
		p.waitFor("Secret", name, "is gone or has another owner", func(secret *unstructured.Unstructured) bool {
			return secret == nil || len(secret.GetOwnerReferences()) == 0
		})
	}
}

// externalSecret makes one as another tool would, with the content of plain by default.
func (p *testProject) externalSecret(name, text string) *unstructured.Unstructured {
	p.t.Helper()
	if text == "" {
		text = `spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: password, remoteRef: {key: password}}]}`
	}
	return p.create("ExternalSecret", name, text)
}

// spec is spec of the project's ExternalSecret "db".
func (p *testProject) spec() map[string]any {
	p.t.Helper()
	object := p.get("ExternalSecret", "db")
	if object == nil {
		p.t.Fatal("there is no ExternalSecret db")
	}
	return nested(object.Object, "spec")
}

// secretData is the decoded content of a Kubernetes Secret, nil where there is none.
func (p *testProject) secretData(name string) map[string]string {
	p.t.Helper()
	object := p.get("Secret", name)
	if object == nil {
		return nil
	}
	data := map[string]string{}
	var typed struct{ Data map[string][]byte }
	text, _ := object.MarshalJSON()
	p.ok(json.Unmarshal(text, &typed))
	for key, value := range typed.Data {
		data[key] = string(value)
	}
	return data
}

// ready is the status of the Ready condition, empty where there is none.
func (p *testProject) ready(kind, name string) string {
	p.t.Helper()
	status, _ := p.condition(kind, name)["status"].(string)
	return status
}

// condition is what an object of ESO says of whether it is ready, nil where it says nothing.
func (p *testProject) condition(kind, name string) map[string]any {
	p.t.Helper()
	return acctest.Condition(p.get(kind, name))
}

func (p *testProject) eventually(what string, done func() bool) {
	p.t.Helper()
	acctest.Eventually(p.t, what, func() (bool, string) { return done(), "" })
}

func (p *testProject) ok(err error) {
	p.t.Helper()
	acctest.OK(p.t, err)
}

// sameContent compares what is in the cluster with what a test writes.
func sameContent(a, b any) bool {
	left, errA := json.Marshal(a)
	right, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(left, right)
}

func mustJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
