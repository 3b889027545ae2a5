// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/cache"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

const (
	// pollInterval is how often an object is read where watching is forbidden or does not work.
	pollInterval = 2 * time.Second

	// missGrace is how long an object may be missing in the watch before it is asked for live: a
	// watch lags behind our own writes, and "not seen yet" is not "not there". It is also how long
	// the list and watch may fail.
	missGrace = 2 * time.Second

	// watchLinger keeps an unused watch open for the next resource of the same run.
	watchLinger = 5 * time.Second
)

// Condition looks at an object as it is now, nil where it is gone. It says whether the wait is
// over and, if not, after which time to look again even without a change (0: only on a change).
type Condition func(object *unstructured.Unstructured) (done bool, again time.Duration)

// Watch follows one object. All watches of a kind in a project share one list and one watch of the
// API server. Open it before the write that it waits for, and Stop it afterwards.
type Watch struct {
	cluster *Cluster
	ref     airm.Ref
	shared  *sharedWatch
	changed chan struct{}
}

// Watch opens a watch of an object, which need not exist. It shares the watch of the project.
func (c *Cluster) Watch(ctx context.Context, ref airm.Ref) (*Watch, error) {
	return c.watch(ctx, ref, ref.Project)
}

// WatchAllNamespaces opens a watch of an object that is one of many, in as many projects. It shares one
// watch of the whole cluster.
func (c *Cluster) WatchAllNamespaces(ctx context.Context, ref airm.Ref) (*Watch, error) {
	return c.watch(ctx, ref, "")
}

func (c *Cluster) watch(ctx context.Context, ref airm.Ref, scope string) (*Watch, error) {
	objects, err := c.objects(ctx, ref.Kind, scope)
	if err != nil {
		return nil, err
	}
	w := &Watch{cluster: c, ref: ref, changed: make(chan struct{}, 1)}
	w.shared = c.watches.join(ctx, ref, scope, objects, w.changed)
	return w, nil
}

// Stop ends the watch of this object.
func (w *Watch) Stop() { w.cluster.watches.leave(w.shared, storeKey(w.ref), w.changed) }

// Until waits until the condition holds for the object that was written (or for whatever is there,
// where written is nil). An older generation of it is never shown to the condition, and another
// object of its name counts as gone. It returns the last object that the condition saw, or written where
// it saw none; the error is that of the context.
func (w *Watch) Until(ctx context.Context, written *unstructured.Unstructured, condition Condition) (*unstructured.Unstructured, error) {
	last := written
	seen := sighting{missingSince: time.Now()}
	for {
		object, known := w.observe(ctx, written, seen)
		again := missGrace
		if known {
			var done bool
			last = object
			if done, again = condition(object); done {
				return last, nil
			}
			if object != nil {
				seen.missingSince = time.Now()
				seen.inWatch = seen.inWatch || w.shared.has(w.ref) // not: live, while the watch lags behind
			}
		}
		if err := w.sleep(ctx, again); err != nil {
			return last, err
		}
	}
}

// sighting is what a wait has seen of its object so far.
type sighting struct {
	inWatch      bool      // the watch has shown it
	missingSince time.Time // when it was last seen, or the wait began
}

// observe returns the object as it is now; known is false where that cannot be said yet.
func (w *Watch) observe(
	ctx context.Context, written *unstructured.Unstructured, seen sighting,
) (object *unstructured.Unstructured, known bool) {
	if w.shared.isRefused() || w.shared.isBlindFor(missGrace) {
		return w.live(ctx, written)
	}
	if !w.shared.informer.HasSynced() {
		return nil, false
	}
	stored, exists, _ := w.shared.informer.GetStore().GetByKey(storeKey(w.ref))
	if exists {
		return relevant(stored.(*unstructured.Unstructured), written)
	}
	if seen.inWatch {
		return nil, true // the watch has shown its deletion
	}
	if time.Since(seen.missingSince) >= missGrace {
		return w.live(ctx, written)
	}
	return nil, false
}

// has reports whether the watch shows an object.
func (s *sharedWatch) has(ref airm.Ref) bool {
	_, exists, _ := s.informer.GetStore().GetByKey(storeKey(ref))
	return exists
}

func (w *Watch) live(ctx context.Context, written *unstructured.Unstructured) (*unstructured.Unstructured, bool) {
	object, err := w.cluster.Get(ctx, w.ref)
	if IsNotFound(err) {
		return nil, true
	}
	if err != nil {
		return nil, false
	}
	return relevant(object, written)
}

// relevant leaves out what was there before the write, and other objects of the same name.
func relevant(object, written *unstructured.Unstructured) (*unstructured.Unstructured, bool) {
	if written == nil {
		return object, true
	}
	if object.GetUID() != written.GetUID() {
		return nil, true
	}
	return object, object.GetGeneration() >= written.GetGeneration()
}

func (w *Watch) sleep(ctx context.Context, again time.Duration) error {
	if (w.shared.isRefused() || w.shared.isBlindFor(0)) && (again == 0 || again > pollInterval) {
		again = pollInterval
	}
	var timer <-chan time.Time
	if again > 0 {
		t := time.NewTimer(again)
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-w.changed:
		return nil
	case <-timer:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func storeKey(ref airm.Ref) string {
	return cache.NewObjectName(ref.Project, ref.Name).String()
}
