package organization

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/served"
)

// The tests named TestAcc talk to a real API server with External Secrets Operator, as those of
// internal/provider do. Each makes an organization of its own: a platform namespace and projects.

// fixture is the organization of one test, in a cluster seen with an administrator's rights.
type fixture struct {
	t        testing.TB
	name     string // of the cluster, as registry calls it
	context  string // of the kubeconfig, empty for the current one
	client   dynamic.Interface
	served   string // the version of ESO's kinds
	platform string
	projects []string
	east     *fixture // the organization in a second cluster, nil where the test has one only
}

const (
	idleStore   = "nobody" // ESO leaves alone what refers to it, so that nothing but the test writes
	fakeStore   = "values" // has the keys "key" and "other"
	namespaced  = "SecretStore"
	esoResource = "externalsecrets"
)

func newFixture(t testing.TB, projects int) *fixture {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("needs TF_ACC=1 and KUBECONFIG (make test)")
	}
	if os.Getenv("KUBECONFIG") == "" {
		t.Fatal("KUBECONFIG is not set: acceptance tests need a cluster with External Secrets Operator; `make test` starts one")
	}
	f := &fixture{t: t, name: "home", platform: "platform-" + rand.String(8)}
	f.connect()
	f.namespace(f.platform, "")
	for range projects {
		f.projects = append(f.projects, "project-"+rand.String(8))
		f.project(f.projects[len(f.projects)-1])
	}
	return f
}

// withEast adds a second cluster, which holds these projects too. It is the context "east" of KUBECONFIG; where the user
// gave one that has none, there is none.
func (f *fixture) withEast(projects ...string) bool {
	f.t.Helper()
	config, err := clientcmd.NewDefaultClientConfigLoadingRules().Load()
	f.ok(err)
	if config.Contexts["east"] == nil {
		return false
	}
	f.east = &fixture{t: f.t, name: "east", context: "east", platform: f.platform, projects: projects}
	f.east.connect()
	for _, project := range projects {
		f.east.project(project)
	}
	return true
}

func (f *fixture) config() cluster.Config {
	return cluster.Config{ConfigContext: f.context}.WithEnvironment(os.Getenv)
}

func (f *fixture) connect() {
	f.t.Helper()
	config, err := f.config().REST()
	f.ok(err)
	config = rest.CopyConfig(config)
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{}
	f.client, err = dynamic.NewForConfig(config)
	f.ok(err)
	f.served, err = served.Version(config)
	f.ok(err)
}

// project makes a project with a store that nobody looks after.
func (f *fixture) project(name string) {
	f.t.Helper()
	f.namespace(name, "metadata: {labels: {"+airm.LabelProjectID+": id-of-"+name+"}}")
	f.apply(name, "secretstores", "spec: {controller: nobody, provider: {fake: {data: []}}}", idleStore)
}

// clustersOf returns the clusters that hold a project.
func (f *fixture) clustersOf(project string) []*fixture {
	if f.east != nil && slices.Contains(f.east.projects, project) {
		return []*fixture{f, f.east}
	}
	return []*fixture{f}
}

func (f *fixture) namespace(name, text string) {
	f.t.Helper()
	f.apply("", "namespaces", text, name)
	f.t.Cleanup(func() {
		_ = f.resource("", "namespaces").Delete(context.Background(), name, metav1.DeleteOptions{})
	})
}

// kinds are by resource. ESO's have the version that a cluster serves.
var kinds = map[string]schema.GroupVersionKind{
	"namespaces":   {Version: "v1", Kind: "Namespace"},
	"configmaps":   {Version: "v1", Kind: "ConfigMap"},
	"secrets":      {Version: "v1", Kind: "Secret"},
	"secretstores": {Group: airm.Group, Kind: namespaced},
	esoResource:    {Group: airm.Group, Kind: airm.KindExternalSecret},

	"validatingadmissionpolicies":       {Group: "admissionregistration.k8s.io", Version: "v1", Kind: "ValidatingAdmissionPolicy"},
	"validatingadmissionpolicybindings": {Group: "admissionregistration.k8s.io", Version: "v1", Kind: "ValidatingAdmissionPolicyBinding"},
}

// kind is that of a resource as this cluster serves it.
func (f *fixture) kind(resource string) schema.GroupVersionKind {
	kind := kinds[resource]
	if kind.Version == "" {
		kind.Version = f.served
	}
	return kind
}

func (f *fixture) resource(namespace, resource string) dynamic.ResourceInterface {
	all := f.client.Resource(f.kind(resource).GroupVersion().WithResource(resource))
	if namespace == "" {
		return all
	}
	return all.Namespace(namespace)
}

// apply makes or changes an object, as somebody else would.
func (f *fixture) apply(namespace, resource, text, name string) *unstructured.Unstructured {
	f.t.Helper()
	object := &unstructured.Unstructured{Object: map[string]any{}}
	f.ok(yaml.Unmarshal([]byte(text), &object.Object))
	if object.Object == nil {
		object.Object = map[string]any{}
	}
	object.SetGroupVersionKind(f.kind(resource))
	object.SetName(name)
	made, err := f.resource(namespace, resource).Apply(context.Background(), name, object, metav1.ApplyOptions{FieldManager: "somebody-else", Force: true})
	f.ok(err)
	return made
}

