// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
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

// checkTarget keeps ESO from taking over a Secret that is not its own. Live is nil if the object is to be created. If the user may not
// check, it returns the Secret as unseen.
func (t assignmentTarget) checkTarget(
	ctx context.Context, spec map[string]any, live *unstructured.Unstructured, taken takenNames,
) (unseen string, err error) {
	byProject, listed := taken[t.id]
	free := listed && byProject[t.row.Project] == nil
	return objects.CheckTarget(ctx, t.Cluster, objects.Target{ExternalSecret: t.row.Ref(), Spec: spec, Live: live, Free: free})
}
