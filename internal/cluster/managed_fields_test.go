// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// An adoption takes the fields of a manager that applies them only where the object is as declared: entries that nothing declares, which
// would be fetched, are not, whichever list they are in.
func TestAdoptionTakesNoUndeclaredEntries(t *testing.T) {
	t.Parallel()
	entry := []any{map[string]any{"secretKey": "a", "remoteRef": map[string]any{"key": "a"}}}
	find := []any{map[string]any{"find": map[string]any{"name": map[string]any{"regexp": "."}}}}
	spec := func(change func(spec map[string]any)) map[string]any {
		made := map[string]any{"secretStoreRef": map[string]any{"name": "vault"}}
		change(made)
		return made
	}
	data := spec(func(s map[string]any) { s["data"] = entry })
	dataFrom := spec(func(s map[string]any) { s["dataFrom"] = find })
	both := spec(func(s map[string]any) { s["data"], s["dataFrom"] = entry, find })
	slower := spec(func(s map[string]any) { s["data"], s["refreshInterval"] = entry, "5h" })
	other := spec(func(s map[string]any) { s["data"], s["secretStoreRef"] = entry, map[string]any{"name": "other"} })
	const applies, updates = metav1.ManagedFieldsOperationApply, metav1.ManagedFieldsOperationUpdate
	for name, test := range map[string]struct {
		declared, live map[string]any
		operation      metav1.ManagedFieldsOperationType
		taken          bool
	}{
		"as declared":              {data, data, applies, true},
		"data beside dataFrom":     {dataFrom, both, applies, false},
		"dataFrom beside data":     {data, both, applies, false},
		"of one that updates":      {data, both, updates, true},
		"another field of its own": {data, slower, applies, true},
		"another value of a field": {data, other, applies, false},
	} {
		t.Run(name, func(t *testing.T) {
			live := &unstructured.Unstructured{Object: map[string]any{
				"apiVersion": airm.Group + "/v1", "kind": airm.KindExternalSecret, "spec": test.live,
			}}
			live.SetManagedFields([]metav1.ManagedFieldsEntry{{
				Manager: "team", Operation: test.operation, APIVersion: airm.Group + "/v1", FieldsType: "FieldsV1",
				FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:data":{},"f:dataFrom":{},"f:secretStoreRef":{"f:name":{}}}}`),
			}})
			desired := map[string]any{"apiVersion": airm.Group + "/v1", "kind": airm.KindExternalSecret, "spec": test.declared}
			patch, err := takeOverPatch(takeover{live: live, desired: desired, adopt: true})
			if err != nil {
				t.Fatal(err)
			}
			if taken := strings.Contains(string(patch), airm.FieldManager); taken != test.taken {
				t.Errorf("taken over: %t; the patch is %s", taken, patch)
			}
		})
	}
}
