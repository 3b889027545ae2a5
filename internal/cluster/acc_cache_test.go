// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// observed is a cluster seen through a proxy that counts the requests for ExternalSecrets, and that
// may answer some of them itself: a hook returns true for those.
type observed struct {
	*Cluster
	mu   sync.Mutex
	gets int
	list []string // the queries
}

func (p *testProject) observe(config Config, hook func(http.ResponseWriter, *http.Request) bool) *observed {
	p.t.Helper()
	proxy := p.proxy(config)
	o := &observed{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.count(r)
		if hook == nil || !hook(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	p.t.Cleanup(server.Close)
	p.t.Cleanup(server.CloseClientConnections)
	o.Cluster = New("test", Config{Host: server.URL}, testOptions())
	return o
}

// proxy stands before a cluster, with the rights of a configuration.
func (p *testProject) proxy(config Config) *httputil.ReverseProxy {
	p.t.Helper()
	upstream, err := config.REST()
	p.ok(err)
	upstreamTransport, err := rest.TransportFor(upstream)
	p.ok(err)
	target, err := url.Parse(upstream.Host)
	p.ok(err)
	return &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Header.Del("Authorization") },
		Transport:     upstreamTransport,
		FlushInterval: -1,
	}
}

func (o *observed) count(r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/externalsecrets") && !strings.Contains(r.URL.Path, "/configmaps"):
	case strings.HasSuffix(r.URL.Path, "/externalsecrets"), strings.HasSuffix(r.URL.Path, "/configmaps"):
		o.list = append(o.list, r.URL.RawQuery)
	default:
		o.gets++
	}
}

// expect checks how many requests there were since the last call.
func (o *observed) expect(t *testing.T, gets, lists int) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gets != gets || len(o.list) != lists {
		t.Errorf("%d objects were read by themselves and %d lists were asked for, not %d and %d: %s", o.gets, len(o.list), gets, lists, o.list)
	}
	o.gets, o.list = 0, nil
}

// isPage reports whether a request is for a page of a list, not for the number of objects.
func isPage(r *http.Request) bool {
	query := r.URL.Query()
	return query.Has("limit") && query.Get("limit") != "1"
}

