// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package attribute

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestExpandSortsSets(t *testing.T) {
	set := types.SetValueMust(types.StringType, []attr.Value{types.StringValue("b"), types.StringValue("a")})
	s := Mapping{Types: map[string]attr.Type{"names": set.Type(t.Context())}}
	got := s.Expand(map[string]attr.Value{"names": set})
	if want := map[string]any{"names": []any{"a", "b"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
