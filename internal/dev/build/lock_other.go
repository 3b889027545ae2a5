// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build !unix

package main

import "context"

// lock does nothing here: two builds at once work twice, and the last one's binary stays.
func lock(context.Context, string, func()) (unlock func(), err error) {
	return func() {}, nil
}
