// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"reflect"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// Only references to stores lose their kind, whatever else is called so.
func TestWithoutDefaultKind(t *testing.T) {
	spec := func(withKind bool) map[string]any {
		store := func() map[string]any {
			ref := map[string]any{"name": "vault"}
			if withKind {
				ref["kind"] = airm.KindClusterSecretStore
			}
			return ref
		}
		return map[string]any{
			"secretStoreRef": store(),
			"data":           []any{map[string]any{"secretKey": "kind", "sourceRef": map[string]any{"storeRef": store()}}},
			"dataFrom": []any{
				map[string]any{"sourceRef": map[string]any{"storeRef": store()}},
				map[string]any{"sourceRef": map[string]any{"generatorRef": map[string]any{"kind": airm.KindClusterSecretStore}}},
			},
			"target": map[string]any{"template": map[string]any{"data": map[string]any{"kind": airm.KindClusterSecretStore}}},
		}
	}
	before := spec(true)
	if got := withoutDefaultKind(before); !reflect.DeepEqual(got, spec(false)) {
		t.Errorf("it became %v", got)
	}
	if !reflect.DeepEqual(before, spec(true)) {
		t.Errorf("the argument became %v", before)
	}
}
