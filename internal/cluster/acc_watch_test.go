// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// wired is the same cluster with something between it and the wire.
func (p *testProject) wired(wrap func(http.RoundTripper) http.RoundTripper) *Cluster {
	its := p.options
	its.Wrap = wrap
	return New("test", p.config, its)
}

// breaking lets lists and watches of ExternalSecrets work until it is broken; then those that are open end.
type breaking struct {
	broken context.Context
	answer func(*http.Request) (*http.Response, error)
}

func (b breaking) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/externalsecrets") {
			return next.RoundTrip(r)
		}
		if b.broken.Err() != nil {
			return b.answer(r)
		}
		ctx, end := context.WithCancel(r.Context())
		context.AfterFunc(b.broken, end)
		return next.RoundTrip(r.Clone(ctx))
	})
}

func fails(*http.Request) (*http.Response, error) {
	return newResponse(http.StatusInternalServerError, `{"kind":"Status","status":"Failure","message":"injected","code":500}`, "Content-Type", "application/json"), nil
}

func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

// A wait sees changes and the deletion also where lists and watches fail or hang, from the beginning or later.
func TestAccWatchThatDoesNotWork(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		atOnce bool
		answer func(*http.Request) (*http.Response, error)
	}{
		"fails":       {true, fails},
		"hangs":       {true, hangs},
		"fails later": {false, fails},
		"hangs later": {false, hangs},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			broken, breaks := context.WithCancel(context.Background())
			defer breaks()
			if test.atOnce {
				breaks()
			}
			c := p.wired(breaking{broken, test.answer}.wrap)
			ctx := soon(t)
			watch, err := c.Watch(ctx, p.ref("db"))
			p.ok(err)
			defer watch.Stop()
			created := p.created("db")
			_, err = watch.Until(ctx, created, func(object *unstructured.Unstructured) (bool, time.Duration) {
				return object != nil && (test.atOnce || watch.shared.informer.HasSynced()), 100 * time.Millisecond
			})
			p.ok(err)
			breaks()

			for _, change := range []struct {
				make func()
				seen func(*unstructured.Unstructured) bool
			}{
				{
					func() { p.patch(types.MergePatchType, "db", `{"metadata":{"labels":{"a":"b"}}}`, "test") },
					func(object *unstructured.Unstructured) bool { return object != nil && object.GetLabels()["a"] == "b" },
				},
				{
					func() { p.ok(p.Delete(ctx, p.ref("db"), created.GetUID())) },
					func(object *unstructured.Unstructured) bool { return object == nil },
				},
			} {
				change.make()
				_, err := watch.Until(ctx, created, func(object *unstructured.Unstructured) (bool, time.Duration) {
					return change.seen(object), 0
				})
				if err != nil {
					t.Fatalf("the change was not seen: %v", err)
				}
			}
		})
	}
}

// The time is the API server's, whatever the clocks of two machines say.
func TestAccNow(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	var times []time.Time
	for _, skew := range []time.Duration{-time.Hour, 0, 17 * time.Minute} {
		c := New("test", p.config, Options{ProjectSelector: p.options.ProjectSelector, Now: func() time.Time { return time.Now().Add(skew) }})
		if wrong := time.Since(c.Now().Add(-skew)).Abs(); wrong > time.Second {
			t.Errorf("before any answer it is wrong by %s", wrong)
		}
		for range 5 {
			_, err := c.Get(soon(t), p.ref("none"))
			if !IsNotFound(err) {
				t.Fatal(err)
			}
		}
		times = append(times, c.Now())
		if wrong := time.Since(c.Now()).Abs(); wrong > 700*time.Millisecond {
			t.Errorf("with a clock that is wrong by %s it is %s", skew, wrong)
		}
	}
	made := p.create("Secret", "made", "")
	if wrong := times[2].Sub(made.GetCreationTimestamp().Time).Abs(); wrong > 3*time.Second {
		t.Errorf("the API server says %s, and we %s", made.GetCreationTimestamp(), times[2])
	}
}

// Changes and the deletion are seen at once where watching is allowed, and soon where it is not.
func TestAccWatch(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]string{"watch": manage, "list": poll, "get": getter} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			c := p.as("user", rule)
			ctx := soon(t)
			watch, err := c.Watch(ctx, p.ref("db"))
			p.ok(err)
			defer watch.Stop()

			created := p.created("db")
			seen, err := watch.Until(ctx, created, func(object *unstructured.Unstructured) (bool, time.Duration) { return object != nil, 0 })
			if err != nil || seen.GetUID() != created.GetUID() {
				t.Fatalf("the creation was not seen: %v", err)
			}

			go p.patch(types.MergePatchType, "db", `{"metadata":{"labels":{"a":"b"}}}`, "test")
			seen, err = watch.Until(ctx, created, func(object *unstructured.Unstructured) (bool, time.Duration) {
				return object.GetLabels()["a"] == "b", 0
			})
			if err != nil || seen.GetLabels()["a"] != "b" {
				t.Fatalf("the change was not seen: %v", err)
			}

			go func() { _ = p.Delete(ctx, p.ref("db"), created.GetUID()) }()
			seen, err = watch.Until(ctx, created, func(object *unstructured.Unstructured) (bool, time.Duration) { return object == nil, 0 })
			if err != nil || seen != nil {
				t.Fatalf("the deletion was not seen: %v", err)
			}
		})
	}
}

// The condition never sees an older generation than the one written, nor another object of the name.
func TestAccWatchShowsNothingOld(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	ctx := soon(t)
	first := p.created("db")
	watch, err := p.Watch(ctx, p.ref("db"))
	p.ok(err)
	defer watch.Stop()
	written := p.patch(types.MergePatchType, "db", `{"spec":{"refreshInterval":"2h0m0s"}}`, "test")
	_, err = watch.Until(ctx, written, func(object *unstructured.Unstructured) (bool, time.Duration) {
		if object.GetGeneration() < written.GetGeneration() {
			t.Errorf("generation %d was shown after %d was written", object.GetGeneration(), written.GetGeneration())
		}
		return true, 0
	})
	p.ok(err)

	p.ok(p.Delete(ctx, p.ref("db"), first.GetUID()))
	_, err = watch.Until(ctx, first, func(object *unstructured.Unstructured) (bool, time.Duration) { return object == nil, 0 })
	p.ok(err)
	p.created("db")
	_, err = watch.Until(ctx, first, func(object *unstructured.Unstructured) (bool, time.Duration) {
		if object != nil {
			t.Error("another object of the name was shown")
		}
		return true, 0
	})
	p.ok(err)
}

func TestAccWatchEndsWithContext(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	created := p.created("db")
	ctx, cancel := context.WithCancelCause(soon(t))
	defer cancel(nil)
	watch, err := p.Watch(ctx, p.ref("db"))
	p.ok(err)
	defer watch.Stop()
	last, err := watch.Until(ctx, created, func(*unstructured.Unstructured) (bool, time.Duration) {
		cancel(context.DeadlineExceeded)
		return false, 0
	})
	if !errors.Is(err, context.DeadlineExceeded) || last == nil {
		t.Errorf("%v, last seen %v", err, last)
	}
}
