package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/served"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/protocol"
)

// The acceptance tests run real plans against a real API server with External Secrets Operator.
// Each makes projects of its own, so they run side by side. How one reads:
//
//	p := newProject(t)                        // a project with a fake store that holds values
//	p.run(step{Config: p.secret(plain)})      // resource.Test with the usual checks
//
// In configurations $project and $store stand for the names of the project and of its store, and $eso for the apiVersion
// that the cluster serves.

type step = resource.TestStep

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

// values are what the fake store of every project holds.
var values = map[string]string{
	"password": "open sesame",
	"user":     `{"name":"scott","host":"db.example.com"}`,
	"find-a":   "a",
	"find-b":   "b",
	"encoded":  "aGVsbG8=",
}

// kube is the cluster under test, with the rights of an administrator.
type kube struct {
	config *rest.Config
	client dynamic.Interface
	served string // the version of ESO's kinds
}

var connectOnce = sync.OnceValues(func() (*kube, error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{Precedence: strings.Split(os.Getenv("KUBECONFIG"), string(os.PathListSeparator))}, nil).ClientConfig()
	if err != nil {
		return nil, err
	}
	return newKube(config)
})

func newKube(config *rest.Config) (*kube, error) {
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	version, err := served.Version(config)
	return &kube{config: config, client: client, served: version}, err
}

// connect skips a test that no acceptance test was asked for, and fails where there is no cluster.
func connect(t *testing.T) *kube {
	t.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skipf("%s is not set: acceptance tests run with `make test`", resource.EnvTfAcc)
	}
	if os.Getenv("KUBECONFIG") == "" {
		t.Fatal("KUBECONFIG is not set: acceptance tests need a cluster with External Secrets Operator; `make test` starts one")
	}
	k, err := connectOnce()
	if err != nil {
		t.Fatalf("the cluster of KUBECONFIG cannot be used: %s", err)
	}
	return k
}

// project is a project made for one test.
type project struct {
	*kube
	t     *testing.T
	name  string
	store string // a SecretStore of ESO's fake backend, which keeps values by the store's name
	leave bool   // whether a destroy leaves an object "db", one of others
}

func newProject(t *testing.T) *project {
	t.Helper()
	p := &project{kube: connect(t), t: t, name: "acc-" + rand.String(8)}
	p.create("Namespace", p.name, fmt.Sprintf("metadata: {labels: {airm.silogen.ai/project-id: id-of-%s}}", p.name))
	p.store = p.name
	p.setValues(values)
	return p
}

// setValues writes the values of the project's fake store and waits until ESO has taken them.
func (p *project) setValues(values map[string]string) {
	p.t.Helper()
	p.setStore(p.store, values)
}

func (p *project) setStore(name string, values map[string]string) {
	p.t.Helper()
	data := []map[string]any{}
	for key, value := range values {
		data = append(data, map[string]any{"key": key, "value": value})
	}
	spec := mustJSON(map[string]any{"spec": map[string]any{"provider": map[string]any{"fake": map[string]any{"data": data}}}})
	if p.get("SecretStore", name) == nil {
		p.create("SecretStore", name, spec)
	} else { // a store that was valid says so before ESO has seen the change, but ESO is told of one change after the other
		p.patch("SecretStore", name, spec)
		last := "last-" + rand.String(8)
		p.create("SecretStore", last, `spec: {provider: {fake: {data: [{key: k, value: v}]}}}`)
		p.eventually("ESO has seen the change of store "+name, func() bool { return p.condition("SecretStore", last) != nil })
		p.removeNow("SecretStore", last)
	}
	p.eventually("store "+name+" is valid", func() bool { return p.condition("SecretStore", name)["reason"] == "Valid" })
}

// hcl puts the names of this project into a configuration.
func (p *project) hcl(text string) string {
	return strings.NewReplacer("$project", p.name, "$store", p.store, "$eso", "external-secrets.io/"+p.served).Replace(text)
}

