package cluster

import (
	"context"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// Confirm takes the mark of an unfinished create off this very object, and returns the server's.
func (c *Cluster) Confirm(ctx context.Context, ref secrets.Ref, live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return c.annotate(ctx, ref, live, secrets.AnnotationUnconfirmed, nil)
}

// Register has AIRM register this very object, which its webhook has kept from that on the create, and returns the
// server's.
func (c *Cluster) Register(ctx context.Context, ref secrets.Ref, live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return c.annotate(ctx, ref, live, secrets.AnnotationAutoDiscovered, "true")
}

// annotate sets an annotation of this very object, or takes it off where value is nil.
func (c *Cluster) annotate(ctx context.Context, ref secrets.Ref, live *unstructured.Unstructured, key string, value any) (*unstructured.Unstructured, error) {
	objects, err := c.objects(ctx, ref.Kind, ref.Project)
	if err != nil {
		return nil, err
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": live.GetUID(), "annotations": map[string]any{key: value}}})
	if err != nil {
		return nil, err
	}
	c.reads.wrote(ref)
	annotated, err := within(ctx, func(ctx context.Context) (*unstructured.Unstructured, error) {
		return objects.Patch(ctx, ref.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: secrets.FieldManager})
	})
	return annotated, c.explain("update", ref.String(), err)
}

// TrackingID returns the id by which AIRM's agent knows the object at ref; empty where neither the cluster nor the project
// can be identified.
func (c *Cluster) TrackingID(ctx context.Context, ref secrets.Ref) string {
	if id, err := c.ID(ctx); id != "" || err != nil {
		return secrets.TrackingID(id, ref)
	}
	found, err := c.Project(ctx, ref.Project)
	if err != nil {
		return ""
	}
	return secrets.TrackingID(found.UID, ref)
}
