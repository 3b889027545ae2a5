// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command pages finishes what tfplugindocs writes into docs/. "make generate" calls it in the root folder of the repository.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func main() {
	err := filepath.WalkDir("docs", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		page := absoluteLinks(filepath.ToSlash(file), nestedOnce(string(text)))
		return os.WriteFile(file, []byte(page), 0o644)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
}
