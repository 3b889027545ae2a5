// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Where ESO writes an object of another kind, there is no Secret whose name could be said.
func TestPlannedSecretName(t *testing.T) {
	kinds := map[string]attr.Type{"api_version": types.StringType, "kind": types.StringType}
	kind := func(version string, kind attr.Value) attr.Value {
		return types.ObjectValueMust(kinds, map[string]attr.Value{"api_version": types.StringValue(version), "kind": kind})
	}
	for name, test := range map[string]struct{ manifest, want attr.Value }{
		"Secret":             {types.ObjectNull(kinds), types.StringValue("x")},
		"ConfigMap":          {kind("v1", types.StringValue("ConfigMap")), types.StringNull()},
		"Secret as manifest": {kind("v1", types.StringValue("Secret")), types.StringValue("x")},
		"unknown kind":       {kind("v1", types.StringUnknown()), types.StringUnknown()},
		"unknown manifest":   {types.ObjectUnknown(kinds), types.StringUnknown()},
	} {
		m := &projectSecretModel{}
		m.Project, m.Name = types.StringValue("team-a"), types.StringValue("db")
		m.Target = types.ObjectValueMust(map[string]attr.Type{"name": types.StringType, "manifest": types.ObjectType{AttrTypes: kinds}},
			map[string]attr.Value{"name": types.StringValue("x"), "manifest": test.manifest})
		if got := m.plannedSecretName(nil); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
