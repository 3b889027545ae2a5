// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"testing"
)

func TestPicturesAreCurrent(t *testing.T) {
	for name, p := range pictures {
		if text, err := os.ReadFile("../../../images/" + name); err != nil || string(text) != p.svg() {
			t.Errorf("images/%s is not what is drawn: run `make generate` (%v)", name, err)
		}
	}
}
