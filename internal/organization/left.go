package organization

import (
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// LeftSecret is a Kubernetes Secret that stayed, with its value, although ESO made it for a copy that is gone: somebody
// took ESO's owner reference away from it.
type LeftSecret struct {
	Cluster string
	Secret  airm.Ref
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

func (r *Registry) noteLeft(left LeftSecret) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = append(r.left, left)
}
