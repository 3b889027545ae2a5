package release

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
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
	if dist := os.Getenv("AIRM_DIST"); dist != "" {
		found, err := filepath.Glob(filepath.Join(dist, fmt.Sprintf("%s_*_%s_%s.zip", project, runtime.GOOS, runtime.GOARCH)))
		if err != nil || len(found) != 1 {
			return "", fmt.Errorf("AIRM_DIST has the archives %v for this machine (%w)", found, err)
		}
		return found[0], nil
	}
	dir, err := os.MkdirTemp("", "airm-release-")
	if err != nil {
		return "", err
	}
	temporary = append(temporary, dir)
	c, err := readConfig(root)
	if err != nil {
		return "", err
	}
	binary, err := c.build(root, dir)
	if err != nil {
		return "", err
	}
	return c.pack(binary, dir)
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
