package cluster

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// Confirm takes the mark of an unfinished create off this very object, and returns the server's.
func (c *Cluster) Confirm(ctx context.Context, ref secrets.Ref, live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	objects, err := c.objects(ctx, ref.Kind, ref.Project)
	if err != nil {
		return nil, err
	}
	patch := fmt.Sprintf(`{"metadata":{"uid":%q,"annotations":{%q:null}}}`, live.GetUID(), secrets.AnnotationUnconfirmed)
	c.reads.wrote(ref)
	confirmed, err := within(ctx, func(ctx context.Context) (*unstructured.Unstructured, error) {
		return objects.Patch(ctx, ref.Name, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: secrets.FieldManager})
	})
	return confirmed, c.explain("update", ref.String(), err)
}
