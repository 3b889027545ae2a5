// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"slices"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// checkStoreFields reports what ESO's CRDs reject in a store: types, required fields, values and the forms of
// names. What a rule has said already of the same field is not said again, but a warning hides no error. Of fields that
// the table does not know it warns: the cluster decides.
func checkStoreFields(ps *jsonvalue.Problems, kind string, spec map[string]any) {
	var found jsonvalue.Problems
	checkObject(&found, specOf(kind), spec, jsonvalue.Path{"spec"})
	for _, p := range found {
		said := func(other jsonvalue.Problem) bool {
			return slices.Equal(other.Path, p.Path) && (p.Warning || !other.Warning)
		}
		if !slices.ContainsFunc(*ps, said) && !slices.Equal(p.Path, jsonvalue.Path{"spec", "provider"}) { // which may be unknown yet
			*ps = append(*ps, p)
		}
	}
}
