// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
)

// copyModule lets the module in the folder source use a copy of one that it requires, which may be changed, and returns
// the folder of the copy. The original is the one in the module cache, which Go verifies by go.sum.
func copyModule(ctx context.Context, source, module string) (string, error) {
	text, err := output(goCommand(ctx, source, "mod", "download", "-json", module))
	if err != nil {
		return "", err
	}
	var original struct{ Dir string }
	if err := json.Unmarshal([]byte(text), &original); err != nil {
		return "", err
	}
	name := path.Base(module)
	folder := filepath.Join(filepath.Dir(source), name)
	if err := os.CopyFS(folder, os.DirFS(original.Dir)); err != nil {
		return "", err
	}
	_, err = output(goCommand(ctx, source, "mod", "edit", "-replace="+module+"=../"+name))
	return folder, err
}
