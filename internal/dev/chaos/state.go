// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
)

const stateFile = "terraform.tfstate"

// keepState remembers the state before a round.
func (w *testWorkspace) keepState() error {
	content, err := os.ReadFile(w.path(stateFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	w.latest = content
	return nil
}

// afterKill removes the lock of a CLI that was killed. A state that was being written just then is that of before: a
// remote backend writes it as a whole. It reports whether that was so.
func (w *testWorkspace) afterKill() (restored bool, err error) {
	if err := os.Remove(w.path("." + stateFile + ".lock.info")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	content, err := os.ReadFile(w.path(stateFile))
	if err != nil || json.Valid(content) {
		return false, err
	}
	return true, os.WriteFile(w.path(stateFile), w.latest, 0o600)
}