func fail(w http.ResponseWriter, code int, reason metav1.StatusReason) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"injected","reason":%q,"code":%d}`, reason, code)
	return true
}

// createMany creates objects and returns their names. ESO writes its finalizer into each, and nothing
// after that.
func (p *testProject) createMany(count int) []string {
	p.t.Helper()
	var names []string
	for i := range count {
		names = append(names, fmt.Sprintf("db-%02d", i))
		p.created(names[i])
	}
	for _, name := range names {
		p.touched(name)
	}
	return names
}

func (p *testProject) touched(name string) {
	p.t.Helper()
	if !p.admin.Has("ExternalSecret", "spec.dataFrom.rewrite.merge.priorityPolicy") {
		return // ESO before 0.20 has no finalizer, and writes nothing into an object whose store is not its own
	}
	p.admin.WaitFor("ExternalSecret", p.name, name, "is touched by ESO", func(object *unstructured.Unstructured) bool {
		return object != nil && len(object.GetFinalizers()) > 0
	})
}

// readAll reads objects side by side and compares each with what is live.
func (p *testProject) readAll(o *observed, names []string) {
	p.t.Helper()
	var group sync.WaitGroup
	for _, name := range names {
		group.Go(func() {
			live, err := p.Get(context.Background(), p.ref(name))
			if err != nil {
				p.t.Error(err)
				return
			}
			read, err := o.Read(context.Background(), p.ref(name))
			if err != nil || !reflect.DeepEqual(read, live) {
				p.t.Errorf("%s is read as %v, %v", name, read, err)
			}
		})
	}
	group.Wait()
}

// Who reads a few objects lists nothing, who reads many lists once, and nothing is missing because
// the list does not have it.
func TestAccReadsShareAList(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	names := p.createMany(20)
	o := p.observe(p.config, nil)

	p.readAll(o, names[:firstReads])
	o.expect(t, firstReads, 0)
	p.readAll(o, names)
	o.expect(t, 0, 2) // how many, and the only page
	if !slices.ContainsFunc(names, func(name string) bool { return o.cachedObject(p.ref(name)) != nil }) {
		t.Error("nothing is in the list")
	}

	late := p.created("late")
	read, err := o.Read(soon(t), p.ref("late"))
	if err != nil || read.GetUID() != late.GetUID() {
		t.Errorf("what came after the list: %v, %v", read, err)
	}
	if _, err := o.Read(soon(t), p.ref("none")); !IsNotFound(err) {
		t.Errorf("what is not there: %v", err)
	}
	o.expect(t, 2, 0)
}

func (o *observed) cachedObject(ref airm.Ref) []byte {
	objects, _ := o.listed(context.Background(), ref)
	return objects[storeKey(ref)]
}

// The first reads of a run come at once; not all of them go by themselves.
func TestAccReadsAtOnce(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	names := p.createMany(20)
	o := p.observe(p.config, nil)
	p.readAll(o, names)
	o.expect(t, firstReads, 2)
}

// A read after a write returns what was written, whatever was listed before.
func TestAccReadAfterWrite(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	ctx := soon(t)
	names := p.createMany(10)
	o := p.observe(p.config, nil)
	p.readAll(o, names)

	fresh := func(name, what string, want func(*unstructured.Unstructured) bool) {
		t.Helper()
		if read, err := o.Read(ctx, p.ref(name)); err != nil || !want(read) {
			t.Errorf("after %s: %v, %v", what, read, err)
		}
	}
	live, err := o.Read(ctx, p.ref("db-00"))
	p.ok(err)
	applied, err := o.Apply(ctx, p.ref("db-00"), live, p.content("db-00", "changed"), ApplyOptions{})
	p.ok(err)
	fresh("db-00", "an apply", func(read *unstructured.Unstructured) bool {
		return read.GetResourceVersion() == applied.GetResourceVersion()
	})
	_, err = o.RequestSync(ctx, p.ref("db-01"))
	p.ok(err)
	fresh("db-01", "a request", func(read *unstructured.Unstructured) bool {
		return read.GetAnnotations()[airm.AnnotationForceSync] != ""
	})
	live, err = o.Read(ctx, p.ref("db-02"))
	p.ok(err)
	watch, err := o.Watch(ctx, p.ref("db-02"))
	p.ok(err)
	defer watch.Stop()
	p.ok(o.Delete(ctx, p.ref("db-02"), live.GetUID()))
	_, err = watch.Until(ctx, live, func(object *unstructured.Unstructured) (bool, time.Duration) { return object == nil, 0 })
	p.ok(err)
	if read, err := o.Read(ctx, p.ref("db-02")); !IsNotFound(err) {
		t.Errorf("after a deletion: %v, %v", read, err)
	}
	created, err := o.Create(ctx, p.ref("db-02"), p.content("db-02", "again"))
	p.ok(err)
	fresh("db-02", "a create", func(read *unstructured.Unstructured) bool { return read.GetUID() == created.GetUID() })
}

// Records are read with one list too, and what this run writes is read live.
func TestAccReadsOfRecords(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	o := p.observe(p.config, nil)
	var names []string
	for i := range 2 * firstReads {
		names = append(names, p.createdRecord(fmt.Sprintf("record %d", i)).GetName())
	}
	records, ctx := o.Records(p.name), soon(t)
	for _, name := range names {
		read, err := records.Read(ctx, name)
		p.ok(err)
		if !p.hasRecord(read) {
			t.Errorf("%s was read as %v", name, read)
		}
	}
	o.expect(t, firstReads, 2)
	last, err := records.Read(ctx, names[len(names)-1])
	p.ok(err)
	replaced, err := records.Replace(ctx, last, newRecord("until", "later"))
	p.ok(err)
	if read, err := records.Read(ctx, last.GetName()); err != nil || !p.hasRecord(read) {
		t.Errorf("after an update: %v, %v", read, err)
	}
	p.ok(records.Delete(ctx, replaced))
	if read, err := records.Read(ctx, last.GetName()); !IsNotFound(err) {
		t.Errorf("after a deletion: %v, %v", read, err)
	}
}

// A write puts back the labels by which lists find a record. What others have added stays.
func TestAccReplacePutsLabelsBack(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	records, ctx := p.Records(p.name), soon(t)
	record := newRecord("until", "later")
	record["metadata"].(map[string]any)["labels"] = map[string]any{"kind": "row", airm.LabelManagedBy: airm.ManagedByValue}
	created, err := records.Create(ctx, record)
	p.ok(err)
	patch := `{"metadata":{"labels":{"kind":null,"team":"a","` + airm.LabelManagedBy + `":"velero"}}}`
	p.admin.Patch("ConfigMap", p.name, created.GetName(), patch)
	read, err := records.Get(ctx, created.GetName())
	p.ok(err)
	replaced, err := records.Replace(ctx, read, record)
	p.ok(err)
	expected := map[string]string{"kind": "row", "team": "a", airm.LabelManagedBy: "velero"}
	if labels := replaced.GetLabels(); !maps.Equal(labels, expected) {
		t.Errorf("the labels are %v, expected %v", labels, expected)
	}
}

// In a cluster with very many objects it takes more reads until a list pays.
func TestAccFewReadsOfMany(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.created("db")
	p.touched("db")
	o := p.observe(p.config, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("limit") != "1" {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"metadata":{"continue":"more","remainingItemCount":9999},"items":[{}]}`)
		return true
	})
	for range 10_000/objectsPerRead - 1 {
		p.readAll(o, []string{"db"})
	}
	o.expect(t, 10_000/objectsPerRead-1, 1)
	p.readAll(o, []string{"db"})
	o.expect(t, 0, 1)
}

