package organization

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// takenNames are the projects that have a Kubernetes Secret of the target's name, by cluster. A cluster
// where they could not be listed is missing.
type takenNames map[string]map[string]bool

// takenNames lists them once for many.
func (r *Registry) takenNames(ctx context.Context, spec map[string]any, where []runTarget) takenNames {
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

// checkTarget keeps ESO from taking over a Secret that is not its own. Live is nil where the object is to be created. Where
// nobody may look, it names the Secret.
func (t assignmentTarget) checkTarget(ctx context.Context, spec map[string]any, live *unstructured.Unstructured, taken takenNames) (unseen string, err error) {
	byProject, listed := taken[t.id]
	return objects.CheckTarget(ctx, t.Cluster, objects.Target{ExternalSecret: t.row.Ref(), Spec: spec, Live: live, Free: listed && !byProject[t.row.Project]})
}

// write brings a live copy to what the records say: its whole spec, labels and annotations, by whatever manager they were changed.
func (r *Registry) write(ctx context.Context, t assignmentTarget, live *unstructured.Unstructured, desired map[string]any, taken takenNames) (object *unstructured.Unstructured, unseen string, err error) {
	spec, _ := desired["spec"].(map[string]any)
	if unseen, err = t.checkTarget(ctx, spec, live, taken); err != nil {
		return nil, "", err
	}
	if live, err = t.Identify(ctx, t.row.Ref(), live, desired); err != nil {
		return nil, "", err
	}
	object, err = t.Apply(ctx, t.row.Ref(), live, desired, cluster.ApplyOptions{ForceConflicts: r.force, Whole: true})
	return object, unseen, err
}
