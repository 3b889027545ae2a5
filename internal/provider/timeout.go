// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// defaultTimeout is the time of an operation, unless an argument sets another one.
const defaultTimeout = 5 * time.Minute

// waitLimit reads the argument timeout of a data source or an action.
func waitLimit(timeout types.String, diags *diag.Diagnostics) (time.Duration, bool) {
	if timeout.IsNull() {
		return defaultTimeout, true
	}
	for _, p := range timeoutProblems(timeout) {
		diags.Append(p.diagnostic())
		return 0, false
	}
	limit, _ := time.ParseDuration(timeout.ValueString())
	return limit, true
}

// timeoutProblems finds what is wrong with the argument timeout, if it is known.
func timeoutProblems(timeout types.String) []problem {
	limit, err := time.ParseDuration(timeout.ValueString())
	if timeout.IsNull() || timeout.IsUnknown() || err == nil && limit > 0 {
		return nil
	}
	return []problem{{paths: []path.Path{path.Root("timeout")}, summary: "Invalid timeout",
		detail: fmt.Sprintf("%q is not a positive duration. Write for example 90s or 10m.", timeout.ValueString())}}
}
