// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// oneObject is an API server that has one ExternalSecret, or answers its reads with a status.
type oneObject struct {
	object map[string]any
	status int
}

func (o *oneObject) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	answer := any(map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404})
	status := http.StatusNotFound
	switch path := r.URL.Path; {
	case path == "/apis/external-secrets.io":
		answer, status = map[string]any{
			"kind": "APIGroup", "apiVersion": "v1", "name": airm.Group, "versions": []any{map[string]any{"version": "v1"}},
		}, http.StatusOK
	case path == "/api/v1/namespaces/kube-system":
		answer, status = map[string]any{
			"kind": "Namespace", "apiVersion": "v1", "metadata": map[string]any{"name": "kube-system", "uid": "the-cluster"},
		}, http.StatusOK
	case strings.HasSuffix(path, "/externalsecrets/db") && o.status > 0:
		status = o.status
		answer = map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": http.StatusText(o.status), "code": o.status}
	case strings.HasSuffix(path, "/externalsecrets/db") && o.object != nil:
		answer, status = o.object, http.StatusOK
	case strings.HasSuffix(path, "/externalsecrets"):
		answer = map[string]any{
			"kind": "ExternalSecretList", "apiVersion": airm.Group + "/v1", "metadata": map[string]any{}, "items": []any{o.object},
		}
		status = http.StatusOK
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

// bothReads is the provider behind the framework, and without it.
type bothReads struct {
	*rpc
	provider *airmProvider
	api      *oneObject
}

// newBothReads is a run of Terraform: what it has read of the cluster is forgotten.
func newBothReads(t testing.TB, api *oneObject) *bothReads {
	t.Helper()
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	p := &airmProvider{version: "test"}
	r := &rpc{t: t, server: providerserver.NewProtocol6(p)()}
	configured := fromJSON(`{"host":"` + server.URL + `"}`)
	answer, err := r.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: configured})
	r.ok(answer.Diagnostics, err)
	return &bothReads{rpc: r, provider: p, api: api}
}

// live is the object as ESO leaves it when it has synced what a state declares.
func (b *bothReads) live(state string) map[string]any {
	b.t.Helper()
	value, err := fromJSON(state).Unmarshal(projectSecrets().state)
	b.ok(nil, err)
	m := &projectSecretModel{}
	if !projectSecrets().fields.get(b.t.Context(), value, m) {
		b.t.Fatalf("%s is no model", state)
	}
	c := newObjectCopy(m, b.provider.settings.clusters.All()[0], b.provider.settings)
	object := &unstructured.Unstructured{Object: c.renderOnto(b.t.Context(), nil, eso.Stamp{OwnerID: "owner", Declared: m.declaredForm()})}
	object.SetAPIVersion(airm.Group + "/v1")
	object.SetUID("the-object")
	object.SetGeneration(2)
	object.Object["status"] = map[string]any{
		"refreshTime": "2026-11-27T00:00:00Z", "syncedResourceVersion": "2-abc",
		"conditions": []any{map[string]any{
			"type": "Ready", "status": "True", "reason": "SecretSynced", "lastTransitionTime": "2026-11-27T00:00:00Z",
		}},
	}
	sent, err := json.Marshal(object.Object)
	b.ok(nil, err)
	var received map[string]any
	b.ok(nil, json.Unmarshal(sent, &received))
	return received
}

// read reads both ways and reports whether the framework was left out. Then the answers are equal.
func (b *bothReads) read(what string, request tfprotov6.ReadResourceRequest) (want *tfprotov6.ReadResourceResponse, short bool) {
	b.t.Helper()
	want, err := b.server.ReadResource(b.t.Context(), &request)
	b.ok(nil, err)
	got, _ := b.provider.ReadUnchanged(b.t.Context(), &request)
	if got == nil {
		return want, false
	}
	if len(want.Diagnostics) > 0 || string(got.Private) != string(want.Private) || want.Deferred != nil ||
		!b.equal(got.NewState, want.NewState, false) || !b.equal(got.NewIdentity.IdentityData, want.NewIdentity.IdentityData, true) {
		b.t.Errorf("%s: without the framework\n%s\n%+v, with it\n%s\n%+v", what, got.Private, got, want.Private, want)
	}
	return want, true
}

func (b *bothReads) equal(got, want *tfprotov6.DynamicValue, identity bool) bool {
	b.t.Helper()
	of := projectSecrets().state
	if identity {
		of = projectSecrets().id
	}
	one, err := got.Unmarshal(of)
	b.ok(nil, err)
	other, err := want.Unmarshal(of)
	b.ok(nil, err)
	return one.Equal(other)
}

