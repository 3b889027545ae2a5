// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import "testing"

// What the first use of the table costs a run.
func BenchmarkReadTable(b *testing.B) {
	for b.Loop() {
		readTable()
	}
}