// Where listing everything is forbidden the project is listed, and where that is too, objects are
// read one by one.
func TestAccReadsWithFewRights(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rights      string
		gets, lists int
	}{{poll, firstReads, 2}, {getter, 20, 2}} {
		t.Run(c.rights, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			names := p.createMany(20)
			o := p.observe(p.as("user", c.rights).config, nil)
			p.readAll(o, names)
			o.expect(t, c.gets, c.lists)
			if _, err := o.Read(soon(t), p.ref("none")); !IsNotFound(err) {
				t.Errorf("what is not there: %v", err)
			}
		})
	}
}

// A list comes in pages, and begins anew where its snapshot expired between two of them. One that
// never succeeds is done without.
func TestAccReadsOfExpiredLists(t *testing.T) {
	t.Parallel()
	for name, expired := range map[string]int{"once": 1, "always": 1 << 30} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			names := p.createMany(12)
			var mu sync.Mutex
			left := expired
			o := p.observe(p.config, func(w http.ResponseWriter, r *http.Request) bool {
				if !isPage(r) {
					return false
				}
				query := r.URL.Query()
				query.Set("limit", "5")
				r.URL.RawQuery = query.Encode()
				mu.Lock()
				defer mu.Unlock()
				if query.Get("continue") == "" || left == 0 {
					return false
				}
				left--
				return fail(w, http.StatusGone, metav1.StatusReasonExpired)
			})
			p.readAll(o, names)
			if found := o.cachedObject(p.ref(names[11])) != nil; found != (name == "once") {
				t.Errorf("the last object is in the list: %t", found)
			}
		})
	}
}

// A list returns everything, too.
func TestAccExpiredList(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	names := p.createMany(12)
	var expired atomic.Int64
	o := p.observe(p.config, func(w http.ResponseWriter, r *http.Request) bool {
		query := r.URL.Query()
		if query.Get("continue") != "" {
			expired.Add(1)
			return fail(w, http.StatusGone, metav1.StatusReasonExpired)
		}
		if query.Get("limit") != "" {
			query.Set("limit", "5")
			r.URL.RawQuery = query.Encode()
		}
		return false
	})
	items, err := o.List(soon(t), airm.KindExternalSecret, p.name, "")
	var listed []string
	for _, item := range items {
		listed = append(listed, item.GetName())
	}
	slices.Sort(listed)
	if err != nil || !slices.Equal(listed, names) || expired.Load() != 1 {
		t.Errorf("listed are %v, %v; %d pages expired", listed, err, expired.Load())
	}
}

