// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The time of a request is that of the entry that its patch made, whatever other entries a user has put beside it.
func TestTimeOfASyncRequest(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 300, time.UTC)
	requested, future := now.Truncate(time.Second).Add(-time.Second), now.AddDate(70, 0, 0)
	entry := func(at time.Time, change func(*metav1.ManagedFieldsEntry)) metav1.ManagedFieldsEntry {
		made := metav1.ManagedFieldsEntry{
			Manager: syncManager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "external-secrets.io/v1", Time: &metav1.Time{Time: at},
		}
		change(&made)
		return made
	}
	noTime := entry(now, func(made *metav1.ManagedFieldsEntry) { made.Time = nil })
	ours := entry(requested, func(*metav1.ManagedFieldsEntry) {})
	for name, test := range map[string]struct {
		entries []metav1.ManagedFieldsEntry
		want    time.Time
	}{
		"ours": {[]metav1.ManagedFieldsEntry{ours}, requested},
		"forged": {[]metav1.ManagedFieldsEntry{
			entry(future, func(forged *metav1.ManagedFieldsEntry) { forged.Operation = metav1.ManagedFieldsOperationApply }),
			entry(future, func(forged *metav1.ManagedFieldsEntry) { forged.APIVersion = "external-secrets.io/v1beta1" }),
			entry(future, func(forged *metav1.ManagedFieldsEntry) { forged.Subresource = "status" }),
			entry(future, func(forged *metav1.ManagedFieldsEntry) { forged.Manager = "kubectl-edit" }),
			ours,
		}, requested},
		"in the future": {[]metav1.ManagedFieldsEntry{entry(future, func(*metav1.ManagedFieldsEntry) {})}, now.Truncate(time.Second)},
		"none":          {nil, now.Truncate(time.Second)},
		"no time":       {[]metav1.ManagedFieldsEntry{noTime}, now.Truncate(time.Second)},
	} {
		patched := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret"}}
		patched.SetManagedFields(test.entries)
		if got := syncRequestedAt(patched, now); !got.Equal(test.want) {
			t.Errorf("%s: %s, not %s", name, got, test.want)
		}
	}
}
