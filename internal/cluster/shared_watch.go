// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"log/slog"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// watches are the open lists and watches of a cluster, by kind and project.
type watches struct {
	cluster string

	mu   sync.Mutex
	open map[string]*sharedWatch
}

type sharedWatch struct {
	cluster  string
	key      string
	informer cache.SharedIndexInformer
	stop     context.CancelFunc

	mu      sync.Mutex
	users   int
	refused bool
	open    bool                                  // the API server sends changes
	since   time.Time                             // when it stopped to, or was asked first
	waiting map[string]map[chan struct{}]struct{} // by storeKey
}

func (ws *watches) join(
	ctx context.Context, ref airm.Ref, scope string, objects dynamic.ResourceInterface, changed chan struct{},
) *sharedWatch {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	key := ref.Kind + " " + scope
	shared := ws.open[key]
	if shared == nil {
		if ws.open == nil {
			ws.open = map[string]*sharedWatch{}
		}
		shared = startSharedWatch(ctx, ws.cluster, key, objects)
		ws.open[key] = shared
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.users++
	name := storeKey(ref)
	if shared.waiting[name] == nil {
		shared.waiting[name] = map[chan struct{}]struct{}{}
	}
	shared.waiting[name][changed] = struct{}{}
	return shared
}

func (ws *watches) leave(shared *sharedWatch, name string, changed chan struct{}) {
	shared.mu.Lock()
	delete(shared.waiting[name], changed)
	if len(shared.waiting[name]) == 0 {
		delete(shared.waiting, name)
	}
	shared.users--
	idle := shared.users == 0
	shared.mu.Unlock()
	if idle {
		time.AfterFunc(watchLinger, func() { ws.closeIfIdle(shared) })
	}
}

func (ws *watches) closeIfIdle(shared *sharedWatch) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.users == 0 && ws.open[shared.key] == shared {
		delete(ws.open, shared.key)
		shared.stop()
	}
}

// startSharedWatch begins to list and watch. It outlives the call that needed it first: the context
// is only where its values come from.
func startSharedWatch(ctx context.Context, cluster, key string, objects dynamic.ResourceInterface) *sharedWatch {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	shared := &sharedWatch{cluster: cluster, key: key, stop: stop, since: time.Now(), waiting: map[string]map[chan struct{}]struct{}{}}
	listWatch := &cache.ListWatch{
		ListWithContextFunc: func(_ context.Context, options metav1.ListOptions) (runtime.Object, error) { // client-go lists without an end
			shared.opening()
			return objects.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (apiwatch.Interface, error) {
			shared.opening()
			watch, err := objects.Watch(ctx, options)
			shared.opened(err)
			return watch, err
		},
	}
	shared.informer = cache.NewSharedIndexInformer(listWatch, &unstructured.Unstructured{}, 0, cache.Indexers{})
	_ = shared.informer.SetTransform(withoutFields)
	_ = shared.informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) {
		if apierrors.IsForbidden(err) || apierrors.IsMethodNotSupported(err) {
			slog.DebugContext(ctx, "Watching is not allowed: polling instead", logging.KeyCluster, cluster, "watch", key)
			shared.refuse()
			stop()
		}
	})
	_, _ = shared.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { shared.notify(ctx, "added", object) },
		UpdateFunc: func(_, object any) { shared.notify(ctx, "modified", object) },
		DeleteFunc: func(object any) { shared.notify(ctx, "deleted", object) },
	})
	go shared.informer.RunWithContext(ctx)
	go shared.announceSync(ctx)
	return shared
}

// withoutFields leaves out which fields the managers of an object own: half of its memory, and no
// condition needs that. The managers and the times stay.
func withoutFields(object any) (any, error) {
	if shown, ok := object.(*unstructured.Unstructured); ok {
		managers, _, _ := unstructured.NestedFieldNoCopy(shown.Object, "metadata", "managedFields")
		entries, _ := managers.([]any)
		for _, entry := range entries {
			if entry, ok := entry.(map[string]any); ok {
				delete(entry, "fieldsV1")
			}
		}
	}
	return object, nil
}

// announceSync wakes all waits after the first list, for those that wait for the absence of
// an object.
func (s *sharedWatch) announceSync(ctx context.Context) {
	if cache.WaitForCacheSync(ctx.Done(), s.informer.HasSynced) {
		s.notifyAll()
	}
}

func (s *sharedWatch) notify(ctx context.Context, event string, object any) {
	if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	named, ok := object.(*unstructured.Unstructured)
	if !ok {
		return
	}
	name := cache.NewObjectName(named.GetNamespace(), named.GetName()).String()
	if logging.Traces(ctx) {
		logging.Trace(ctx, "Watch event", logging.KeyCluster, s.cluster, "event", event, logging.KeyKind, named.GetKind(),
			logging.KeyObject, name, logging.KeyGeneration, named.GetGeneration())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	wake(s.waiting[name])
}

func (s *sharedWatch) notifyAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, waiting := range s.waiting {
		wake(waiting)
	}
}

func wake(waiting map[chan struct{}]struct{}) {
	for changed := range waiting {
		select {
		case changed <- struct{}{}:
		default: // it has been woken and did not look yet
		}
	}
}

// opening comes before every list and watch: from the end of the one before until opened, no changes are sent.
func (s *sharedWatch) opening() {
	s.mu.Lock()
	ended := s.open
	if ended {
		s.open, s.since = false, time.Now()
	}
	s.mu.Unlock()
	if ended {
		s.notifyAll() // a wait for a change alone would never end
	}
}

func (s *sharedWatch) opened(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = err == nil
}

// isBlindFor reports whether for so long there was no list yet, or no watch: what the store has or lacks
// says nothing then.
func (s *sharedWatch) isBlindFor(grace time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return (!s.open || !s.informer.HasSynced()) && time.Since(s.since) >= grace
}

func (s *sharedWatch) refuse() {
	s.mu.Lock()
	s.refused = true
	s.mu.Unlock()
	s.notifyAll()
}

func (s *sharedWatch) isRefused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}
