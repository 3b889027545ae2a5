// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import "slices"

// groupBy groups what is the same as the first of a group, in order.
func groupBy[S ~[]T, T any](all S, same func(a, b T) bool) []S {
	var groups []S
	for _, one := range all {
		at := slices.IndexFunc(groups, func(group S) bool { return same(group[0], one) })
		if at < 0 {
			groups = append(groups, S{one})
		} else {
			groups[at] = append(groups[at], one)
		}
	}
	return groups
}

// withoutNames returns the names that are not among others.
func withoutNames(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
}
