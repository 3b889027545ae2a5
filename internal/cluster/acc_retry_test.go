// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// through is the cluster of a test seen through a proxy, with the administrator's rights.
func (p *testProject) through(hook func(http.ResponseWriter, *http.Request) bool) *Cluster {
	return p.observe(Config{}.WithEnvironment(os.Getenv), hook).Cluster
}

// failing answers the first requests of a kind with an error, and counts all of them.
type failing struct {
	method string
	times  int64
	answer func(http.ResponseWriter) bool
	asked  atomic.Int64
}

func (f *failing) hook(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != f.method || !strings.Contains(r.URL.Path, "/externalsecrets") {
		return false
	}
	return f.asked.Add(1) <= f.times && f.answer(w)
}

func answering(code int, reason metav1.StatusReason) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool { return fail(w, code, reason) }
}

func hangUp(w http.ResponseWriter) bool {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_ = conn.Close()
	}
	return true
}

// A request that fails temporarily is retried; any other failure is reported at once.
func TestAccTransientFailures(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.created("db")
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter) bool
		times  int64
		asked  int64
		text   string
	}{
		"hung up":          {hangUp, 2, 3, ""},
		"bad gateway":      {answering(http.StatusBadGateway, ""), 2, 3, ""},
		"unavailable":      {answering(http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable), 3, 4, ""},
		"gateway timeout":  {answering(http.StatusGatewayTimeout, metav1.StatusReasonTimeout), 1, 2, ""},
		"too many":         {answering(http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests), 1, 2, ""},
		"too many, later":  {answeringLater(http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests), 1, 2, ""},
		"always":           {answering(http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable), 1000, 4, "answered 503"},
		"failure":          {answering(http.StatusInternalServerError, metav1.StatusReasonInternalError), 1000, 1, "answered 500"},
		"credentials":      {answering(http.StatusUnauthorized, metav1.StatusReasonUnauthorized), 1000, 1, "Renew them"},
		"against a rule":   {answering(http.StatusForbidden, metav1.StatusReasonForbidden), 1000, 1, "not RBAC"},
		"no such thing":    {answering(http.StatusNotFound, metav1.StatusReasonNotFound), 1000, 1, "injected"},
		"not an API error": {func(w http.ResponseWriter) bool { http.Error(w, "proxy", http.StatusTeapot); return true }, 1000, 1, "418"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &failing{method: http.MethodGet, times: test.times, answer: test.answer}
			object, err := p.through(f.hook).Get(soon(t), p.ref("db"))
			if asked := f.asked.Load(); asked != test.asked {
				t.Errorf("it was asked %d times, not %d", asked, test.asked)
			}
			if test.text == "" && (err != nil || object.GetName() != "db") {
				t.Errorf("%v", err)
			}
			if test.text != "" && (err == nil || !strings.Contains(err.Error(), test.text) || !strings.Contains(err.Error(), `"test"`)) {
				t.Errorf("%v does not say %q and the cluster", err, test.text)
			}
		})
	}
}

// lostWrites has each request of a method done, and answered by what a test says; a test that says nothing has it done twice.
func (p *testProject) lostWrites(method string, asked *atomic.Int64, answer func(http.ResponseWriter) bool) *Cluster {
	return p.through(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != method {
			return false
		}
		first := asked.Add(1) == 1
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return false
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		request := p.dynamic().rest.Verb(method).AbsPath(r.URL.Path).SetHeader("Content-Type", r.Header.Get("Content-Type")).Body(body)
		if err := request.Do(context.Background()).Error(); err != nil && (first || method == http.MethodPost) {
			p.t.Errorf("the request that is to be lost: %v", err)
		}
		return answer != nil && answer(w)
	})
}

// lostAnswers are the ways in which the answer to a write is lost.
var lostAnswers = map[string]func(http.ResponseWriter) bool{
	"hung up":            hangUp,
	"gateway timeout":    answering(http.StatusGatewayTimeout, metav1.StatusReasonTimeout),
	"unavailable, later": answeringLater(http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable),
	"too many, later":    answeringLater(http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests),
	"repeated by others": nil,
}