// secret configures the secret "db" of the project.
func (p *project) secret(body string) string {
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
func (p *project) run(steps ...step) {
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
func (p *project) check(look func()) resource.TestCheckFunc {
	return func(*terraform.State) error {
		look()
		return nil
	}
}

// updates expects the plan of a step to be an update in place.
func updates(address string) resource.ConfigPlanChecks {
	return planned(address, plancheck.ResourceActionUpdate)
}

// unchanged expects the plan of a step to be empty.
func unchanged() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

func planned(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
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

// words matches a text in the output of the CLI, which breaks lines where it likes.
func words(text string) *regexp.Regexp {
	gap := `[\s│╷╵]+`
	return regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(text), " ", gap))
}

// kinds are those that tests use. ESO's have the version that a cluster serves.
var kinds = map[string]schema.GroupVersionResource{
	"Namespace":                    {Version: "v1", Resource: "namespaces"},
	"Secret":                       {Version: "v1", Resource: "secrets"},
	"Event":                        {Version: "v1", Resource: "events"},
	"ConfigMap":                    {Version: "v1", Resource: "configmaps"},
	"ServiceAccount":               {Version: "v1", Resource: "serviceaccounts"},
	"Role":                         {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
	"RoleBinding":                  {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
	"ExternalSecret":               {Group: "external-secrets.io", Resource: "externalsecrets"},
	"SecretStore":                  {Group: "external-secrets.io", Resource: "secretstores"},
	"ClusterSecretStore":           {Group: "external-secrets.io", Resource: "clustersecretstores"},
	"Password":                     {Group: "generators.external-secrets.io", Version: "v1alpha1", Resource: "passwords"},
	"MutatingWebhookConfiguration": {Group: "admissionregistration.k8s.io", Version: "v1", Resource: "mutatingwebhookconfigurations"},
}

// resource is the kind as this cluster serves it.
func (p *project) resource(kind string) schema.GroupVersionResource {
	p.t.Helper()
	gvr, known := kinds[kind]
	if !known {
		p.t.Fatalf("add %s to the kinds of the harness", kind)
	}
	if gvr.Version == "" {
		gvr.Version = p.served
	}
	return gvr
}

// since020 is a field of ExternalSecrets that came with ESO 0.20, as its finalizer did, which no definition tells.
const since020 = "spec.dataFrom.rewrite.merge.priorityPolicy"

// has reports whether the kind in this cluster has a field or, behind "=", a value of one: see served.Has.
func (p *project) has(kind, field string) bool {
	p.t.Helper()
	found, err := served.Has(p.config, kind, field)
	p.ok(err)
	return found
}

// needs skips the test where the kind in this cluster lacks a field, or a value of one.
func (p *project) needs(kind, field string) {
	p.t.Helper()
	if !p.has(kind, field) {
		path, _, _ := strings.Cut(field, "=")
		p.t.Skipf("the kind %s of this cluster has no %s: %s", kind, field, eso.VersionsOf(kind, path))
	}
}

// without leaves a part out of a configuration, where the kind in this cluster lacks the part's field.
func (p *project) without(text, kind, field, part string) string {
	p.t.Helper()
	if p.has(kind, field) {
		return text
	}
	return strings.ReplaceAll(text, part, "")
}

func (p *project) objects(kind string) dynamic.ResourceInterface {
	gvr := p.resource(kind)
	switch kind {
	case "Namespace", "ClusterSecretStore", "MutatingWebhookConfiguration":
		return p.client.Resource(gvr)
	}
	return p.client.Resource(gvr).Namespace(p.name)
}

// get reads an object of the project, nil where there is none.
func (p *project) get(kind, name string) *unstructured.Unstructured {
	p.t.Helper()
	object, err := p.objects(kind).Get(context.Background(), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	p.ok(err)
	return object
}

// create makes an object from YAML without apiVersion, kind and name, as a user does with kubectl.
// It goes with the project, or at the end of the test.
func (p *project) create(kind, name, text string) *unstructured.Unstructured {
	p.t.Helper()
	object := &unstructured.Unstructured{}
	p.ok(yaml.Unmarshal([]byte(p.hcl(text)), &object.Object))
	object.SetGroupVersionKind(p.resource(kind).GroupVersion().WithKind(kind))
	object.SetName(name)
	created, err := p.objects(kind).Create(context.Background(), object, metav1.CreateOptions{FieldManager: "kubectl"})
	p.ok(err)
	if created.GetNamespace() == "" {
		p.t.Cleanup(func() { p.remove(kind, name) })
	}
	return created
}

// patch changes an object of the project by a JSON merge patch, as the manager "kubectl-edit".
func (p *project) patch(kind, name, patch string) *unstructured.Unstructured {
	p.t.Helper()
	patched, err := p.objects(kind).Patch(context.Background(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "kubectl-edit"})
	p.ok(err)
	return patched
}

// hold puts a finalizer onto an object, until release or the end of the test.
func (p *project) hold(kind, name, finalizer string) {
	p.t.Helper()
	p.patch(kind, name, `{"metadata":{"finalizers":["`+finalizer+`"]}}`)
	p.t.Cleanup(func() { p.release(kind, name) })
}

// release takes all finalizers off an object; that there is none is fine.
func (p *project) release(kind, name string) {
	p.t.Helper()
	if p.get(kind, name) != nil {
		p.patch(kind, name, `{"metadata":{"finalizers":null}}`)
	}
}

// remove deletes an object; that there is none is fine.
func (p *project) remove(kind, name string) {
	p.t.Helper()
	err := p.objects(kind).Delete(context.Background(), name, metav1.DeleteOptions{})
	if !apierrors.IsNotFound(err) {
		p.ok(err)
	}
}

// removeNow deletes an object and waits until it is gone.
func (p *project) removeNow(kind, name string) {
	p.t.Helper()
	p.remove(kind, name)
	p.eventually(kind+" "+name+" is gone", func() bool { return p.get(kind, name) == nil })
	if kind == "ExternalSecret" { // the garbage collector takes its Secret later
		p.eventually("Secret "+name+" is gone", func() bool {
			found := p.get("Secret", name)
			return found == nil || len(found.GetOwnerReferences()) == 0
		})
	}
}

// externalSecret makes one as another tool would, with the content of plain unless told otherwise.
func (p *project) externalSecret(name, text string) *unstructured.Unstructured {
	p.t.Helper()
	if text == "" {
		text = `spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: password, remoteRef: {key: password}}]}`
	}
	return p.create("ExternalSecret", name, text)
}

// spec is spec of the project's ExternalSecret "db".
func (p *project) spec() map[string]any {
	p.t.Helper()
	object := p.get("ExternalSecret", "db")
	if object == nil {
		p.t.Fatal("there is no ExternalSecret db")
	}
	return nested(object.Object, "spec")
}

// secretData is the decoded content of a Kubernetes Secret, nil where there is none.
func (p *project) secretData(name string) map[string]string {
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
func (p *project) ready(kind, name string) string {
	p.t.Helper()
	status, _ := p.condition(kind, name)["status"].(string)
	return status
}

// condition is what an object of ESO says of whether it is ready, nil where it says nothing.
func (p *project) condition(kind, name string) map[string]any {
	p.t.Helper()
	object := p.get(kind, name)
	if object == nil {
		return nil
	}
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, c := range conditions {
		if condition := c.(map[string]any); condition["type"] == "Ready" {
			return condition
		}
	}
	return nil
}

// patience is for what a busy cluster does in its own time: a namespace takes a minute to go.
const patience = 3 * time.Minute

func (p *project) eventually(what string, done func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("this did not happen within %s: %s", patience, what)
		}
	}
}

func (p *project) ok(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
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

// ca is the certificate authority of the cluster (PEM).
func (p *project) ca() []byte {
	p.t.Helper()
	config := rest.CopyConfig(p.config)
	p.ok(rest.LoadTLSFiles(config))
	return config.CAData
}
