// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/utils/ptr"
)

var externalSecrets = schema.GroupVersionResource{Group: "external-secrets.io", Version: "v1", Resource: "externalsecrets"}

// bareClient is the least that a program with client-go does to make and delete the same objects, with one watch for all.
type bareClient struct {
	client dynamic.Interface

	mu      sync.Mutex
	changed *sync.Cond
	seen    map[types.NamespacedName]*unstructured.Unstructured
}

func newBare(client dynamic.Interface) *bareClient {
	b := &bareClient{client: client}
	b.changed = sync.NewCond(&b.mu)
	return b
}

// place is the namespace of the secret with that number, and its name: twenty to a project.
func place(i int) (project, name string) {
	return fmt.Sprintf("bench-%d", i/perProject), fmt.Sprintf("secret-%d", i)
}

const perProject = 20

// newObject is what the provider makes of secretsConfig.
func newObject(project, name, property string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
		"metadata": map[string]any{"namespace": project, "name": name},
		"spec": map[string]any{
			"secretStoreRef": map[string]any{"name": "bench", "kind": "ClusterSecretStore"},
			"data": []any{
				map[string]any{"secretKey": "password", "remoteRef": map[string]any{"key": "app", "property": property}},
				map[string]any{"secretKey": "username", "remoteRef": map[string]any{"key": "app", "property": "username"}},
			},
		},
	}}
}

// follow watches all objects until the context ends.
func (b *bareClient) follow(ctx context.Context) error {
	b.seen = map[types.NamespacedName]*unstructured.Unstructured{}
	changes, err := b.client.Resource(externalSecrets).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	go func() {
		for change := range changes.ResultChan() {
			object, ok := change.Object.(*unstructured.Unstructured)
			if !ok {
				continue
			}
			b.mu.Lock()
			if change.Type == watch.Deleted {
				object = nil
			}
			b.seen[nameOf(change.Object.(*unstructured.Unstructured))] = object
			b.mu.Unlock()
			b.changed.Broadcast()
		}
	}()
	return nil
}

func nameOf(object *unstructured.Unstructured) types.NamespacedName {
	return types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetName()}
}

// await blocks until the watch has shown what is wanted of an object.
func (b *bareClient) await(name types.NamespacedName, wanted func(*unstructured.Unstructured) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		if object, found := b.seen[name]; found && wanted(object) {
			return
		}
		b.changed.Wait()
	}
}

// isSynced reports whether ESO has synchronized this generation of an object.
func isSynced(generation int64) func(*unstructured.Unstructured) bool {
	return func(object *unstructured.Unstructured) bool {
		if object == nil || object.GetGeneration() < generation {
			return false
		}
		synced, _, _ := unstructured.NestedString(object.Object, "status", "syncedResourceVersion")
		var of int64
		_, _ = fmt.Sscanf(synced, "%d-", &of)
		return of == object.GetGeneration()
	}
}

func (b *bareClient) createObject(ctx context.Context, project, name string, wait bool) error {
	objects := b.client.Resource(externalSecrets).Namespace(project)
	created, err := objects.Create(ctx, newObject(project, name, "password"), metav1.CreateOptions{})
	if err == nil && wait {
		b.await(nameOf(created), isSynced(created.GetGeneration()))
	}
	return err
}

// updateObject applies another content.
func (b *bareClient) updateObject(ctx context.Context, project, name, property string) error {
	objects := b.client.Resource(externalSecrets).Namespace(project)
	applied, err := objects.Apply(ctx, name, newObject(project, name, property), metav1.ApplyOptions{FieldManager: "bare", Force: true})
	if err == nil {
		b.await(nameOf(applied), isSynced(applied.GetGeneration()))
	}
	return err
}

func (b *bareClient) deleteObject(ctx context.Context, project, name string) error {
	foreground := metav1.DeleteOptions{PropagationPolicy: ptr.To(metav1.DeletePropagationForeground)}
	err := b.client.Resource(externalSecrets).Namespace(project).Delete(ctx, name, foreground)
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	b.await(types.NamespacedName{Namespace: project, Name: name}, func(object *unstructured.Unstructured) bool { return object == nil })
	return nil
}

// createRecord makes a ConfigMap of the size of a record for a project.
func (b *bareClient) createRecord(ctx context.Context, project string) error {
	_, err := b.records().Create(ctx, newRecord(project, "assigned"), metav1.CreateOptions{})
	return err
}

// deleteRecorded writes the record, deletes the object, and then the record.
func (b *bareClient) deleteRecorded(ctx context.Context, project, name string) error {
	if _, err := b.records().Update(ctx, newRecord(project, "unassigning"), metav1.UpdateOptions{}); err != nil {
		return err
	}
	if err := b.deleteObject(ctx, project, name); err != nil {
		return err
	}
	return b.records().Delete(ctx, recordName(project), metav1.DeleteOptions{})
}

func (b *bareClient) records() dynamic.ResourceInterface {
	return b.client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}).Namespace(backendNamespace)
}

func recordName(project string) string { return "record-" + project }

func newRecord(project, phase string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": recordName(project)},
		"data": map[string]any{
			"secret": "shared", "project": project, "phase": phase, "until": "2026-01-01T00:00:00Z",
			"copies": fmt.Sprintf(`{%q:{"cluster":"default","uid":%q}}`, uuid.NewUUID(), uuid.NewUUID()),
		},
	}}
}

// inParallel does work for the numbers below count, and returns the first error.
func inParallel(count, parallel int, work func(i int) error) error {
	var group sync.WaitGroup
	var once sync.Once
	var first error
	slots := make(chan struct{}, parallel)
	for i := range count {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if err := work(i); err != nil {
				once.Do(func() { first = err })
			}
		})
	}
	group.Wait()
	return first
}