func answeringLater(code int, reason metav1.StatusReason) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		w.Header().Set("Retry-After", "1")
		return fail(w, code, reason)
	}
}

// An object whose creation was not answered is recognized, and not posted again.
func TestAccCreateWithoutAnswer(t *testing.T) {
	t.Parallel()
	for name, answer := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			posted := atomic.Int64{}
			c := p.lostWrites(http.MethodPost, &posted, answer)
			created, err := c.Create(soon(t), p.ref("db"), p.content("db", "k"))
			if err != nil || created.GetUID() == "" {
				t.Fatalf("what was made is not recognized: %v", err)
			}
			if made, err := c.Records(p.name).Create(soon(t), newRecord("ownerID", "me")); err != nil || made.GetUID() == "" {
				t.Fatalf("the record that was made is not recognized: %v", err)
			}
			if posted.Load() != 2 {
				t.Errorf("there were %d posts", posted.Load())
			}
		})
	}
}

// What another client created is not recognized, whatever owner ID it has.
func TestAccCreateWhereAnotherIs(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	owner := p.create("ServiceAccount", "owner", "")
	owned := map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "name": owner.GetName(), "uid": string(owner.GetUID())}
	changed := func(change func(metadata, spec map[string]any)) map[string]any {
		content := p.content("db", "k")
		change(content["metadata"].(map[string]any), content["spec"].(map[string]any))
		return content
	}
	for name, content := range map[string]map[string]any{
		"another owner id": changed(func(metadata, _ map[string]any) {
			metadata["annotations"] = map[string]any{airm.AnnotationOwnerID: "another workspace"}
		}),
		"another value": changed(func(_, spec map[string]any) { spec["refreshInterval"] = "5m0s" }),
		"no store":      changed(func(_, spec map[string]any) { delete(spec, "secretStoreRef") }),
		"a find besides": changed(func(_, spec map[string]any) {
			spec["dataFrom"] = []any{map[string]any{"find": map[string]any{"name": map[string]any{"regexp": ".*"}}}}
		}),
		"an owner reference": changed(func(metadata, _ map[string]any) { metadata["ownerReferences"] = []any{owned} }),
	} {
		name := strings.ReplaceAll(name, " ", "-")
		ref := p.ref(name)
		content["metadata"].(map[string]any)["name"] = name
		_, err := p.Create(soon(t), ref, content)
		p.ok(err)
		if made, err := p.Create(soon(t), ref, p.content(name, "k")); !IsAlreadyExists(err) {
			t.Errorf("%s is taken for ours: %v, %v", name, made, err)
		}
	}
	record := newRecord("ownerID", "me")
	_, err := p.Records(p.name).Create(soon(t), record)
	p.ok(err)
	record["data"] = map[string]any{"ownerID": "another workspace"}
	if _, err := p.Records(p.name).Create(soon(t), record); !IsAlreadyExists(err) {
		t.Errorf("another workspace's record: %v", err)
	}
}

// A record whose change was not answered is recognized, and not written again.
func TestAccReplaceWithoutAnswer(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	for name, answer := range lostAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := p.createdRecord(name)
			asked := atomic.Int64{}
			replaced, err := p.lostWrites(http.MethodPut, &asked, answer).Records(p.name).Replace(soon(t), read, newRecord("until", "later"))
			if err != nil || !p.hasRecord(replaced) || asked.Load() != 1 {
				t.Fatalf("after %d requests, what was written is not recognized: %v", asked.Load(), err)
			}
			if _, err := p.Records(p.name).Replace(soon(t), replaced, newRecord("until", "even later")); err != nil {
				t.Errorf("it cannot be written again: %v", err)
			}
		})
	}
}

// A record that was deleted without an answer is gone.
func TestAccDeleteOfRecordWithoutAnswer(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	for _, name := range []string{"hung up", "gateway timeout", "repeated by others"} { // the others would be repeated for 10 s
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := p.createdRecord(name)
			asked, answer := atomic.Int64{}, lostAnswers[name]
			if err := p.lostWrites(http.MethodDelete, &asked, answer).Records(p.name).Delete(soon(t), read); err != nil {
				t.Errorf("the record is gone: %v", err)
			}
		})
	}
}

