// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

const (
	// maxNotified bounds the secrets that are synced after a change of their store; the others follow at ESO's
	// own next try.
	maxNotified = 500
	// notifiedAtOnce bounds the requests at a time.
	notifiedAtOnce = 32
	// maxNamed bounds the secrets that an error lists.
	maxNamed = 20
)

// users finds the ExternalSecrets that use the store and are not being deleted.
func (s storeDependents) users(ctx context.Context) ([]unstructured.Unstructured, error) {
	all, err := s.cluster.List(ctx, airm.KindExternalSecret, s.Project.ValueString(), "")
	var users []unstructured.Unstructured
	for _, object := range all {
		if eso.UsesStore(object.Object, s.ref()) && object.GetDeletionTimestamp() == nil {
			users = append(users, object)
		}
	}
	return users, err
}

// notifyUsers has ESO synchronize our secrets that use the store and are not synced: it does not watch stores, and its next retry
// may be minutes later.
func (s storeDependents) notifyUsers(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	users, err := s.users(ctx)
	if err != nil {
		return diags // not ours to see; ESO tries again by itself
	}
	var waiting []airm.Ref
	for _, user := range users {
		synced := eso.ExternalSecretSync(user.Object, time.Time{}, s.cluster.Now()).Status == airm.Synced
		if !synced && eso.Managed(user.Object) && len(waiting) < maxNotified {
			waiting = append(waiting, airm.Ref{Kind: airm.KindExternalSecret, Project: user.GetNamespace(), Name: user.GetName()})
		}
	}
	failed := 0
	request := func(ref airm.Ref) (time.Time, error) { return s.cluster.RequestSync(ctx, ref) }
	for _, requested := range cluster.Gather(notifiedAtOnce, waiting, request) {
		if err := requested.Err; err != nil && !cluster.IsNotFound(err) && !cluster.IsForbidden(err) {
			failed++
		}
	}
	if failed > 0 {
		diags.AddWarning(fmt.Sprintf("Not all secrets of %s were synced after its change", s.ref()),
			fmt.Sprintf("The provider could not request a sync of %d of %d secrets that are not synced. External Secrets Operator retries by itself within minutes.", failed, len(waiting)))
	}
	return diags
}

// checkDelete refuses to delete a store that secrets use.
func (s storeDependents) checkDelete(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	users, err := s.users(ctx)
	switch {
	case cluster.IsForbidden(err):
		diags.AddWarning(fmt.Sprintf("Could not look for secrets that use %s", s.ref()),
			"This user may not list ExternalSecrets (permission denied). Secrets that use the store keep their Kubernetes Secret, but are no longer synced with the backend.")
		return diags
	case err != nil:
		addError(&diags, err)
		return diags
	case len(users) == 0:
		return diags
	}
	diags.AddError(fmt.Sprintf("%s is still used", s.ref()), fmt.Sprintf(
		"Cluster %q has secrets that get their values from it: %s. Without the store, they would no longer be synced with the backend. Nothing was deleted. Delete these secrets or change their store first. To replace the store with one of another name, set create_before_destroy in its lifecycle.", s.cluster.Name(), objectNames(users)))
	return diags
}

// objectNames lists objects, at most maxNamed of them.
func objectNames(objects []unstructured.Unstructured) string {
	var listed []string
	for _, object := range objects[:min(len(objects), maxNamed)] {
		listed = append(listed, object.GetNamespace()+"/"+object.GetName())
	}
	text := strings.Join(listed, ", ")
	if rest := len(objects) - maxNamed; rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text
}
