// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestIsFullyKnown(t *testing.T) {
	text := map[string]attr.Type{"a": types.MapType{ElemType: types.StringType}, "b": types.ListType{ElemType: types.StringType}}
	object := func(inMap, inList attr.Value) attr.Value {
		return types.ObjectValueMust(text, map[string]attr.Value{
			"a": types.MapValueMust(types.StringType, map[string]attr.Value{"x": inMap}),
			"b": types.ListValueMust(types.StringType, []attr.Value{inList}),
		})
	}
	known, null, unknown := types.StringValue("x"), types.StringNull(), types.StringUnknown()
	for i, c := range []struct {
		value attr.Value
		want  bool
	}{
		{known, true}, {null, true}, {unknown, false},
		{object(known, null), true}, {object(unknown, known), false}, {object(known, unknown), false},
		{types.ObjectNull(text), true}, {types.ObjectUnknown(text), false}, {types.Object{}, true},
	} {
		if got := isFullyKnown(c.value); got != c.want {
			t.Errorf("%d: %t", i, got)
		}
	}
}
