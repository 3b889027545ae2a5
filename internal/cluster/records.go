// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/utils/ptr"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

// kindRecord is the kind of the records.
const kindRecord = "ConfigMap"

// Records are the ConfigMaps of one namespace. Everything but Read is live: the records are how two
// runs see each other.
type Records struct {
	cluster   *Cluster
	namespace string
}

// Records returns access to the records in a namespace, which need not exist.
func (c *Cluster) Records(namespace string) *Records {
	return &Records{cluster: c, namespace: namespace}
}

func (r *Records) client(ctx context.Context) (dynamic.ResourceInterface, error) {
	conn, err := r.cluster.connect(ctx)
	if err != nil {
		return nil, err
	}
	return conn.dynamic.Resource(configMaps).Namespace(r.namespace), nil
}

// Namespace returns the UID of the namespace; a missing one is an error that satisfies IsNotFound.
func (r *Records) Namespace(ctx context.Context) (string, error) {
	conn, err := r.cluster.connect(ctx)
	if err != nil {
		return "", err
	}
	found, err := conn.dynamic.Resource(namespaces).Get(ctx, r.namespace, metav1.GetOptions{})
	if err != nil {
		return "", r.explain("read", "the platform namespace "+r.namespace, err)
	}
	return string(found.GetUID()), nil
}

// NamespaceCached is Namespace, asked once in a run.
func (r *Records) NamespaceCached(ctx context.Context) (string, error) {
	return r.cluster.reads.namespaces.get(ctx, r.namespace, func(ctx context.Context, _ string) (string, error) { return r.Namespace(ctx) })
}

// EnsureNamespace returns the UID of the namespace, which it creates if it is missing.
func (r *Records) EnsureNamespace(ctx context.Context) (string, error) {
	if uid, err := r.Namespace(ctx); !IsNotFound(err) {
		return uid, err
	}
	conn, err := r.cluster.connect(ctx)
	if err != nil {
		return "", err
	}
	created, err := conn.dynamic.Resource(namespaces).Create(writing(ctx, airm.Ref{Kind: "Namespace", Name: r.namespace}),
		&unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Namespace",
			"metadata": map[string]any{"name": r.namespace, "labels": map[string]any{airm.LabelManagedBy: airm.ManagedByValue}},
		}}, metav1.CreateOptions{FieldManager: airm.FieldManager})
	if mayBeMade(err) {
		if uid, readErr := r.Namespace(ctx); readErr == nil {
			return uid, nil
		}
	}
	if err != nil {
		return "", r.explain("make", "the platform namespace "+r.namespace, err)
	}
	return string(created.GetUID()), nil
}

// Create posts a record; one that exists is an error that satisfies IsAlreadyExists. Where the answer was
// lost, a record of the very same data is the one just made.
func (r *Records) Create(ctx context.Context, record map[string]any) (*unstructured.Unstructured, error) {
	object := &unstructured.Unstructured{Object: record}
	create := func(ctx context.Context, client dynamic.ResourceInterface) (*unstructured.Unstructured, error) {
		return client.Create(ctx, object, metav1.CreateOptions{FieldManager: airm.FieldManager})
	}
	created, err := r.write(ctx, "create", object, create)
	if mayBeMade(err) {
		live, getErr := r.readAfterWrite(ctx, object.GetName())
		if getErr == nil && isRecordMadeHere(object, live) {
			return live, nil
		}
	}
	return created, err
}

// Replace writes new data into a record as it was read, and puts its labels back; IsConflict if another client was faster. Where the
// answer was lost, or something on the way has repeated the request, the record as it was to be is the one just written: no two runs
// write the same.
func (r *Records) Replace(ctx context.Context, read *unstructured.Unstructured, record map[string]any) (*unstructured.Unstructured, error) {
	object := read.DeepCopy()
	object.Object["data"] = record["data"]
	object.SetLabels(relabelled(object, record))
	update := func(ctx context.Context, client dynamic.ResourceInterface) (*unstructured.Unstructured, error) {
		return client.Update(ctx, object, metav1.UpdateOptions{FieldManager: airm.FieldManager})
	}
	replaced, err := r.write(ctx, "update", object, update)
	if mayBeWritten(err) {
		live, getErr := r.readAfterWrite(ctx, object.GetName())
		if getErr == nil && isRecordWrittenHere(object, live) {
			return live, nil
		}
	}
	return replaced, err
}