// What was written before a run was interrupted is recognized all the same.
func TestAccRecordsWrittenBeforeAnInterrupt(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	read := p.createdRecord("r")
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		ctx, interrupt := context.WithCancel(soon(t))
		records := p.lostWrites(method, &atomic.Int64{}, func(w http.ResponseWriter) bool {
			interrupt()
			return hangUp(w)
		}).Records(p.name)
		var err error
		if method == http.MethodPut {
			read, err = records.Replace(ctx, read, newRecord("until", "later"))
		} else {
			err = records.Delete(ctx, read)
		}
		if err != nil || ctx.Err() == nil {
			t.Fatalf("%s: %v", method, err)
		}
	}
}

// What another client wrote is not recognized, however like it is; and a record that is still there is not taken for gone.
func TestAccRecordsOfOthers(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	ctx := soon(t)
	for name, change := range map[string]func(*unstructured.Unstructured){
		"another value":      func(record *unstructured.Unstructured) { record.Object["data"] = map[string]any{"until": "now"} },
		"another label":      func(record *unstructured.Unstructured) { record.SetLabels(map[string]string{"by": "another-run"}) },
		"another annotation": func(record *unstructured.Unstructured) { record.SetAnnotations(map[string]string{"by": "another-run"}) },
		"another record":     nil,
	} {
		read := p.createdRecord(name)
		other := read.DeepCopy()
		other.Object["data"] = map[string]any{"until": "later"}
		if change != nil {
			change(other)
			_, err := p.recordClient().Update(ctx, other, metav1.UpdateOptions{})
			p.ok(err)
		} else {
			p.ok(p.Records(p.name).Delete(ctx, read))
			other.SetUID("")
			other.SetResourceVersion("")
			_, err := p.recordClient().Create(ctx, other, metav1.CreateOptions{})
			p.ok(err)
		}
		if _, err := p.Records(p.name).Replace(ctx, read, newRecord("until", "later")); !IsConflict(err) {
			t.Errorf("%s is taken for ours: %v", name, err)
		}
		if err := p.Records(p.name).Delete(ctx, read); IsConflict(err) != (change != nil) {
			t.Errorf("%s: the deletion ends with %v", name, err)
		}
	}
}

func (p *testProject) recordClient() dynamic.ResourceInterface {
	p.t.Helper()
	return p.dynamic().dynamic.Resource(configMaps).Namespace(p.name)
}

// createdRecord creates a record with a name like a text.
func (p *testProject) createdRecord(text string) *unstructured.Unstructured {
	p.t.Helper()
	record := newRecord("until", "soon")
	record["metadata"].(map[string]any)["name"] = strings.NewReplacer(" ", "-", ",", "").Replace(text)
	created, err := p.Records(p.name).Create(context.Background(), record)
	p.ok(err)
	return created
}

// hasRecord reports whether the cluster has a record as it is.
func (p *testProject) hasRecord(record *unstructured.Unstructured) bool {
	p.t.Helper()
	live, err := p.Records(p.name).Get(context.Background(), record.GetName())
	p.ok(err)
	return reflect.DeepEqual(live, record)
}

// newRecord returns a record that holds one value.
func newRecord(field, value string) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "r"}, "data": map[string]any{field: value},
	}
}

