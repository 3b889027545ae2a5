// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// ContentDifferences returns the paths at which two live objects, the copies of one in two clusters, declare something else:
// what an apply would overwrite if one of them were imported for both. Defaults, the order of data, and what others put on
// an object do not count.
func ContentDifferences(a, b map[string]any) []jsonvalue.Path {
	found := SpecDifferences(jsonvalue.StringAt(a, "kind"), contentOf(a), contentOf(b))
	for _, pair := range [][2]map[string]any{{a, b}, {b, a}} {
		declared := map[string]any{"metadata": Imported(pair[0])["metadata"]}
		found = append(found, Drift(declared, map[string]any{"metadata": pair[1]["metadata"]})...)
	}
	return found
}

func contentOf(live map[string]any) map[string]any {
	return WithStoreKinds(WithoutDefaults(jsonvalue.StringAt(live, "kind"), WithoutReserved(jsonvalue.MapAt(live, "spec")), ""))
}

// isImpliedKind reports whether a value is the kind that ESO takes where a reference to a store has none.
func isImpliedKind(value any, p jsonvalue.Path) bool {
	if value != airm.KindSecretStore || len(p) < 2 || p[len(p)-1] != "kind" {
		return false
	}
	return p[len(p)-2] == "secretStoreRef" || p[len(p)-2] == "storeRef"
}
