// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRelease(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"added-lists.md": "Lists,\nof all kinds.\n", "fixed-crash.md": "A crash.", "README.md": "How to write a change.",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	changes, files, err := readChanges(dir)
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	got, err := release("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Resources.\n\n### Changed\n\n- Words.\n\n## [0.1.0] - 2026-01-01\n\n- First.\n",
		changes, "## [0.2.0] - 2026-12-01\n")
	want := "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n- Resources.\n- Lists,\n  of all kinds.\n\n### Changed\n\n- Words.\n" +
		"\n### Fixed\n\n- A crash.\n\n## [0.1.0] - 2026-01-01\n\n- First.\n"
	if err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestNothingToRelease(t *testing.T) {
	if _, err := release("## [Unreleased]\n", nil, "## [1.0.0]\n"); err == nil || !strings.Contains(err.Error(), "nothing to release") {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	for name, valid := range map[string]bool{
		"added-lists.md": true, "Fixed-a-b.md": true, "lists.md": false, "added.md": false, "new-lists.md": false,
	} {
		if _, err := kindOf(name); (err == nil) != valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The changes that are in the tree can be released.
func TestChangesOfThisTree(t *testing.T) {
	if _, _, err := readChanges("../../../.changes"); err != nil {
		t.Error(err)
	}
}