// A write that an admission webhook could not answer has not reached storage and is repeated, whatever the
// method: right after an installation ESO's own webhook is not served yet.
func TestAccWebhookThatIsNotServedYet(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	created := p.created("db")
	webhook := strings.ReplaceAll(`
webhooks:
- name: missing.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig: {url: "https://127.0.0.1:1/"}
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: $project}}
  rules: [{apiGroups: ["*"], apiVersions: ["*"], resources: [externalsecrets, configmaps], operations: ["*"]}]
`, "$project", p.name)
	record, err := p.Records(p.name).Create(soon(t), newRecord("a", "b"))
	p.ok(err)
	writes := map[string]func(context.Context, *Cluster) error{
		"post": func(ctx context.Context, c *Cluster) error {
			_, err := c.Create(ctx, p.ref("new"), p.content("new", "k"))
			return err
		},
		"put": func(ctx context.Context, c *Cluster) error {
			_, err := c.Records(p.name).Replace(ctx, record, map[string]any{"data": map[string]any{"a": "c"}})
			return err
		},
		"patch": func(ctx context.Context, c *Cluster) error {
			_, err := c.RequestSync(ctx, p.ref("db"))
			return err
		},
		"delete": func(ctx context.Context, c *Cluster) error { return c.Delete(ctx, p.ref("db"), created.GetUID()) },
	}
	for _, name := range []string{"post", "put", "patch", "delete"} { // what is deleted is patched before
		t.Run(name, func(t *testing.T) {
			p.create("ValidatingWebhookConfiguration", p.name, webhook)
			p.untilRefused(unansweredWebhook)
			failed := atomic.Int64{}
			c := New("test", p.config, Options{ProjectSelector: p.options.ProjectSelector, Wrap: func(next http.RoundTripper) http.RoundTripper {
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					answer, err := next.RoundTrip(r)
					if err == nil && answer.StatusCode == http.StatusInternalServerError && failed.Add(1) == 2 {
						p.admin.Remove("ValidatingWebhookConfiguration", "", p.name)
					}
					return answer, err
				})
			}})
			ctx, cancel := context.WithTimeout(t.Context(), requestTimeout)
			defer cancel()
			if err := writes[name](ctx, c); err != nil || failed.Load() < 2 {
				t.Errorf("%v, after %d failures", err, failed.Load())
			}
		})
	}
}

// untilRefused waits until the API server refuses new objects, for that reason.
func (p *testProject) untilRefused(reason string) {
	p.t.Helper()
	probe, err := p.versioned(context.Background(), p.content("probe", "k"))
	p.ok(err)
	acctest.Eventually(p.t, "new objects are refused for "+reason, func() (bool, string) {
		dryRun := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
		_, err := p.admin.Objects(airm.KindExternalSecret, p.name).Create(context.Background(), probe, dryRun)
		return err != nil && strings.Contains(err.Error(), reason), fmt.Sprint(err)
	})
}

// An API server that restarts fails nothing, whatever was under way.
func TestAccRestart(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.created("db")
	gone := p.created("gone")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	p.ok(err)
	address := listener.Addr().String()
	p.ok(listener.Close())
	var refused atomic.Int64
	settings := testOptions()
	settings.Wrap = func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			answer, err := next.RoundTrip(r)
			if err != nil && refused.Add(1) == 3 { // tried again twice, so it is back
				p.serve(address)
			}
			return answer, err
		})
	}
	c := New("test", Config{Host: "http://" + address}, settings)
	for name, request := range map[string]func() error{
		"get":    func() error { _, err := c.Get(soon(t), p.ref("db")); return err },
		"post":   func() error { _, err := c.Create(soon(t), p.ref("new"), p.content("new", "k")); return err },
		"patch":  func() error { _, err := c.RequestSync(soon(t), p.ref("db")); return err },
		"delete": func() error { return c.Delete(soon(t), p.ref("gone"), gone.GetUID()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := request(); err != nil {
				t.Error(err)
			}
		})
	}
}

// serve has the API server answer at an address.
func (p *testProject) serve(address string) {
	p.t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		p.t.Error(err)
		return
	}
	server := &http.Server{Handler: p.proxy(p.config), ReadHeaderTimeout: requestTimeout}
	p.t.Cleanup(func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
}

// A write that carries its precondition is repeated.
func TestAccRepeatedWrites(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	created := p.created("db")
	ctx := soon(t)
	f := &failing{method: http.MethodPatch, times: 1, answer: hangUp}
	applied, err := p.through(f.hook).Apply(ctx, p.ref("db"), created, p.content("db", "other"), ApplyOptions{})
	p.ok(err)
	f = &failing{method: http.MethodDelete, times: 2, answer: answering(http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable)}
	p.ok(p.through(f.hook).Delete(ctx, p.ref("db"), applied.GetUID()))
	if f.asked.Load() != 3 {
		t.Errorf("the deletion was asked for %d times", f.asked.Load())
	}
}