// optionalParts are what a state may have beside the least.
var optionalParts = []string{
	`"labels":{"tier":"db"}`, `"annotations":{"example.com/a":"b"}`, `"use_case":"Database"`,
	`"refresh_interval":"90m"`, `"refresh_policy":"OnChange"`,
	`"register_in_airm":false`, `"wait_for_sync":false`, `"on_sync_failure":"warn"`, `"force_conflicts":true`, `"sync_triggers":{"a":"b"}`,
	`"clusters":["default"]`, `"timeouts":{"create":"1m","read":"2m"}`,
	`"data_from":[{"extract":{"key":"user"},"rewrite":[{"regexp":{"source":"a","target":"b"}}]},{"find":{"name":{"regexp":"^x"},"conversion_strategy":"Unicode"}}]`,
	`"target":{"name":"other","creation_policy":"Orphan","template":{"type":"Opaque","data":{"a":"{{ .x }}"},"labels":{"tier":"db"}}}`,
}

// generatedStates are of secrets that were created and have not been read since.
func generatedStates() []string {
	source := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	contents := []string{`"manifest":"apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: {secretStoreRef: {name: v, kind: SecretStore}, refreshInterval: 1h, data: [{secretKey: x, remoteRef: {key: k}}]}"`}
	for range 12 {
		parts := []string{`"store":{"name":"v","kind":"SecretStore"}`, `"data":{"x":{"key":"k","property":"p"},"y":{"key":"l","store":{"name":"w"}}}`}
		for _, i := range source.Perm(len(optionalParts))[:source.IntN(len(optionalParts))] {
			parts = append(parts, optionalParts[i])
		}
		contents = append(contents, strings.Join(parts, ","))
	}
	for i, content := range contents {
		contents[i] = `{"project":"team-a","name":"db","id":"team-a/db","status":"Synced","up_to_date":true,` + content + `}`
	}
	return contents
}

// liveChanges are what may happen to the object, and whether a refresh then still leaves the state as it is.
var liveChanges = map[string]struct {
	change func(*unstructured.Unstructured)
	short  bool
}{
	"none":                {func(*unstructured.Unstructured) {}, true},
	"refreshed":           {func(o *unstructured.Unstructured) { setAt(o, "2026-11-27T01:00:00Z", "status", "refreshTime") }, true},
	"resource version":    {func(o *unstructured.Unstructured) { o.SetResourceVersion("17") }, true},
	"another's label":     {func(o *unstructured.Unstructured) { setAt(o, "y", "metadata", "labels", "example.com/x") }, true},
	"another's finalizer": {func(o *unstructured.Unstructured) { o.SetFinalizers([]string{"example.com/x"}) }, true},
	"unsynced":            {func(o *unstructured.Unstructured) { o.SetGeneration(3) }, false},
	"never tried":         {func(o *unstructured.Unstructured) { delete(o.Object, "status") }, false},
	"failed":              {func(o *unstructured.Unstructured) { setReady(o, "False", "SecretSyncedError") }, false},
	"Secret missing":      {func(o *unstructured.Unstructured) { setReady(o, "True", "SecretMissing") }, false},
	"edited":              {func(o *unstructured.Unstructured) { setAt(o, "other", "spec", "secretStoreRef", "name") }, false},
	"field set":           {setVersion, false},
	"made anew":           {func(o *unstructured.Unstructured) { o.SetUID("another") }, false},
	"made anew by others": {func(o *unstructured.Unstructured) {
		o.SetUID("another")
		setAt(o, "another", "metadata", "annotations", airm.AnnotationOwnerID)
	}, false},
	"managed twice": {func(o *unstructured.Unstructured) {
		setAt(o, "another", "metadata", "annotations", airm.AnnotationOwnerID)
	}, false},
	"being deleted": {func(o *unstructured.Unstructured) { setAt(o, "2026-11-27T00:00:00Z", "metadata", "deletionTimestamp") }, false},
}

func setAt(o *unstructured.Unstructured, value string, at ...string) {
	_ = unstructured.SetNestedField(o.Object, value, at...)
}

// setVersion sets an undeclared field, in an item of a list.
func setVersion(o *unstructured.Unstructured) {
	items, _, _ := unstructured.NestedSlice(o.Object, "spec", "data")
	items[0].(map[string]any)["remoteRef"].(map[string]any)["version"] = "v1"
	_ = unstructured.SetNestedSlice(o.Object, items, "spec", "data")
}

func setReady(o *unstructured.Unstructured, status, reason string) {
	condition := map[string]any{
		"type": "Ready", "status": status, "reason": reason, "message": "m", "lastTransitionTime": "2026-11-27T00:00:00Z",
	}
	_ = unstructured.SetNestedSlice(o.Object, []any{condition}, "status", "conditions")
}