// A cluster that does not answer well is never taken for one that has no such object.
func TestAccReadsOfAFailingCluster(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	names := p.createMany(8)
	for name, broken := range map[string]func(*http.Request) bool{
		"pages":      isPage,
		"everything": func(r *http.Request) bool { return strings.Contains(r.URL.Path, "externalsecrets") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := p.observe(p.config, func(w http.ResponseWriter, r *http.Request) bool {
				return broken(r) && fail(w, http.StatusInternalServerError, metav1.StatusReasonInternalError)
			})
			if name == "pages" {
				p.readAll(o, names) // one by one
				o.expect(t, len(names), 2)
				return
			}
			for _, name := range append(names, "none") {
				if _, err := o.Read(soon(t), p.ref(name)); IsNotFound(err) || !IsUnavailable(err) || !strings.Contains(err.Error(), name) {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// A watch that is cut off, and one that expired, go on without missing anything; a slow API server
// only takes longer.
func TestAccWatchGoesOn(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	var mu sync.Mutex
	opened := 0
	made, cut, second := make(chan struct{}), make(chan struct{}), make(chan struct{})
	o := p.observe(p.config, func(w http.ResponseWriter, r *http.Request) bool {
		if !r.URL.Query().Has("watch") {
			if strings.Contains(r.URL.Path, "/externalsecrets") {
				<-made // so slow is the API server
			}
			return false
		}
		mu.Lock()
		opened++
		number := opened
		mu.Unlock()
		switch number {
		case 1:
			ctx, cancel := context.WithCancel(r.Context())
			go func() { <-cut; cancel() }()
			*r = *r.WithContext(ctx)
		case 2:
			close(second)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}}`)
			return true
		}
		return false
	})
	ctx := soon(t)
	watch, err := o.Watch(ctx, p.ref("db"))
	p.ok(err)
	defer watch.Stop()
	created := p.created("db")
	close(made)
	_, err = watch.Until(ctx, created, func(object *unstructured.Unstructured) (bool, time.Duration) { return object != nil, 0 })
	p.ok(err)
	close(cut)
	select { // so that the change comes after it
	case <-second:
	case <-ctx.Done():
		t.Fatal("there is no second watch")
	}
	p.patch(types.MergePatchType, "db", `{"metadata":{"labels":{"a":"b"}}}`, "test")
	seen, err := watch.Until(ctx, created, func(object *unstructured.Unstructured) (bool, time.Duration) {
		return object.GetLabels()["a"] == "b", 0
	})
	if err != nil || seen.GetLabels()["a"] != "b" {
		t.Errorf("the change was not seen: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if opened < 3 {
		t.Errorf("there were %d watches, so this test shows nothing", opened)
	}
}

// TestAccProjectsOfOtherClusters: a project that is in another cluster costs who only reads nothing, once the projects are
// listed, and a write finds one that was made since.
func TestAccProjectsOfOtherClusters(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	ctx := soon(t)
	var requests atomic.Int64
	o := p.observe(Config{}.WithEnvironment(os.Getenv), func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/api/v1/namespaces") {
			requests.Add(1)
		}
		return false
	})
	for i := range 50 {
		if _, err := o.ListedProject(ctx, fmt.Sprintf("%s-elsewhere-%d", p.name, i)); !errors.Is(err, ErrNoProject) {
			t.Fatalf("a project that is not there: %v", err)
		}
	}
	if found, err := o.ListedProject(ctx, p.name); err != nil || found.Name != p.name {
		t.Errorf("a project that is there: %+v, %v", found, err)
	}
	if asked := requests.Load(); asked != fewProjects+1 {
		t.Errorf("%d requests, not one for each of the first %d projects and one list", asked, fewProjects)
	}

	made := p.name + "-elsewhere-0"
	p.admin.Project(made)
	if found, err := o.Project(ctx, made); err != nil || found.Name != made {
		t.Errorf("a project that was made after the list: %+v, %v", found, err)
	}
	if found, err := o.ListedProject(ctx, made); err != nil || found.Name != made {
		t.Errorf("a project that was found since: %+v, %v", found, err)
	}
}
