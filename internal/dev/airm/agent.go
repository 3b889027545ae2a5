// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
)

// fieldManager is that of the agent's writes.
const fieldManager = "agent"

// agent is AIRM's agent between a start and a stop.
type agent struct {
	platform *Platform
	context  context.Context
	stop     context.CancelFunc
	working  sync.WaitGroup

	mu      sync.Mutex
	handled map[types.UID]string // the resource version that was dealt with last
}

// StartAgent starts the agent, which looks at every object once and then at each change.
func (p *Platform) StartAgent(ctx context.Context) error {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.agent = &agent{platform: p, context: running, stop: cancel, handled: map[types.UID]string{}}
	for _, project := range p.projects {
		if err := p.agent.follow(ctx, project); err != nil {
			p.StopAgent()
			return err
		}
	}
	return nil
}

// StopAgent stops the agent. Its finalizers are not removed until it is started again.
func (p *Platform) StopAgent() {
	if p.agent != nil {
		p.agent.stop()
		p.agent.working.Wait()
		p.agent = nil
	}
}

// follow has the agent look after a project.
func (a *agent) follow(ctx context.Context, project string) error {
	namespace, err := a.platform.client.Resource(namespaces).Get(ctx, project, metav1.GetOptions{})
	if err != nil {
		return err
	}
	a.platform.namespace(project, namespace.GetLabels()[labelProjectID])
	for _, resource := range a.platform.resources() {
		objects := a.platform.client.Resource(resource).Namespace(project)
		a.working.Go(func() {
			for a.context.Err() == nil {
				a.listAndWatch(objects)
				a.rest()
			}
		})
	}
	return nil
}

// listAndWatch deals with every object, and with each change until the watch ends.
func (a *agent) listAndWatch(objects dynamic.ResourceInterface) {
	list, err := objects.List(a.context, metav1.ListOptions{})
	if err != nil {
		return
	}
	for i := range list.Items {
		a.handle(objects, &list.Items[i])
	}
	watcher, err := objects.Watch(a.context, metav1.ListOptions{ResourceVersion: list.GetResourceVersion()})
	if err != nil {
		return
	}
	defer watcher.Stop()
	for event := range watcher.ResultChan() {
		object, ok := event.Object.(*unstructured.Unstructured)
		if event.Type == watch.Error || !ok {
			return
		}
		if event.Type != watch.Deleted {
			a.handle(objects, object)
		}
	}
}

// rest waits a moment before something is tried again.
func (a *agent) rest() {
	select {
	case <-a.context.Done():
	case <-time.After(poll):
	}
}

// handle deals with an object as it is now, until that succeeds. One that has changed meanwhile comes again.
func (a *agent) handle(objects dynamic.ResourceInterface, object *unstructured.Unstructured) {
	for a.context.Err() == nil {
		seen := object.GetResourceVersion()
		err := a.reconcile(objects, object)
		if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			a.remember(object.GetUID(), seen, err)
			return
		}
		a.rest()
		if object, err = objects.Get(a.context, object.GetName(), metav1.GetOptions{}); err != nil {
			return
		}
	}
}

func (a *agent) remember(uid types.UID, version string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		a.handled[uid] = version
	}
}

// reconcile does with an object what AIRM's controllers do.
func (a *agent) reconcile(objects dynamic.ResourceInterface, object *unstructured.Unstructured) error {
	_, tracked := object.GetLabels()[labelSecretID]
	if object.GetDeletionTimestamp() != nil {
		if slices.Contains(object.GetFinalizers(), Finalizer) && tracked {
			a.platform.report(reportAs(object, "Deleted"))
		}
		return updateIfChanged(a.context, objects, object, dropFinalizer)
	}
	if !tracked {
		return nil
	}
	if err := updateIfChanged(a.context, objects, object, addFinalizer); err != nil {
		return err
	}
	if message, ok := discoveryOf(object); ok {
		a.platform.discover(message)
	}
	if message, ok := reportOf(object); ok {
		a.platform.report(message)
	}
	return nil
}

// updateIfChanged writes an object if there is something to change.
func updateIfChanged(
	ctx context.Context, objects dynamic.ResourceInterface, object *unstructured.Unstructured, changes func(*unstructured.Unstructured) bool,
) error {
	if !changes(object) {
		return nil
	}
	_, err := objects.Update(ctx, object, metav1.UpdateOptions{FieldManager: fieldManager})
	return err
}

func addFinalizer(object *unstructured.Unstructured) bool {
	finalizers := object.GetFinalizers()
	if slices.Contains(finalizers, Finalizer) {
		return false
	}
	object.SetFinalizers(append(finalizers, Finalizer))
	return true
}

func dropFinalizer(object *unstructured.Unstructured) bool {
	finalizers := object.GetFinalizers()
	i := slices.Index(finalizers, Finalizer)
	if i < 0 {
		return false
	}
	object.SetFinalizers(slices.Delete(finalizers, i, i+1))
	return true
}

// Settled reports whether the agent has dealt with every ExternalSecret and Secret of its projects as they are now. So a test
// can say that a message was not sent.
func (p *Platform) Settled(ctx context.Context) (bool, error) {
	if p.agent == nil {
		return false, errors.New("the agent does not run")
	}
	for _, project := range p.projects {
		for _, resource := range p.resources() {
			list, err := p.client.Resource(resource).Namespace(project).List(ctx, metav1.ListOptions{})
			if err != nil {
				return false, fmt.Errorf("%s in %s: %w", resource.Resource, project, err)
			}
			if slices.ContainsFunc(list.Items, p.agent.hasToHandle) {
				return false, nil
			}
		}
	}
	return true, nil
}

// AwaitSettled waits until Settled is true.
func (p *Platform) AwaitSettled(ctx context.Context) error {
	return wait.PollUntilContextTimeout(ctx, poll, patience, true, p.Settled)
}

func (a *agent) hasToHandle(object unstructured.Unstructured) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.handled[object.GetUID()] != object.GetResourceVersion()
}

func (p *Platform) resources() []schema.GroupVersionResource {
	return []schema.GroupVersionResource{p.external, coreSecrets}
}
