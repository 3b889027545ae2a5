// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// takenNames are the Secrets of the target's name, by the cluster's identity and the project. A cluster that could not list them
// is missing.
type takenNames map[string]map[string]*unstructured.Unstructured

// listTakenNames lists them once for many targets.
func listTakenNames(ctx context.Context, spec map[string]any, where []*runCopy) takenNames {
	found := takenNames{}
	if len(where) < 2 || !eso.WipesExistingSecret(spec) {
		return found
	}
	clusters := map[string]*cluster.Cluster{}
	for _, t := range where {
		clusters[t.id] = t.Cluster
	}
	name := eso.TargetSecretName(where[0].row.Ref(), spec)
	for id, c := range clusters {
		if byProject, err := c.SecretsNamed(ctx, name); err == nil {
			found[id] = byProject
		}
	}
	return found
}

// assignmentTarget is an assignment in one of its clusters.
type assignmentTarget struct {
	target
	row *Row
}

// checkTarget keeps ESO from taking over a Secret that is not its own. Live is nil if the object is to be created. If the user may not
// check, it returns the Secret as unseen.
func (t assignmentTarget) checkTarget(
	ctx context.Context, spec map[string]any, live *unstructured.Unstructured, taken takenNames,
) (unseen string, err error) {
	byProject, listed := taken[t.id]
	free := listed && byProject[t.row.Project] == nil
	return objects.CheckTarget(ctx, t.Cluster, objects.Target{ExternalSecret: t.row.Ref(), Spec: spec, Live: live, Free: free})
}

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

// findCopy reads the copy of an assignment, nil if there is none. An object that has only some marks of a copy is an error: a copy must
// not be forgotten because its marks were removed.
func (t assignmentTarget) findCopy(ctx context.Context, organization string) (*unstructured.Unstructured, error) {
	live, err := t.Get(ctx, t.row.Ref())
	switch {
	case cluster.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	case t.row.IsCopy(live.Object, t.id, organization):
		return live, nil
	case !airm.HasLabel(live.Object) && (t.row.Copies[t.id].UID != "" || !airm.HasMark(live.Object)):
		return nil, nil // the copy, whose UID is recorded, is gone; or this never was a copy
	}
	return nil, refuse(fmt.Sprintf("%s is not recognized", t.row.Ref()),
		"Cluster %q has an ExternalSecret of that name with some, but not all, of the labels and annotations of a copy of an organization secret. Neither the object nor the record of the assignment was changed. If the object is the copy, delete it by hand; otherwise remove its labels and annotations terraform-provider-airm/organization*. Then run again.", t.Name())
}
