// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package objects

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// The Secrets of removed objects are read in parallel, and all of a cluster within a time: a Secret that stayed deserves a warning, but
// no long wait for a cluster that stopped answering.
const (
	secretsAtOnce  = 32
	secretsTimeout = 30 * time.Second
)

// Removal is the removal of an object from one cluster.
type Removal struct {
	Cluster *cluster.Cluster
	Live    *unstructured.Unstructured
	// Request requests the deletion; nil only deletes. A request may have to hold a lease meanwhile.
	Request func(context.Context) error
	// OneOfMany: others in other projects are removed at the same time, so that all share one watch of the cluster.
	OneOfMany bool
}

// Do deletes the object in the foreground and waits until it, and the Kubernetes Secret that it owns, are gone. If they do not
// go in time, the error says what they wait for. SecretsLeft finds a Secret that stays although it should have gone too.
func (r Removal) Do(ctx context.Context) error {
	ref := cluster.RefOf(r.Live)
	open := r.Cluster.Watch
	if r.OneOfMany {
		open = r.Cluster.WatchAllNamespaces
	}
	watch, err := open(ctx, ref)
	if err != nil {
		return err
	}
	defer watch.Stop()
	request := r.Request
	if request == nil {
		request = func(ctx context.Context) error { return r.Cluster.Delete(ctx, ref, r.Live.GetUID()) }
	}
	if err := request(ctx); err != nil {
		return err
	}
	last, err := watch.Until(ctx, r.Live, func(object *unstructured.Unstructured) (bool, time.Duration) { return object == nil, 0 })
	if err != nil {
		return notDeleted(ctx, r.Cluster, last, err)
	}
	return nil
}

// notDeleted returns the error for an object that was not deleted in time. It says what the object waits for.
func notDeleted(ctx context.Context, c *cluster.Cluster, last *unstructured.Unstructured, ended error) error {
	why := "The operation timed out. "
	if errors.Is(ended, context.Canceled) {
		why = "The run was interrupted. "
	}
	return &cluster.Error{Summary: fmt.Sprintf("%s is not deleted yet", cluster.RefOf(last)), Detail: fmt.Sprintf(
		"%sIt still exists in cluster %q. %s It stays in the state. Fix the cause, then destroy again; or raise timeouts.delete.", why, c.Name(), c.ExplainStuckDeletion(ctx, last))}
}

// SecretsLeft returns the Secrets that ESO made for removed objects of a cluster, and that did not go with them: the garbage
// collector deletes one only as long as its owner reference is there. Those that this user may not look for are not among them.
func SecretsLeft(ctx context.Context, c *cluster.Cluster, removed []*unstructured.Unstructured) []airm.Ref {
	ctx, cancel := context.WithTimeout(ctx, secretsTimeout)
	defer cancel()
	owners := map[airm.Ref]*unstructured.Unstructured{}
	for _, object := range removed {
		if eso.OwnsSecret(object.Object) {
			spec, _ := object.Object["spec"].(map[string]any)
			owners[secretRef(cluster.RefOf(object), spec)] = object
		}
	}
	var left []airm.Ref
	for ref, secret := range existingSecrets(ctx, c, slices.Collect(maps.Keys(owners))) {
		deleted := secret.GetDeletionTimestamp() != nil || eso.IsOwnedBy(secret.Object, string(owners[ref].GetUID()))
		if !deleted && metav1.GetControllerOf(secret) == nil { // otherwise it is another owner's
			left = append(left, ref)
		}
	}
	return left
}

// existingSecrets returns those of the Secrets that exist. It lists all of a name at once if there are several; only where that is
// forbidden, it reads each.
func existingSecrets(ctx context.Context, c *cluster.Cluster, refs []airm.Ref) map[airm.Ref]*unstructured.Unstructured {
	found := map[airm.Ref]*unstructured.Unstructured{}
	byName := map[string][]airm.Ref{}
	for _, ref := range refs {
		byName[ref.Name] = append(byName[ref.Name], ref)
	}
	for name, named := range byName {
		if len(named) > 1 {
			listed, err := c.SecretsNamed(ctx, name)
			for _, ref := range named {
				if secret := listed[ref.Project]; secret != nil {
					found[ref] = secret
				}
			}
			if !cluster.IsForbidden(err) {
				continue
			}
		}
		for _, done := range cluster.Gather(secretsAtOnce, named, func(ref airm.Ref) (*unstructured.Unstructured, error) {
			return c.SecretMetadata(ctx, ref)
		}) {
			if done.Err == nil {
				found[done.Item] = done.Value
			}
		}
	}
	return found
}
