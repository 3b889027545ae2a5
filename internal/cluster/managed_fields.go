// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// esoManager is the field manager of ESO's controller.
const esoManager = "external-secrets"

// takeOver corrects metadata.managedFields of a live object before an apply, where that is needed:
//   - What our own POST wrote is recorded as an "Update" of ours. It becomes our "Apply", so that a
//     field which is no longer declared is removed (client-go's csaupgrade does the same for kubectl).
//   - What ESO's controller owns of the spec becomes ours. Before 1.1.1 it writes whole objects back
//     and so comes to own what it merely spelled in its way; it has no will of its own there.
//   - Where an object is adopted (after an import or a move), what its former managers own of the spec
//     becomes ours. Of a manager that uses server-side apply that is so only where the object is as
//     declared: one that goes on applying owns its fields again then, and a difference is a conflict.
//   - Entries of an apiVersion of ESO that is no longer served make every apply fail
//     (kubernetes/kubernetes#111937); they are rewritten to the served one.
func (c *Cluster) takeOver(ctx context.Context, ref airm.Ref, t takeover) error {
	for range 3 {
		patch, err := takeOverPatch(t)
		if patch == nil || err != nil {
			return err
		}
		objects, err := c.objects(ctx, ref.Kind, ref.Project)
		if err != nil {
			return err
		}
		_, err = objects.Patch(writing(ctx, ref), ref.Name, types.JSONPatchType, patch, metav1.PatchOptions{FieldManager: airm.FieldManager})
		if !apierrors.IsConflict(err) {
			slog.DebugContext(ctx, "Took over fields of other managers, or of our own create", logging.KeyCluster, c.name,
				logging.KeyKind, ref.Kind, logging.KeyObject, ref.ID(), "done", err == nil, "adopt", t.adopt)
			return c.explain("take over the fields of", ref.String(), err)
		}
		fresh, err := c.Get(ctx, ref)
		if err != nil {
			return err
		}
		if fresh.GetUID() != t.live.GetUID() {
			return nil // the apply itself reports that this is another object
		}
		t.live = fresh
	}
	return nil // the object changes all the time; the apply works, only removed fields would stay
}

// takeover determines which fields of which managers become ours.
type takeover struct {
	live    *unstructured.Unstructured
	desired map[string]any
	adopt   bool
}

func (t takeover) takesFrom(entry metav1.ManagedFieldsEntry) bool {
	if entry.Operation == metav1.ManagedFieldsOperationApply {
		declared := map[string]any{"kind": t.live.GetKind(), "spec": t.desired["spec"]}
		return t.adopt && len(eso.Drift(declared, t.live.Object)) == 0
	}
	return t.adopt || entry.Manager == esoManager
}

// fieldsOf picks them from the fields of a manager: the spec, and the labels and annotations that are declared
// with the same value.
func (t takeover) fieldsOf(fields fieldTree) fieldTree {
	taken := fieldTree{}
	if spec := fields["f:spec"]; spec != nil {
		taken["f:spec"] = spec
	}
	for _, kind := range []string{"labels", "annotations"} {
		declared, _, _ := unstructured.NestedStringMap(t.desired, "metadata", kind)
		found, _, _ := unstructured.NestedStringMap(t.live.Object, "metadata", kind)
		owned, _, _ := unstructured.NestedMap(fields, "f:metadata", "f:"+kind)
		for key, value := range declared {
			if current, exists := found[key]; exists && current == value && owned["f:"+key] != nil {
				taken.add(fieldTree{"f:metadata": map[string]any{"f:" + kind: map[string]any{"f:" + key: map[string]any{}}}})
			}
		}
	}
	return taken
}

// defaults are the fields that are not declared and that have the CRD's default. Were they ours, the apply
// would remove them only for the default to come back, perhaps in another spelling.
func (t takeover) defaults() fieldTree {
	declared, live := jsonvalue.MapAt(t.desired, "spec"), jsonvalue.MapAt(t.live.Object, "spec")
	all := fieldTree{}
	for _, path := range eso.UndeclaredDefaults(t.live.GetKind(), declared, live) {
		below := map[string]any{}
		for i := len(path) - 1; i >= 0; i-- {
			below = map[string]any{fmt.Sprintf("f:%s", path[i]): below}
		}
		all.add(fieldTree{"f:spec": below})
	}
	return all
}

