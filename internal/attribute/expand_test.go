// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package attribute

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
)

func TestExpand(t *testing.T) {
	got := testMapping.Expand(map[string]attr.Value{
		"id":               types.StringValue("not an argument of the mapping"),
		"store":            objectOf(t, storeType, map[string]attr.Value{"name": types.StringValue("vault")}),
		"refresh_interval": types.StringUnknown(),
		"data": types.MapValueMust(entryType, map[string]attr.Value{
			"PASSWORD": objectOf(t, entryType, map[string]attr.Value{
				"key":   types.StringValue("db"),
				"store": objectOf(t, storeType, map[string]attr.Value{"name": types.StringValue("s"), "kind": types.StringValue("SecretStore")}),
			}),
			"A":     objectOf(t, entryType, map[string]attr.Value{"api_version": types.StringValue("v1")}),
			"LATER": types.ObjectUnknown(entryType.AttrTypes),
		}),
		"target": objectOf(t, targetType, map[string]attr.Value{
			"immutable": types.BoolValue(true), "count": types.Int64Value(2),
			"labels":     types.MapValueMust(types.StringType, map[string]attr.Value{"a": types.StringValue("b")}),
			"finalizers": types.ListValueMust(types.StringType, nil),
		}),
	})
	want := acctest.ParseYAML(t, `
secretStoreRef: {name: vault, kind: ClusterSecretStore}
data:
- {secretKey: A, apiVersion: v1}
- {secretKey: PASSWORD, remoteRef: {key: db}, sourceRef: {storeRef: {name: s, kind: SecretStore}}}
target: {immutable: true, count: 2, metadata: {labels: {a: b}}, finalizers: []}
`)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestExpandLeavesOutAnUnknownDefault(t *testing.T) {
	store := objectOf(t, storeType, map[string]attr.Value{"kind": types.StringUnknown()})
	got := testMapping.Expand(map[string]attr.Value{"store": store})
	if want := acctest.ParseYAML(t, `secretStoreRef: {}`); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestExpandSortsSets(t *testing.T) {
	set := types.SetValueMust(types.StringType, []attr.Value{types.StringValue("b"), types.StringValue("a")})
	s := Mapping{Types: map[string]attr.Type{"names": set.Type(t.Context())}}
	got := s.Expand(map[string]attr.Value{"names": set})
	if want := map[string]any{"names": []any{"a", "b"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
