package organization

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// takenNames are the projects that have a Kubernetes Secret of the target's name, by cluster. A cluster
// where they could not be listed is missing.
type takenNames map[string]map[string]bool

// takenNames lists them once for many.
func (r *Registry) takenNames(ctx context.Context, spec map[string]any, where []assignmentTarget) takenNames {
	found := takenNames{}
	if len(where) < 2 || !secrets.WipesExistingSecret(spec) {
		return found
	}
	places := map[string]place{}
	for _, t := range where {
		places[t.id] = t.place
	}
	name := secrets.TargetSecretName(where[0].row.Ref(), spec)
	for id, p := range places {
		if byProject, err := p.SecretsNamed(ctx, name); err == nil {
			found[id] = byProject
		}
	}
	return found
}

// assignmentTarget is an assignment in one of its clusters.
type assignmentTarget struct {
	place
	row *Row
}

// guard keeps ESO from taking over a Secret that is not its own. It comes before every write that makes ESO write another
// Secret than before: a create, another target.name, a creation policy that replaces what is there. Live is nil where
// the object is to be created. Where nobody may look, it names the Secret.
func (t assignmentTarget) guard(ctx context.Context, spec map[string]any, live *unstructured.Unstructured, taken takenNames) (unseen string, err error) {
	if !secrets.WipesExistingSecret(spec) || live != nil && secrets.WritesSecretOf(t.row.Ref(), live.Object, spec) {
		return "", nil
	}
	name := secrets.TargetSecretName(t.row.Ref(), spec)
	if byProject, listed := taken[t.id]; listed && live == nil && !byProject[t.row.Project] {
		return "", nil
	}
	ref := secrets.Ref{Kind: secrets.KindSecret, Project: t.row.Project, Name: name}
	found, err := t.SecretMetadata(ctx, ref)
	switch {
	case cluster.IsNotFound(err):
		return "", nil
	case cluster.IsForbidden(err):
		return ref.ID(), nil
	case err != nil:
		return "", err
	case live != nil && secrets.IsOwnedBy(found.Object, string(live.GetUID())):
		return "", nil
	case found.GetDeletionTimestamp() != nil:
		return "", refuse(fmt.Sprintf("%s is still being deleted", ref),
			"External Secrets Operator is to write a Kubernetes Secret of that name in cluster %q, and could take it over before it is gone. %s Nothing was written for this project. Apply again once it is gone.",
			t.Name(), t.ExplainDeletion(ctx, found))
	}
	return "", refuse(fmt.Sprintf("%s already exists", ref),
		"External Secrets Operator would take over the Kubernetes Secret in cluster %q and replace its data. Nothing was written for this project. "+
			"Choose another target.name, set target.creation_policy = \"Merge\", or remove that Secret first.", t.Name())
}

// write brings a live copy to what the records say: its whole spec, labels and annotations, by whatever manager they were changed.
func (r *Registry) write(ctx context.Context, t assignmentTarget, live *unstructured.Unstructured, desired map[string]any, taken takenNames) (object *unstructured.Unstructured, unseen string, err error) {
	spec, _ := desired["spec"].(map[string]any)
	if unseen, err = t.guard(ctx, spec, live, taken); err != nil {
		return nil, "", err
	}
	if live, err = t.Identify(ctx, t.row.Ref(), live, desired); err != nil {
		return nil, "", err
	}
	object, err = t.Apply(ctx, t.row.Ref(), live, desired, cluster.Applying{Force: r.force, Whole: true})
	return object, unseen, err
}