func (f *fixture) patch(namespace, resource, name, patch string) {
	f.t.Helper()
	_, err := f.resource(namespace, resource).Patch(context.Background(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	f.ok(err)
}

// get reads an object, nil where there is none.
func (f *fixture) get(namespace, resource, name string) *unstructured.Unstructured {
	f.t.Helper()
	object, err := f.resource(namespace, resource).Get(context.Background(), name, metav1.GetOptions{})
	if cluster.IsNotFound(err) {
		return nil
	}
	f.ok(err)
	return object
}

func (f *fixture) remove(namespace, resource, name string) {
	f.t.Helper()
	f.ok(f.resource(namespace, resource).Delete(context.Background(), name, metav1.DeleteOptions{}))
	f.eventually(resource+" "+name+" is gone", func() bool { return f.get(namespace, resource, name) == nil })
}

func (f *fixture) list(namespace, resource, selector string) []unstructured.Unstructured {
	f.t.Helper()
	list, err := f.resource(namespace, resource).List(context.Background(), metav1.ListOptions{LabelSelector: selector})
	f.ok(err)
	return list.Items
}

func (f *fixture) ok(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) eventually(what string, condition func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if condition() {
			return
		}
	}
	f.t.Fatalf("it never came to be that %s", what)
}

// untilHeld returns a context that ends when something holds up the deletion of a project's object, a while after it
// was asked for, and all else is so.
func (f *fixture) untilHeld(project string, soFar func() bool) context.Context {
	ctx, cancel := context.WithCancel(f.t.Context())
	go func() {
		defer cancel()
		held := false
		for ctx.Err() == nil && !held {
			time.Sleep(100 * time.Millisecond)
			object, err := f.resource(project, esoResource).Get(ctx, "s", metav1.GetOptions{})
			held = err == nil && object.GetDeletionTimestamp() != nil && soFar()
		}
		time.Sleep(time.Second)
	}()
	return ctx
}

// values returns a project the store that ESO looks after. Its name is the project's: ESO's fake
// backend keeps values by the store's name.
func (f *fixture) values(project, store string) {
	f.t.Helper()
	f.apply(project, "secretstores", "spec: {provider: {fake: {data: [{key: key, value: v}, {key: other, value: w}]}}}", store)
	f.eventually("store "+store+" is valid", func() bool {
		object := f.get(project, "secretstores", store)
		conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
		return len(conditions) > 0 && conditions[0].(map[string]any)["status"] == "True"
	})
}

// registry is a run of its own: it shares nothing with the others but the cluster.
func (f *fixture) registry() *Registry { return f.registryAt(nil) }

// registryAt is a run on a machine with that clock.
func (f *fixture) registryAt(now func() time.Time) *Registry {
	selector, err := labels.Parse(airm.DefaultProjectSelector)
	f.ok(err)
	options := cluster.Options{UserAgent: "test", ProjectSelector: selector, Now: now}
	all := []*cluster.Cluster{cluster.New(f.name, f.config(), options)}
	if f.east != nil {
		all = append(all, cluster.New(f.east.name, f.east.config(), options))
	}
	r, err := New(cluster.NewClusters(f.name, all...), f.platform, false)
	f.ok(err)
	return r
}

// copy is what a row says of the object in this cluster.
func (f *fixture) copy(row *Row) airm.Copy {
	f.t.Helper()
	system := f.get("", "namespaces", metav1.NamespaceSystem)
	return row.Copies[string(system.GetUID())]
}

// assign and reassign do as the registry does, for tests that look at the home cluster alone.
func (r *Registry) assign(ctx context.Context, wanted airm.Assignment) (*Row, *unstructured.Unstructured, error) {
	return alone(r.Assign(ctx, wanted))
}

func (r *Registry) reassign(ctx context.Context, wanted airm.Assignment) (*Row, *unstructured.Unstructured, error) {
	return alone(r.Reassign(ctx, wanted, Known{}))
}

func alone(assigned Assigned) (*Row, *unstructured.Unstructured, error) {
	if assigned.Err != nil {
		return assigned.Row, nil, assigned.Err
	}
	for _, failure := range assigned.Failures() {
		return assigned.Row, nil, failure.Err
	}
	return assigned.Row, assigned.Placed[0].Object, nil
}

// definition is an organization secret that ESO leaves alone; the content is the key of its one entry.
func definition(name, content string) airm.OrganizationSecret {
	return definitionOf(name, idleStore, content)
}

func definitionOf(name, store, key string) airm.OrganizationSecret {
	return airm.OrganizationSecret{
		Name: name, OwnerID: "definer", Owner: "acme/platform",
		Definition: airm.Definition{Spec: map[string]any{
			"secretStoreRef": map[string]any{"name": store, "kind": namespaced},
			"data":           []any{map[string]any{"secretKey": "value", "remoteRef": map[string]any{"key": key}}},
		}},
	}
}

func assignment(secret, project, owner string) airm.Assignment {
	return airm.Assignment{Secret: secret, Project: project, OwnerID: owner, Owner: "acme/" + owner, Labels: map[string]string{"by": owner}}
}

// contentOf is the key that an object refers to.
func contentOf(object *unstructured.Unstructured) string {
	data, _, _ := unstructured.NestedSlice(object.Object, "spec", "data")
	if len(data) == 0 {
		return ""
	}
	key, _, _ := unstructured.NestedString(data[0].(map[string]any), "remoteRef", "key")
	return key
}

// says makes sure that an error tells everything that is expected of it.
func says(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; expected one that says %q", parts)
	}
	text := errorText(err)
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("the error does not say %q:\n%s", part, text)
		}
	}
}

// errKilled ends an operation where its process is killed.
var errKilled = errors.New("killed")

// killAt makes an operation end at a step, as a kill would, and never do anything again.
func (r *Registry) killAt(step string) *Registry {
	dead := false
	r.beforeStep = func(_ context.Context, name string) error {
		if dead = dead || name == step; dead {
			return errKilled
		}
		return nil
	}
	return r
}
