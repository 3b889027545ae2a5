// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command pictures draws the pictures of the documentation into images/. "make generate" calls it in the root folder of
// the repository.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

var pictures = map[string]interface{ svg() string }{"concepts.svg": concepts, "statuses.svg": statuses, "session.svg": apply}

func main() {
	for name, p := range pictures {
		if err := os.WriteFile(filepath.Join("images", name), []byte(p.svg()), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "pictures:", err)
			os.Exit(1)
		}
	}
}
