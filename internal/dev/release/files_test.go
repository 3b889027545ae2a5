package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

var temporary []string

func TestMain(m *testing.M) {
	code := m.Run()
	for _, dir := range temporary {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// archiveOnce gives the archive for this machine.
var archiveOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "airm-release-")
	if err != nil {
		return "", err
	}
	temporary = append(temporary, dir)
	c, err := readConfig(root)
	if err != nil {
		return "", err
	}
	return release{c, version}.archive(root, dir, here)
})

// copyTree copies a file, or a folder without modules of its own.
func copyTree(t *testing.T, to, from string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
				return filepath.SkipDir
			}
			return nil
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}
