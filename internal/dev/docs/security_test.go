// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The tests that SECURITY.md names exist.
func TestPromisesAreTested(t *testing.T) {
	policy, err := os.ReadFile(root + "SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(string(policy), -1)
	if len(named) < 10 {
		t.Fatalf("SECURITY.md names only %d tests", len(named))
	}
	sources := testSources(t)
	for _, test := range named {
		if !strings.Contains(sources, "func "+test[1]+"(t ") {
			t.Errorf("SECURITY.md names %s, which does not exist", test[1])
		}
	}
}

// Workflows use actions by the hash of a commit: a tag can be moved to another one.
func TestActionsArePinned(t *testing.T) {
	workflows, err := filepath.Glob(root + ".github/workflows/*.yml")
	if err != nil || len(workflows) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	pinned := regexp.MustCompile(`^[^@]+@[0-9a-f]{40} # v[0-9.]+$`)
	for _, workflow := range workflows {
		text, err := os.ReadFile(workflow)
		if err != nil {
			t.Fatal(err)
		}
		for _, use := range regexp.MustCompile(`uses: (.*)`).FindAllStringSubmatch(string(text), -1) {
			if !pinned.MatchString(use[1]) {
				t.Errorf("%s uses %s: name the commit, and its version in a comment", workflow, use[1])
			}
		}
	}
}

func testSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root+"internal", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
