package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// What becomes of the Kubernetes Secret of a project secret.

// targetRef is the Secret that ESO writes for a spec.
func (m *projectSecretModel) targetRef(spec map[string]any) secrets.Ref {
	return secrets.Ref{Kind: secrets.KindSecret, Project: m.Project.ValueString(), Name: secrets.TargetSecretName(m.ref(), spec)}
}

// preflight makes sure that ESO will not take over, and wipe, a Secret that is there already under the target's name. What
// ESO does now, the live object says; the state may be older.
func (m *projectSecretModel) preflight(ctx context.Context, c *cluster.Cluster, live *unstructured.Unstructured) diag.Diagnostics {
	var diags diag.Diagnostics
	target := m.targetRef(m.spec())
	if !secrets.WipesExistingSecret(m.spec()) || live != nil && m.writesAlready(live, target) {
		return diags
	}
	existing, err := c.SecretMetadata(ctx, target)
	switch {
	case cluster.IsNotFound(err):
	case cluster.IsForbidden(err):
		warnUnseen(&diags, target.ID())
	case err != nil:
		addError(&diags, err)
	case live != nil && isOwnedBy(existing, live):
	case live == nil && m.exists(ctx, c): // the create will say what to do about that
	case existing.GetDeletionTimestamp() != nil:
		diags.AddAttributeError(path.Root("target"), fmt.Sprintf("%s is still being deleted", target), fmt.Sprintf(
			"External Secrets Operator is to write a Kubernetes Secret of that name in cluster %q, and could take it over before it is gone. %s Nothing was written. Apply again once it is gone.",
			c.Name(), c.ExplainDeletion(ctx, existing)))
	default:
		diags.AddAttributeError(path.Root("target"), fmt.Sprintf("%s already exists", target),
			fmt.Sprintf("External Secrets Operator would take over the Kubernetes Secret in cluster %q and replace its data, and delete it together with this resource. "+
				"Nothing was written. Choose another target.name, set target.creation_policy = \"Merge\" to add keys to it, or remove that Secret first.", c.Name()))
	}
	return diags
}

// writesAlready reports whether the live object has ESO write this very Secret, as its owner.
func (m *projectSecretModel) writesAlready(live *unstructured.Unstructured, target secrets.Ref) bool {
	spec := nested(live.Object, "spec")
	return m.targetRef(spec) == target && secrets.WipesExistingSecret(spec)
}

func (m *projectSecretModel) exists(ctx context.Context, c *cluster.Cluster) bool {
	_, err := c.Get(ctx, m.ref())
	return err == nil
}

func isOwnedBy(object, owner *unstructured.Unstructured) bool {
	for _, reference := range object.GetOwnerReferences() {
		if reference.UID == owner.GetUID() {
			return true
		}
	}
	return false
}

// secretCompanions is the Kubernetes Secret of a project secret.
type secretCompanions struct {
	alone
	model   *projectSecretModel
	cluster *cluster.Cluster
}

// removed warns of a Secret that ESO owned and that did not go with the ExternalSecret: the garbage collector deletes it
// only as long as the owner reference is there.
func (s secretCompanions) removed(ctx context.Context, last *unstructured.Unstructured) diag.Diagnostics {
	var diags diag.Diagnostics
	spec := nested(last.Object, "spec")
	synced := secrets.ExternalSecretSync(last.Object, time.Time{}, time.Now()).LastSynced
	if policy, _ := nested(spec, "target")["creationPolicy"].(string); policy != "" && policy != "Owner" || synced.IsZero() {
		return diags
	}
	target := s.model.targetRef(spec)
	left, err := s.cluster.SecretMetadata(ctx, target)
	if err != nil || metav1.GetControllerOf(left) != nil || isOwnedBy(left, last) || left.GetDeletionTimestamp() != nil {
		return diags // gone, going, somebody else's, or not for this user to see
	}
	warnSecretLeft(&diags, s.cluster.Name(), target.Project, target.Name)
	return diags
}

// warnSecretLeft warns of a Secret that stayed although the ExternalSecret that owned it is gone.
func warnSecretLeft(diags *diag.Diagnostics, cluster, project, name string) {
	diags.AddWarning(fmt.Sprintf("Secret %s/%s is still there", project, name), fmt.Sprintf(
		"The ExternalSecret was deleted from cluster %q, but its Kubernetes Secret stays, with its value: somebody removed the owner reference by which Kubernetes would have deleted it too. "+
			"If nobody needs it, delete it: kubectl --namespace %s delete secret %s", cluster, project, name))
}
