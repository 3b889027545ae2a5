package cluster

import (
	"context"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

const (
	// pollInterval is how often an object is read where watching is forbidden.
	pollInterval = 2 * time.Second

	// missGrace is how long an object may be missing in the watch before it is asked for live: a
	// watch lags behind our own writes, and "not seen yet" is not "not there".
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
	ref     secrets.Ref
	shared  *sharedWatch
	changed chan struct{}
}

// Watch opens a watch of an object, which need not exist. It shares the watch of the project.
func (c *Cluster) Watch(ctx context.Context, ref secrets.Ref) (*Watch, error) {
	return c.watch(ctx, ref, ref.Project)
}

// WatchWidely opens a watch of an object that is one of many, in as many projects. It shares one
// watch of the whole cluster.
func (c *Cluster) WatchWidely(ctx context.Context, ref secrets.Ref) (*Watch, error) {
	return c.watch(ctx, ref, "")
}

func (c *Cluster) watch(ctx context.Context, ref secrets.Ref, scope string) (*Watch, error) {
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
	seen := false
	missingSince := time.Now()
	for {
		object, known := w.observe(ctx, written, seen, time.Since(missingSince) >= missGrace)
		again := missGrace
		if known {
			var done bool
			last = object
			if done, again = condition(object); done {
				return last, nil
			}
			seen = seen || object != nil
			if object != nil {
				missingSince = time.Now()
			}
		}
		if err := w.sleep(ctx, again); err != nil {
			return last, err
		}
	}
}

// observe gives the object as it is now; known is false where that cannot be said yet.
func (w *Watch) observe(ctx context.Context, written *unstructured.Unstructured, seen, askLive bool) (object *unstructured.Unstructured, known bool) {
	if w.shared.isRefused() {
		return w.live(ctx, written)
	}
	if !w.shared.informer.HasSynced() {
		return nil, false
	}
	stored, exists, _ := w.shared.informer.GetStore().GetByKey(storeKey(w.ref))
	if exists {
		return relevant(stored.(*unstructured.Unstructured), written)
	}
	if seen {
		return nil, true // the watch has shown its deletion
	}
	if askLive {
		return w.live(ctx, written)
	}
	return nil, false
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
	if w.shared.isRefused() && (again == 0 || again > pollInterval) {
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

func storeKey(ref secrets.Ref) string {
	return cache.NewObjectName(ref.Project, ref.Name).String()
}

// watches are the open lists and watches of a cluster, by kind and project.
type watches struct {
	mu   sync.Mutex
	open map[string]*sharedWatch
}

type sharedWatch struct {
	key      string
	informer cache.SharedIndexInformer
	stop     context.CancelFunc

	mu      sync.Mutex
	users   int
	refused bool
	waiting map[string]map[chan struct{}]struct{} // by storeKey
}

func (ws *watches) join(ctx context.Context, ref secrets.Ref, scope string, objects dynamic.ResourceInterface, changed chan struct{}) *sharedWatch {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	key := ref.Kind + " " + scope
	shared := ws.open[key]
	if shared == nil {
		if ws.open == nil {
			ws.open = map[string]*sharedWatch{}
		}
		shared = startSharedWatch(ctx, key, objects)
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
func startSharedWatch(ctx context.Context, key string, objects dynamic.ResourceInterface) *sharedWatch {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	listWatch := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return objects.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (apiwatch.Interface, error) {
			return objects.Watch(ctx, options)
		},
	}
	shared := &sharedWatch{
		key:      key,
		informer: cache.NewSharedIndexInformer(listWatch, &unstructured.Unstructured{}, 0, cache.Indexers{}),
		stop:     stop,
		waiting:  map[string]map[chan struct{}]struct{}{},
	}
	_ = shared.informer.SetTransform(withoutFields)
	_ = shared.informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) {
		if apierrors.IsForbidden(err) || apierrors.IsMethodNotSupported(err) {
			shared.refuse()
			stop()
		}
	})
	_, _ = shared.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { shared.notify(object) },
		UpdateFunc: func(_, object any) { shared.notify(object) },
		DeleteFunc: func(object any) { shared.notify(object) },
	})
	go shared.informer.RunWithContext(ctx)
	go shared.announceSync(ctx)
	return shared
}

// withoutFields leaves out which fields the managers of an object own: half of its memory, and no
// condition asks for that. Who wrote, and when, stays.
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

// announceSync wakes everybody once the first list is there, for those who wait for the absence of
// an object.
func (s *sharedWatch) announceSync(ctx context.Context) {
	if cache.WaitForCacheSync(ctx.Done(), s.informer.HasSynced) {
		s.notifyAll()
	}
}

func (s *sharedWatch) notify(object any) {
	if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	named, ok := object.(*unstructured.Unstructured)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	wake(s.waiting[cache.NewObjectName(named.GetNamespace(), named.GetName()).String()])
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
