// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// key names what a binary is made of: a binary with the same key need not be built again.
func (t *tool) key(module string) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintln(sum, compilerFlags, linkerFlags, t.pkg, t.ldflags, t.tags)
	for _, list := range []trimmed{t.trimmed, t.removed, t.clients} {
		if list != nil {
			fmt.Fprintln(sum, list)
		}
	}
	err := filepath.WalkDir(module, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isSource(path) {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(module, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n%s\n", filepath.ToSlash(name), len(content), content)
		return nil
	})
	return hex.EncodeToString(sum.Sum(nil))[:12], err
}

// isSource reports whether the file can change the binary.
func isSource(path string) bool {
	return !strings.HasSuffix(path, "_test.go") && filepath.Ext(path) != ".md"
}
