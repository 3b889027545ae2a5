// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"encoding/json"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// makeWhole removes from an applied object what it has beyond the desired one. Server-side apply removes only what we own
// alone: a field that another manager owns too stays, and so does everything after another client has emptied
// metadata.managedFields. The patch is bound to the resourceVersion, so that it replaces nothing that was not seen.
func (c *Cluster) makeWhole(
	ctx context.Context, ref airm.Ref, applied, desired *unstructured.Unstructured,
) (*unstructured.Unstructured, error) {
	for range 3 {
		if len(eso.CopyDrift(desired.Object, applied.Object)) == 0 {
			return applied, nil
		}
		replaced, err := c.replaceSpec(ctx, ref, applied, desired)
		if !apierrors.IsConflict(err) {
			return replaced, c.explain("update", ref.String(), err)
		}
		fresh, err := c.Get(ctx, ref)
		if err != nil {
			return nil, err
		}
		if fresh.GetUID() != applied.GetUID() {
			return applied, nil // it was removed meanwhile, which the next Read sees
		}
		applied = fresh
	}
	return applied, nil // the object changes all the time; the next Read sees what is left
}

func (c *Cluster) replaceSpec(
	ctx context.Context, ref airm.Ref, live, desired *unstructured.Unstructured,
) (*unstructured.Unstructured, error) {
	operations := []map[string]any{
		{"op": "replace", "path": "/metadata/resourceVersion", "value": live.GetResourceVersion()},
		{"op": "replace", "path": "/spec", "value": desired.Object["spec"]},
	}
	if len(live.GetOwnerReferences()) > 0 {
		operations = append(operations, map[string]any{"op": "remove", "path": "/metadata/ownerReferences"})
	}
	patch, err := json.Marshal(operations)
	if err != nil {
		return nil, err
	}
	objects, err := c.objects(ctx, ref.Kind, ref.Project)
	if err != nil {
		return nil, err
	}
	options := metav1.PatchOptions{FieldManager: airm.FieldManager, FieldValidation: metav1.FieldValidationStrict}
	return objects.Patch(writing(ctx, ref), ref.Name, types.JSONPatchType, patch, options)
}

// applied reports whether the other manager of a conflict uses server-side apply, and whether we own the field too: then
// it only applied what we had applied.
func (c fieldConflict) applied(live *unstructured.Unstructured) (applied, shared bool) {
	for _, entry := range live.GetManagedFields() {
		fields, err := parseFields(entry)
		if err != nil || entry.Subresource != "" || !fields.has(c.field) {
			continue
		}
		shared = shared || entry.Manager == airm.FieldManager
		applied = applied || entry.Manager == c.manager && entry.Operation == metav1.ManagedFieldsOperationApply
	}
	return applied, shared
}

// has reports whether a set has a field, named as a conflict names it ("spec.data"): keys of maps may have dots in them.
func (t fieldTree) has(field string) bool {
	for key, below := range t {
		name, isField := strings.CutPrefix(key, "f:")
		if !isField {
			continue
		}
		if field == name {
			return true
		}
		rest, inside := strings.CutPrefix(field, name+".")
		inner, _ := below.(map[string]any)
		if inside && fieldTree(inner).has(rest) {
			return true
		}
	}
	return false
}

// declares reports whether an object has a field, named as a conflict names it.
func declares(object map[string]any, field string) bool {
	for name, below := range object {
		if field == name {
			return true
		}
		rest, inside := strings.CutPrefix(field, name+".")
		inner, _ := below.(map[string]any)
		if inside && declares(inner, rest) {
			return true
		}
	}
	return false
}
