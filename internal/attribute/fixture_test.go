// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package attribute

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The tests have a mapping with one of everything: an attribute under another path, a map that is a list in ESO, a default,
// lists, nested objects, and JSON that takes what other attributes leave.

func objectType(attrTypes map[string]attr.Type) types.ObjectType {
	return types.ObjectType{AttrTypes: attrTypes}
}

var (
	storeType = objectType(map[string]attr.Type{"name": types.StringType, "kind": types.StringType})
	entryType = objectType(map[string]attr.Type{
		"key": types.StringType, "store": storeType, "api_version": types.StringType,
	})
	targetType = objectType(map[string]attr.Type{
		"immutable": types.BoolType, "count": types.Int64Type,
		"labels": types.MapType{ElemType: types.StringType}, "finalizers": types.ListType{ElemType: types.StringType},
	})
)

var testMapping = Mapping{
	Types: map[string]attr.Type{
		"store":            storeType,
		"refresh_interval": types.StringType,
		"data":             types.MapType{ElemType: entryType},
		"sources":          types.ListType{ElemType: entryType},
		"target":           targetType,
		"vault":            objectType(map[string]attr.Type{"path": types.StringType}),
		"other":            jsontypes.NormalizedType{},
	},
	Paths: map[string]string{
		"store":           "secretStoreRef",
		"data.*.key":      "remoteRef.key",
		"data.*.store":    "sourceRef.storeRef",
		"sources.*.store": "sourceRef.storeRef",
		"target.labels":   "metadata.labels",
		"vault":           "provider.vault",
		"other":           "provider",
	},
	Keyed:    map[string]string{"data": "secretKey"},
	Defaults: map[string]any{"store.kind": "ClusterSecretStore", "data.*.store.kind": "ClusterSecretStore"},
}

// objectOf makes an object that is null but for the given attributes.
func objectOf(t *testing.T, of types.ObjectType, set map[string]attr.Value) types.Object {
	t.Helper()
	attrs := map[string]attr.Value{}
	for name, typ := range of.AttrTypes {
		attrs[name] = Null(t.Context(), typ)
		if v, ok := set[name]; ok {
			attrs[name] = v
		}
	}
	return types.ObjectValueMust(of.AttrTypes, attrs)
}
