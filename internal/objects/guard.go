// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package objects

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// Target is the Kubernetes Secret that ESO is to write for an ExternalSecret.
type Target struct {
	ExternalSecret airm.Ref
	Spec           map[string]any             // of the ExternalSecret, as it is to be
	Live           *unstructured.Unstructured // the ExternalSecret, nil where it is to be created
	// Free: a list of the cluster's Secrets has none of that name, so that a create need not ask.
	Free bool
}

// TargetError is the refusal of CheckTarget.
type TargetError struct{ refusal *cluster.Error }

func (e *TargetError) Error() string { return e.refusal.Error() }

// Unwrap returns the refusal as an error of the cluster.
func (e *TargetError) Unwrap() error { return e.refusal }

// CheckTarget keeps ESO from taking over, and wiping, a Secret that is not its own: that is a *TargetError. It comes before
// every write that makes ESO write another Secret than before: a create, another target.name, a creation policy that replaces
// what is there. The live object shows what ESO does now. A create is not refused if the object exists already: the Secret may
// be that of the object, and the create finds it. Where this user may not look, CheckTarget returns the namespace and name of the
// Secret.
func CheckTarget(ctx context.Context, c *cluster.Cluster, t Target) (unseen string, err error) {
	if !eso.WipesExistingSecret(t.Spec) || t.Live != nil && eso.WritesSecretOf(t.ExternalSecret, t.Live.Object, t.Spec) {
		return "", nil
	}
	if t.Free && t.Live == nil {
		return "", nil
	}
	ref := secretRef(t.ExternalSecret, t.Spec)
	found, err := c.SecretMetadata(ctx, ref)
	switch {
	case cluster.IsNotFound(err):
		return "", nil
	case cluster.IsForbidden(err):
		return ref.ID(), nil
	case err != nil:
		return "", err
	case t.Live != nil && eso.IsOwnedBy(found.Object, string(t.Live.GetUID())):
		return "", nil
	}
	if t.Live == nil {
		if _, err := c.Get(ctx, t.ExternalSecret); err == nil {
			return "", nil
		}
	}
	return "", refuseTarget(ctx, c, ref, found)
}

// refuseTarget returns the refusal to have ESO write a Secret that exists.
func refuseTarget(ctx context.Context, c *cluster.Cluster, ref airm.Ref, secret *unstructured.Unstructured) *TargetError {
	if secret.GetDeletionTimestamp() != nil {
		return &TargetError{&cluster.Error{Summary: fmt.Sprintf("%s is still being deleted", ref), Detail: fmt.Sprintf(
			"External Secrets Operator will write a Kubernetes Secret of that name in cluster %q, and could take over the old one before it is deleted. %s Nothing was written there. Apply again after the deletion.",
			c.Name(), c.ExplainDeletion(ctx, secret))}}
	}
	return &TargetError{&cluster.Error{Summary: fmt.Sprintf("%s already exists", ref), Detail: fmt.Sprintf(
		"External Secrets Operator would take over this Kubernetes Secret in cluster %q, replace its data, and delete it together with the ExternalSecret. Nothing was written there. "+
			"Choose another target.name, set target.creation_policy = \"Merge\" to add keys to it, or remove that Secret first.", c.Name())}}
}

// secretRef is the Secret that ESO writes for a spec.
func secretRef(externalSecret airm.Ref, spec map[string]any) airm.Ref {
	return airm.Ref{Kind: eso.KindSecret, Project: externalSecret.Project, Name: eso.TargetSecretName(externalSecret, spec)}
}