// relabelled returns the labels that a record as it was read is to have: lists find records by their labels. What others have set
// stays, also who manages it.
func relabelled(read *unstructured.Unstructured, record map[string]any) map[string]string {
	labels := airm.Union(read.GetLabels(), (&unstructured.Unstructured{Object: record}).GetLabels())
	if manager := read.GetLabels()[airm.LabelManagedBy]; manager != "" {
		labels[airm.LabelManagedBy] = manager
	}
	return labels
}

// Delete removes a record as it was read; IsConflict if it was changed since. One that is
// gone is fine, also where another has its name.
func (r *Records) Delete(ctx context.Context, read *unstructured.Unstructured) error {
	_, err := r.write(ctx, "delete", read, func(ctx context.Context, client dynamic.ResourceInterface) (*unstructured.Unstructured, error) {
		err := client.Delete(ctx, read.GetName(), metav1.DeleteOptions{Preconditions: &metav1.Preconditions{
			UID: ptr.To(read.GetUID()), ResourceVersion: ptr.To(read.GetResourceVersion()),
		}})
		if apierrors.IsNotFound(err) {
			return nil, nil
		}
		return nil, err
	})
	if mayBeWritten(err) {
		live, getErr := r.readAfterWrite(ctx, read.GetName())
		if IsNotFound(getErr) || getErr == nil && live.GetUID() != read.GetUID() {
			return nil
		}
	}
	return err
}

// readAfterWrite reads a record live after a write of which it is not known whether it was done.
func (r *Records) readAfterWrite(ctx context.Context, name string) (*unstructured.Unstructured, error) {
	ctx, cancel := afterWrite(ctx)
	defer cancel()
	return r.Get(ctx, name)
}

// Read reads a record as Get does, but with one list for all records where a run reads many.
func (r *Records) Read(ctx context.Context, name string) (*unstructured.Unstructured, error) {
	record, err := r.cluster.fromList(ctx, r.ref(name))
	if err != nil {
		return nil, r.explain("read", "the record "+r.ref(name).String(), err)
	}
	if record == nil {
		return r.Get(ctx, name)
	}
	return record, nil
}

func (r *Records) ref(name string) airm.Ref {
	return airm.Ref{Kind: kindRecord, Project: r.namespace, Name: name}
}

// Get reads a record live.
func (r *Records) Get(ctx context.Context, name string) (*unstructured.Unstructured, error) {
	object := &unstructured.Unstructured{}
	object.SetName(name)
	return r.ask(ctx, "read", object, func(ctx context.Context, client dynamic.ResourceInterface) (*unstructured.Unstructured, error) {
		return client.Get(ctx, name, metav1.GetOptions{})
	})
}

// List reads all records that a label selector selects, live.
func (r *Records) List(ctx context.Context, selector string) ([]unstructured.Unstructured, error) {
	client, err := r.client(ctx)
	if err != nil {
		return nil, err
	}
	items, err := listAll(ctx, client, metav1.ListOptions{LabelSelector: selector})
	return items, r.explain("list", "the organization's records in namespace "+r.namespace, err)
}

func (r *Records) write(ctx context.Context, action string, object *unstructured.Unstructured,
	request func(context.Context, dynamic.ResourceInterface) (*unstructured.Unstructured, error)) (*unstructured.Unstructured, error) {
	ref := r.ref(object.GetName())
	r.cluster.reads.wrote(ref)
	return r.ask(writing(ctx, ref), action, object, request)
}

func (r *Records) ask(ctx context.Context, action string, object *unstructured.Unstructured,
	request func(context.Context, dynamic.ResourceInterface) (*unstructured.Unstructured, error)) (*unstructured.Unstructured, error) {
	client, err := r.client(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := request(ctx, client)
	if err != nil {
		return nil, r.explain(action, "the record "+r.ref(object.GetName()).String(), err)
	}
	return answer, nil
}

// explain adds, where a permission is missing, which role has all that are needed.
func (r *Records) explain(action, what string, err error) error {
	explained := r.cluster.explain(action, what, err)
	var failed *Error
	if lacksPermission(err) && errors.As(explained, &failed) {
		failed.Detail += fmt.Sprintf(" The organization's records are ConfigMaps in namespace %s. To read them, a user needs get and list there; to write them, the role of a platform admin. The folder examples/rbac of the provider has both roles.", r.namespace)
	}
	return explained
}