// requestChanges are what may be different in the state, and whether a refresh then still leaves it as it is.
var requestChanges = map[string]struct {
	change func(*tfprotov6.ReadResourceRequest)
	short  bool
}{
	"no identity":        {func(r *tfprotov6.ReadResourceRequest) { r.CurrentIdentity = nil }, true},
	"another identity":   {func(r *tfprotov6.ReadResourceRequest) { r.CurrentIdentity = identityOf(`{"project":"b","name":"c"}`) }, true},
	"bad identity":       {func(r *tfprotov6.ReadResourceRequest) { r.CurrentIdentity = identityOf(`{"x":1}`) }, false},
	"private state lost": {func(r *tfprotov6.ReadResourceRequest) { r.Private = nil }, true},
	"no private state":   {func(r *tfprotov6.ReadResourceRequest) { r.Private = []byte("null") }, false},
	"bad private state":  {func(r *tfprotov6.ReadResourceRequest) { r.Private = []byte(`{"ownership":"e30=`) }, false},
	"bad ownership":      {func(r *tfprotov6.ReadResourceRequest) { r.Private = []byte(`{"ownership":"e30x"}`) }, false},
	"moved":              {func(r *tfprotov6.ReadResourceRequest) { r.Private = newPrivate(`{"moved":true}`, "false") }, true},
	"edited before":      {func(r *tfprotov6.ReadResourceRequest) { r.Private = withEdit(r.Private) }, true},
	"after an import":    {func(r *tfprotov6.ReadResourceRequest) { r.Private = []byte(`{".import_before_read":"dHJ1ZQ=="}`) }, false},
	"another cluster": {func(r *tfprotov6.ReadResourceRequest) {
		r.Private = newPrivate(`{"owner_id":"owner","copies":{"east":{"uid":"u"}}}`, "false")
	}, false},
	"another type": {func(r *tfprotov6.ReadResourceRequest) { r.CurrentState = fromJSON(`{"project":1}`) }, false},
	"no state":     {func(r *tfprotov6.ReadResourceRequest) { r.CurrentState = fromJSON(`null`) }, false},
	"imported":     {func(r *tfprotov6.ReadResourceRequest) { r.CurrentState = fromJSON(`{"project":"team-a","name":"db"}`) }, false},
}

func newPrivate(owner, edit string) []byte {
	text, _ := json.Marshal(map[string][]byte{ownershipKey: []byte(owner), editKey: []byte(edit)})
	return text
}

func withEdit(text []byte) []byte {
	all := map[string][]byte{}
	_ = json.Unmarshal(text, &all)
	all[editKey] = []byte("true")
	changed, _ := json.Marshal(all)
	return changed
}

// Whatever a Read without the framework answers is what the framework answers, and it does so whenever nothing has changed.
func TestReadUnchangedAsTheFramework(t *testing.T) {
	for i, state := range generatedStates() {
		api := &oneObject{}
		b := newBothReads(t, api)
		live := b.live(state)
		api.object = live
		first := tfprotov6.ReadResourceRequest{TypeName: secretKind, CurrentState: fromJSON(state), Private: newPrivate(`{"owner_id":"owner","copies":{"default":{"uid":"the-object"}}}`, "false")}
		settled, _ := b.read("first", first)
		b.ok(settled.Diagnostics, nil)
		request := tfprotov6.ReadResourceRequest{
			TypeName: secretKind, CurrentState: settled.NewState, Private: settled.Private, CurrentIdentity: settled.NewIdentity,
		}
		for _, what := range slices.Sorted(maps.Keys(liveChanges)) {
			c := liveChanges[what]
			object := &unstructured.Unstructured{Object: b.live(state)}
			c.change(object)
			b := newBothReads(t, &oneObject{object: object.Object})
			if _, short := b.read(fmt.Sprint(state, what), request); short != c.short {
				t.Errorf("%d: %s: short %t\n%s", i, what, short, state)
			}
		}
		for what, status := range map[string]int{"gone": 404, "forbidden": 403, "failing": 501} {
			if _, short := newBothReads(t, &oneObject{status: status}).read(what, request); short {
				t.Errorf("%d: %s: it is answered without the framework", i, what)
			}
		}
		for _, what := range slices.Sorted(maps.Keys(requestChanges)) {
			c, changed := requestChanges[what], request
			c.change(&changed)
			if _, short := newBothReads(t, api).read(fmt.Sprint(state, what), changed); short != c.short {
				t.Errorf("%d: %s: short %t\n%s", i, what, short, state)
			}
		}
	}
}

// A field without an attribute, or the other way round, would leave every Read to the framework.
func TestModelFields(t *testing.T) {
	var attributes []string
	for _, attribute := range newRPC(t).schemas.ResourceSchemas[secretKind].Block.Attributes {
		attributes = append(attributes, attribute.Name)
	}
	slices.Sort(attributes)
	if fields := slices.Sorted(maps.Keys(projectSecrets().fields)); !slices.Equal(fields, attributes) {
		t.Errorf("the fields of the model are %v, the attributes %v", fields, attributes)
	}
}
