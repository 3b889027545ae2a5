// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// copyWriter writes the objects of assignments. With force, fields of other field managers are taken over.
type copyWriter struct{ force bool }

// write brings a live copy to what the records say: its whole spec, labels and annotations, whichever field manager changed them.
func (w *copyWriter) write(
	ctx context.Context, t assignmentTarget, live *unstructured.Unstructured, desired map[string]any, taken takenNames,
) (object *unstructured.Unstructured, unseen string, err error) {
	spec := jsonvalue.MapAt(desired, "spec")
	if unseen, err = t.checkTarget(ctx, spec, live, taken); err != nil {
		return nil, "", err
	}
	written, err := w.objectWrite(t, live, desired).Do(ctx)
	return written.Object, unseen, err
}

// objectWrite is the write of a copy, where live is nil its create.
func (w *copyWriter) objectWrite(t assignmentTarget, live *unstructured.Unstructured, desired map[string]any) objects.Write {
	return objects.Write{Cluster: t.Cluster, Ref: t.row.Ref(), Live: live,
		Render:  func(map[string]any) map[string]any { return desired },
		Options: cluster.ApplyOptions{ForceConflicts: w.force, Whole: true}}
}
