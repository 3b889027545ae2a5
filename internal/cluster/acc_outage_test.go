package cluster

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
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

// What fails for a moment is asked again; what does not is told at once.
func TestAccTransientFailures(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.created("db")
	later := func(w http.ResponseWriter) bool {
		w.Header().Set("Retry-After", "1")
		return fail(w, http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests)
	}
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
		"too many, later":  {later, 1, 2, ""},
		"always":           {answering(http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable), 1000, 4, "answered 503"},
		"failure":          {answering(http.StatusInternalServerError, metav1.StatusReasonInternalError), 1000, 1, "answered 500"},
		"credentials":      {answering(http.StatusUnauthorized, metav1.StatusReasonUnauthorized), 1000, 1, "renew them"},
		"against a rule":   {answering(http.StatusForbidden, metav1.StatusReasonForbidden), 1000, 1, "A rule of the cluster says so"},
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

// An object whose creation was not answered is recognised; one of somebody else is not.
func TestAccCreateWithoutAnswer(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(http.ResponseWriter) bool{
		"hung up":         hangUp,
		"gateway timeout": answering(http.StatusGatewayTimeout, metav1.StatusReasonTimeout),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			asked := atomic.Int64{}
			c := p.through(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPost {
					return false
				}
				asked.Add(1)
				body, err := io.ReadAll(r.Body)
				if err != nil {
					return false
				}
				request := p.dynamic().rest.Post().AbsPath(r.URL.Path).SetHeader("Content-Type", r.Header.Get("Content-Type")).Body(body)
				if err := request.Do(context.Background()).Error(); err != nil {
					t.Errorf("the request that is to be lost: %v", err)
				}
				return answer(w)
			})
			created, err := c.Create(soon(t), p.ref("db"), p.content("db", "k"))
			if err != nil || created.GetUID() == "" {
				t.Fatalf("what was made is not recognised: %v", err)
			}
			if asked.Load() != 1 {
				t.Errorf("it was posted %d times", asked.Load())
			}
			other := p.content("db", "k")
			other["metadata"].(map[string]any)["annotations"] = map[string]any{secrets.AnnotationOwnerID: "somebody else"}
			if _, err := p.Create(soon(t), p.ref("db"), other); !IsAlreadyExists(err) {
				t.Errorf("somebody else's: %v", err)
			}

			record := func(owner string) map[string]any {
				return map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "r"}, "data": map[string]any{"ownerID": owner}}
			}
			if made, err := c.Records(p.name).Create(soon(t), record("me")); err != nil || made.GetUID() == "" {
				t.Fatalf("the record that was made is not recognised: %v", err)
			}
			if _, err := p.Records(p.name).Create(soon(t), record("somebody else")); !IsAlreadyExists(err) {
				t.Errorf("somebody else's record: %v", err)
			}
		})
	}
}

// A write that carries its precondition is repeated.
func TestAccRepeatedWrites(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	created := p.created("db")
	ctx := soon(t)
	f := &failing{method: http.MethodPatch, times: 1, answer: hangUp}
	applied, err := p.through(f.hook).Apply(ctx, p.ref("db"), created, p.content("db", "other"), Applying{})
	p.ok(err)
	f = &failing{method: http.MethodDelete, times: 2, answer: answering(http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable)}
	p.ok(p.through(f.hook).Delete(ctx, p.ref("db"), applied.GetUID()))
	if f.asked.Load() != 3 {
		t.Errorf("the deletion was asked for %d times", f.asked.Load())
	}
}

// What may have arrived is not posted again.
func TestPostsAreNotRepeated(t *testing.T) {
	t.Parallel()
	asked := atomic.Int64{}
	host := listen(t, func(conn net.Conn) {
		asked.Add(1)
		_, _ = conn.Read(make([]byte, 1024))
		_ = conn.Close()
	})
	client := http.Client{Transport: transport(&http.Transport{})}
	if _, err := client.Post("http://"+host, "", strings.NewReader("{}")); err == nil {
		t.Error("no error")
	}
	if asked.Load() != 1 {
		t.Errorf("it was posted %d times", asked.Load())
	}
}
