package cluster

import (
	"context"
	"encoding/json"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// takeOver puts metadata.managedFields of a live object in order before an apply, where that is
// needed:
//   - What our own POST wrote is recorded as an "Update" of ours. It becomes our "Apply", so that a
//     field which is no longer declared is removed (client-go's csaupgrade does the same for kubectl).
//   - Entries of an apiVersion of ESO that is no longer served make every apply fail
//     (kubernetes/kubernetes#111937); they are rewritten to the served one.
func (c *Cluster) takeOver(ctx context.Context, ref secrets.Ref, live *unstructured.Unstructured) error {
	for range 3 {
		patch, err := takeOverPatch(live)
		if patch == nil || err != nil {
			return err
		}
		objects, err := c.objects(ctx, ref.Kind, ref.Project)
		if err != nil {
			return err
		}
		_, err = within(ctx, func(ctx context.Context) (*unstructured.Unstructured, error) {
			return objects.Patch(ctx, ref.Name, types.JSONPatchType, patch, metav1.PatchOptions{FieldManager: secrets.FieldManager})
		})
		if !apierrors.IsConflict(err) {
			return c.explain("take over the fields of", ref.String(), err)
		}
		fresh, err := c.Get(ctx, ref)
		if err != nil {
			return err
		}
		if fresh.GetUID() != live.GetUID() {
			return nil // the apply itself tells that this is another object
		}
		live = fresh
	}
	return nil // somebody writes all the time; the apply works, only removed fields would stay
}

// takeOverPatch is a JSON patch of managedFields, bound to the object's resourceVersion; nil where
// nothing is to be done.
func takeOverPatch(live *unstructured.Unstructured) ([]byte, error) {
	upgraded := live.DeepCopy()
	if err := csaupgrade.UpgradeManagedFields(upgraded, sets.New(secrets.FieldManager), secrets.FieldManager); err != nil {
		return nil, err
	}
	fields := upgraded.GetManagedFields()
	changed := hasUpdateEntry(live.GetManagedFields())
	for i := range fields {
		if strings.HasPrefix(fields[i].APIVersion, secrets.Group+"/") && fields[i].APIVersion != live.GetAPIVersion() {
			fields[i].APIVersion = live.GetAPIVersion()
			changed = true
		}
	}
	if !changed {
		return nil, nil
	}
	return json.Marshal([]map[string]any{
		{"op": "replace", "path": "/metadata/managedFields", "value": fields},
		{"op": "replace", "path": "/metadata/resourceVersion", "value": live.GetResourceVersion()},
	})
}

func hasUpdateEntry(fields []metav1.ManagedFieldsEntry) bool {
	for _, entry := range fields {
		if entry.Manager == secrets.FieldManager && entry.Operation == metav1.ManagedFieldsOperationUpdate && entry.Subresource == "" {
			return true
		}
	}
	return false
}