// ownership is which manager owns which fields of an object after the takeover.
type ownership struct {
	ours       fieldTree
	oursSince  *metav1.Time
	others     []metav1.ManagedFieldsEntry
	hasChanged bool
}

// divide returns the ownership of the object after the takeover.
func (t takeover) divide() (ownership, error) {
	owned := ownership{ours: fieldTree{}}
	for _, entry := range t.live.GetManagedFields() {
		if strings.HasPrefix(entry.APIVersion, airm.Group+"/") && entry.APIVersion != t.live.GetAPIVersion() {
			entry.APIVersion, owned.hasChanged = t.live.GetAPIVersion(), true
		}
		if err := t.assign(&owned, entry); err != nil {
			return ownership{}, err
		}
	}
	return owned, nil
}

// assign adds the fields of an entry to those that are ours, and keeps the others as its manager's.
func (t takeover) assign(owned *ownership, entry metav1.ManagedFieldsEntry) error {
	fields, err := parseFields(entry)
	if err != nil {
		return err
	}
	if entry.Manager == airm.FieldManager && entry.Subresource == "" {
		owned.ours.add(fields)
		owned.oursSince = entry.Time
		owned.hasChanged = owned.hasChanged || entry.Operation != metav1.ManagedFieldsOperationApply
		return nil
	}
	taken := fieldTree{}
	if entry.Subresource == "" && t.takesFrom(entry) {
		taken = t.fieldsOf(fields)
	}
	if len(taken) > 0 {
		owned.ours.add(taken)
		fields.remove(taken)
		owned.hasChanged = true
		if len(fields) == 0 {
			return nil
		}
		if entry.FieldsV1, err = fields.format(); err != nil {
			return err
		}
	}
	owned.others = append(owned.others, entry)
	return nil
}

// takeOverPatch is a JSON patch of managedFields, bound to the object's resourceVersion; nil where
// nothing is to be done.
func takeOverPatch(t takeover) ([]byte, error) {
	owned, err := t.divide()
	if err != nil || !owned.hasChanged {
		return nil, err
	}
	owned.ours.remove(t.defaults())
	ours := metav1.ManagedFieldsEntry{
		Manager: airm.FieldManager, Operation: metav1.ManagedFieldsOperationApply,
		APIVersion: t.live.GetAPIVersion(), FieldsType: "FieldsV1", Time: owned.oursSince,
	}
	if ours.FieldsV1, err = owned.ours.format(); err != nil {
		return nil, err
	}
	if ours.Time == nil {
		now := metav1.Now()
		ours.Time = &now
	}
	return json.Marshal([]map[string]any{
		{"op": "replace", "path": "/metadata/managedFields", "value": append(owned.others, ours)},
		{"op": "replace", "path": "/metadata/resourceVersion", "value": t.live.GetResourceVersion()},
	})
}

// fieldTree is a set of fields as managedFields writes it (FieldsV1): an object for each field.
type fieldTree map[string]any

func parseFields(entry metav1.ManagedFieldsEntry) (fieldTree, error) {
	fields := fieldTree{}
	if entry.FieldsV1 == nil {
		return fields, nil
	}
	return fields, json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields)
}

func (t fieldTree) format() (*metav1.FieldsV1, error) {
	raw, err := json.Marshal(t)
	return metav1.NewFieldsV1(string(raw)), err
}

// add adds the fields of another set.
func (t fieldTree) add(other fieldTree) {
	for field, below := range other {
		more, _ := below.(map[string]any)
		mine, _ := t[field].(map[string]any)
		union := fieldTree(maps.Clone(mine))
		if union == nil {
			union = fieldTree{}
		}
		union.add(more)
		t[field] = map[string]any(union)
	}
}

// remove removes the fields of another set.
func (t fieldTree) remove(other fieldTree) {
	for field, below := range other {
		mine, exists := t[field].(map[string]any)
		if !exists {
			continue
		}
		rest := fieldTree(maps.Clone(mine))
		more, _ := below.(map[string]any)
		rest.remove(more)
		t[field] = map[string]any(rest)
		if len(rest) == 0 {
			delete(t, field)
		}
	}
}
