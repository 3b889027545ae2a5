// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func checkFakeStore(ps *storeCheck, store map[string]any, at jsonvalue.Path) {
	for i, entry := range jsonvalue.ListAt(store, "data") {
		for _, field := range []string{"key", "value"} {
			isMap := field == "value" && !jsonvalue.IsEmpty(jsonvalue.At(entry, "valueMap")) // which ESO has until 0.15
			if jsonvalue.StringAt(entry, field) == "" && !isMap {
				ps.Fail(at.With("data", i, field), fmt.Sprintf("A %s is missing", field), "Every entry of a fake store has a key and a value; ESO refuses empty ones.")
			}
		}
	}
	if result, ok := jsonvalue.Integer(store["validationResult"]); ok && (result < 0 || result > 2) {
		ps.Fail(at.With("validationResult"), "Invalid value", "The value must be 0 (ready), 1 (unknown) or 2 (error).")
	}
}
