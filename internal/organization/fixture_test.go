// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/dynamic"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// The tests named TestAcc talk to a real API server with External Secrets Operator, as those of
// internal/provider do. Each makes an organization of its own: a platform namespace and projects.

// fixture is the organization of one test, in a cluster seen with an administrator's rights.
type fixture struct {
	*acctest.Cluster
	t        testing.TB
	name     string // of the cluster, as registry calls it
	context  string // of the kubeconfig, empty for the current one
	platform string
	projects []string
	east     *fixture // the organization in a second cluster, nil where the test has one only
}

const (
	idleStore       = "idle"   // ESO leaves alone what refers to it, so that nothing but the test writes
	fakeStore       = "values" // has the keys "key" and "other"
	namespacedStore = "SecretStore"
	esoResource     = "externalsecrets"
)

func newFixture(t testing.TB, projects int) *fixture {
	t.Helper()
	f := &fixture{Cluster: acctest.Connect(t, ""), t: t, name: "home", platform: "platform-" + rand.String(8)}
	f.Create("Namespace", "", f.platform, "")
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
	if !acctest.HasContext(f.t, "east") {
		return false
	}
	f.east = &fixture{Cluster: acctest.Connect(f.t, "east"), t: f.t, name: "east", context: "east", platform: f.platform, projects: projects}
	for _, project := range projects {
		f.east.project(project)
	}
	return true
}

func (f *fixture) config() cluster.Config {
	return cluster.Config{ConfigContext: f.context}.WithEnvironment(os.Getenv)
}

// project makes a project with a store that no operator reconciles.
func (f *fixture) project(name string) {
	f.t.Helper()
	f.Project(name)
	f.apply(name, "secretstores", "spec: {controller: none, provider: {fake: {data: []}}}", idleStore)
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
	f.Apply("Namespace", "", name, text)
}

// kinds are by resource, which is what these tests say.
var kinds = map[string]string{
	"namespaces":   "Namespace",
	"configmaps":   "ConfigMap",
	"secrets":      "Secret",
	"secretstores": namespacedStore,
	esoResource:    airm.KindExternalSecret,

	"validatingadmissionpolicies":       "ValidatingAdmissionPolicy",
	"validatingadmissionpolicybindings": "ValidatingAdmissionPolicyBinding",
}

// kind is that of a resource as this cluster serves it.
func (f *fixture) kind(resource string) schema.GroupVersionKind {
	f.t.Helper()
	return f.Resource(kinds[resource]).GroupVersion().WithKind(kinds[resource])
}

func (f *fixture) resource(namespace, resource string) dynamic.ResourceInterface {
	f.t.Helper()
	return f.Objects(kinds[resource], namespace)
}

// apply makes or changes an object, as another user would.
func (f *fixture) apply(namespace, resource, text, name string) *unstructured.Unstructured {
	f.t.Helper()
	return f.Apply(kinds[resource], namespace, name, text)
}

func (f *fixture) patch(namespace, resource, name, patch string) {
	f.t.Helper()
	f.Patch(kinds[resource], namespace, name, patch)
}

// get reads an object, nil where there is none.
func (f *fixture) get(namespace, resource, name string) *unstructured.Unstructured {
	f.t.Helper()
	return f.Get(kinds[resource], namespace, name)
}

func (f *fixture) remove(namespace, resource, name string) {
	f.t.Helper()
	f.RemoveNow(kinds[resource], namespace, name)
}

func (f *fixture) list(namespace, resource, selector string) []unstructured.Unstructured {
	f.t.Helper()
	return f.List(kinds[resource], namespace, selector)
}

func (f *fixture) ok(err error) {
	f.t.Helper()
	acctest.OK(f.t, err)
}

func (f *fixture) eventually(what string, condition func() bool) {
	f.t.Helper()
	acctest.Eventually(f.t, what, func() (bool, string) { return condition(), "" })
}

// untilHeld returns a context that ends when nothing but the finalizer of others holds up the deletion of a project's object,
// and all else is so.
func (f *fixture) untilHeld(project string, soFar func() bool) context.Context {
	ctx, cancel := context.WithCancel(f.t.Context())
	go func() {
		defer cancel()
		_, _ = acctest.Watch(ctx, f.resource(project, esoResource), "s", func(object *unstructured.Unstructured) bool {
			return object != nil && object.GetDeletionTimestamp() != nil && slices.Equal(object.GetFinalizers(), []string{"example.com/stays"})
		})
		_ = acctest.Poll(ctx, func() (bool, string) { return soFar(), "" })
	}()
	return ctx
}

// values creates the project's store, which ESO looks after. Its name is the project's: ESO's fake
// backend keeps values by the store's name.
func (f *fixture) values(project, store string) {
	f.t.Helper()
	f.apply(project, "secretstores", "spec: {provider: {fake: {data: [{key: key, value: v}, {key: other, value: w}]}}}", store)
	f.WaitFor(namespacedStore, project, store, "is valid", acctest.IsReady)
}

func (f *fixture) options(now func() time.Time) cluster.Options {
	f.t.Helper()
	selector, err := labels.Parse(airm.DefaultProjectSelector)
	f.ok(err)
	return cluster.Options{UserAgent: "test", ProjectSelector: selector, Now: now}
}

// registry is a run of its own: it shares nothing with the others but the cluster.
func (f *fixture) registry() *Registry { return f.registryAt(nil) }

// registryAt is a run on a machine with that clock.
func (f *fixture) registryAt(now func() time.Time) *Registry {
	options := f.options(now)
	all := []*cluster.Cluster{cluster.New(f.name, f.config(), options)}
	if f.east != nil {
		all = append(all, cluster.New(f.east.name, f.east.config(), options))
	}
	r, err := New(cluster.NewClusters(f.name, all...), f.platform, Options{})
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
	return onlyCopy(r.Assign(ctx, wanted))
}

func (r *Registry) reassign(ctx context.Context, wanted airm.Assignment) (*Row, *unstructured.Unstructured, error) {
	return onlyCopy(r.Reassign(ctx, wanted, Known{}))
}

func onlyCopy(assigned Assigned) (*Row, *unstructured.Unstructured, error) {
	if assigned.Err != nil {
		return assigned.Row, nil, assigned.Err
	}
	for _, failure := range assigned.Failures() {
		return assigned.Row, nil, failure.Err
	}
	return assigned.Row, assigned.Placed[0].Object, nil
}

// newDefinition is an organization secret that ESO leaves alone; the content is the key of its one entry.
func newDefinition(name, content string) airm.OrganizationSecret {
	return definitionOf(name, idleStore, content)
}

func definitionOf(name, store, key string) airm.OrganizationSecret {
	return airm.OrganizationSecret{
		Name: name, OwnerID: "definer", Owner: "acme/platform",
		Definition: airm.Definition{Spec: map[string]any{
			"secretStoreRef": map[string]any{"name": store, "kind": namespacedStore},
			"data":           []any{map[string]any{"secretKey": "value", "remoteRef": map[string]any{"key": key}}},
		}},
	}
}

func newAssignment(secret, project, owner string) airm.Assignment {
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

// says makes sure that an error contains all expected texts.
func says(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; expected one that says %q", parts)
	}
	text := cluster.ErrorText(err)
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
	var dead atomic.Bool // removals from many projects take their steps at the same time
	r.beforeStep = func(_ context.Context, name string) error {
		if name == step {
			dead.Store(true)
		}
		if dead.Load() {
			return errKilled
		}
		return nil
	}
	return r
}
