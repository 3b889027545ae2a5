package organization

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// LeftSecret is a Kubernetes Secret that stayed, with its value, although ESO made it for a copy that is gone: somebody
// took ESO's owner reference away from it.
type LeftSecret struct {
	Cluster, Project, Name string
}

// Left returns the Secrets that this registry's removals left behind.
func (r *Registry) Left() []LeftSecret {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.left
}

// Unseen returns the Secrets that nobody could look for before an update made ESO write them, because that is forbidden.
func (r *Registry) Unseen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.unseen
}

func (r *Registry) noteUnseen(secret string) {
	if secret == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unseen = append(r.unseen, secret)
}

// lookForSecret notes a Secret that should have gone with a copy. Where this user may not look, nobody knows of one.
func (r *Registry) lookForSecret(ctx context.Context, p place, row *Row, removed *unstructured.Unstructured) {
	if !secrets.OwnsSecret(removed.Object) {
		return
	}
	spec, _, _ := unstructured.NestedMap(removed.Object, "spec")
	name := secrets.TargetSecretName(row.Ref(), spec)
	left, err := p.SecretMetadata(ctx, secrets.Ref{Kind: secrets.KindSecret, Project: row.Project, Name: name})
	if err != nil || left.GetDeletionTimestamp() != nil || len(left.GetOwnerReferences()) > 0 {
		return // gone, going, or somebody else's
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = append(r.left, LeftSecret{Cluster: p.Name(), Project: row.Project, Name: name})
}
