// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// The tests named TestAcc talk to a real API server with External Secrets Operator, as those of
// internal/provider do.

// testProject is a project made for one test, in a cluster seen with an administrator's rights.
type testProject struct {
	*Cluster
	admin *acctest.Cluster // the same one, without this package
	t     *testing.T
	name  string
}

func newProject(t *testing.T) *testProject {
	t.Helper()
	admin := acctest.Connect(t, "")
	c := New("test", Config{}.WithEnvironment(os.Getenv), testOptions())
	p := &testProject{Cluster: c, admin: admin, t: t, name: "acc-" + rand.String(8)}
	admin.Project(p.name)
	p.create("SecretStore", "idle", "spec: {controller: none, provider: {fake: {data: [{key: k, value: v}]}}}")
	p.untilSeen()
	return p
}

// untilSeen waits until ESO has seen the stores that were made: it receives one after the other.
func (p *testProject) untilSeen() {
	p.t.Helper()
	p.create("SecretStore", "last", "spec: {provider: {fake: {data: [{key: k, value: v}]}}}")
	p.admin.WaitFor("SecretStore", p.name, "last", "is seen by ESO", func(store *unstructured.Unstructured) bool {
		return acctest.Condition(store) != nil
	})
}

// create makes an object of the project from YAML without apiVersion, kind and name.
func (p *testProject) create(kind, name, text string) *unstructured.Unstructured {
	p.t.Helper()
	return p.admin.Create(kind, p.name, name, text)
}

func testOptions() Options {
	selector, _ := labels.Parse(airm.DefaultProjectSelector)
	return Options{UserAgent: "test", ProjectSelector: selector}
}

func (p *testProject) dynamic() *connection {
	p.t.Helper()
	c, err := p.connect(context.Background())
	p.ok(err)
	return c
}

// as is the same cluster, seen by a user with these rights in the project and no others.
func (p *testProject) as(user string, rules ...string) *Cluster {
	p.t.Helper()
	token := p.admin.User(p.name, user, rules...)
	return New("test", Config{Host: p.admin.Config.Host, Token: token, ClusterCACertificate: string(p.admin.CA())}, testOptions())
}

func (p *testProject) ref(name string) airm.Ref {
	return airm.Ref{Kind: airm.KindExternalSecret, Project: p.name, Name: name}
}

// content is an ExternalSecret that ESO leaves alone: its store has a controller class of its own.
func (p *testProject) content(name, key string) map[string]any {
	return map[string]any{
		"kind":     airm.KindExternalSecret,
		"metadata": map[string]any{"name": name, "namespace": p.name, "annotations": map[string]any{airm.AnnotationOwnerID: "me"}},
		"spec": map[string]any{
			"secretStoreRef": map[string]any{"name": "idle", "kind": "SecretStore"},
			"data":           []any{map[string]any{"secretKey": "x", "remoteRef": map[string]any{"key": key}}},
		},
	}
}

func (p *testProject) created(name string) *unstructured.Unstructured {
	p.t.Helper()
	object, err := p.Create(context.Background(), p.ref(name), p.content(name, "k"))
	p.ok(err)
	return object
}

func (p *testProject) patch(kind types.PatchType, name, patch, manager string) *unstructured.Unstructured {
	p.t.Helper()
	objects, err := p.objects(context.Background(), airm.KindExternalSecret, p.name)
	p.ok(err)
	object, err := objects.Patch(context.Background(), name, kind, []byte(patch), metav1.PatchOptions{FieldManager: manager})
	p.ok(err)
	return object
}

func (p *testProject) ok(err error) {
	p.t.Helper()
	acctest.OK(p.t, err)
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

const (
	manage = `{apiGroups: [external-secrets.io], resources: [externalsecrets], verbs: [get, list, watch, create, patch, delete]}`
	poll   = `{apiGroups: [external-secrets.io], resources: [externalsecrets], verbs: [get, list, create, patch, delete]}`
	getter = `{apiGroups: [external-secrets.io], resources: [externalsecrets], verbs: [get, create, patch, delete]}`
)

// listen accepts connections until the end of the test.
func listen(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go handle(conn)
		}
	}()
	return listener.Addr().String()
}

// listenHTTP answers requests until the end of the test.
func listenHTTP(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}
