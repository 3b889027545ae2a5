// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package release

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	root    = "../../.."
	project = "terraform-provider-airm"
	version = "0.0.1"
)

// published is the release that most tests look at.
var published = sync.OnceValues(func() (*release, error) {
	r, err := newRelease()
	if err != nil {
		return nil, err
	}
	if _, err := exec.LookPath("gpg"); err != nil {
		return r, r.make("sign")
	}
	if r.fingerprint, err = r.newKey(); err != nil {
		return nil, err
	}
	defer func() { _, _ = r.run("gpgconf", "--kill", "all") }() // else its agent stays
	return r, r.make()
})

// releases are those that have been made, to be removed at the end.
var releases []*release

func TestMain(m *testing.M) {
	code := m.Run()
	for _, r := range releases {
		_ = os.RemoveAll(r.dir)
	}
	os.Exit(code)
}

// release is a release of the sources as they are here, under a tag of their own.
type release struct {
	dir         string // with source/, a repository, and gnupg/, short enough for the socket of an agent
	environment []string
	fingerprint string // of the key that signs, empty where there is no gpg
}

// newRelease makes the repository to release from. Its only commit is the same each time.
func newRelease() (*release, error) {
	dir, err := os.MkdirTemp("", "airm-release-")
	if err != nil {
		return nil, err
	}
	r := &release{dir: dir}
	releases = append(releases, r)
	r.environment = append(slices.DeleteFunc(os.Environ(), misleads), "GNUPGHOME="+filepath.Join(dir, "gnupg"),
		"GOFLAGS=", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_DATE=2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z")
	for _, part := range []string{"main.go", "go.mod", "go.sum", "internal", "terraform-registry-manifest.json", "LICENSE", ".gitignore"} {
		if err := copyTree(r.path(part), filepath.Join(root, part)); err != nil {
			return nil, err
		}
	}
	if err := r.writeConfig(); err != nil {
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(dir, "gnupg"), 0o700); err != nil {
		return nil, err
	}
	for _, args := range []string{
		"init --quiet", "add .", "-c user.name=test -c user.email=test@example.com commit --quiet --message=test", "tag v" + version,
		"remote add origin https://github.com/amd-enterprise-ai/" + project,
	} {
		if _, err := r.run("git", strings.Fields(args)...); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// misleads reports whether a setting would lead git to another repository, or GoReleaser elsewhere.
func misleads(setting string) bool {
	name, _, _ := strings.Cut(setting, "=")
	return strings.HasPrefix(name, "GIT_") || strings.HasPrefix(name, "GORELEASER_") || strings.HasSuffix(name, "_TOKEN")
}

// writeConfig takes .goreleaser.yml over, for this machine only.
func (r *release) writeConfig() error {
	text, err := os.ReadFile(filepath.Join(root, ".goreleaser.yml"))
	if err != nil {
		return err
	}
	all := "    goos: ["
	if !strings.Contains(string(text), all) {
		return fmt.Errorf(".goreleaser.yml has no %q", all)
	}
	text = []byte(strings.Replace(string(text), all, fmt.Sprintf("    targets: [%s_%s]\n%s", runtime.GOOS, runtime.GOARCH, all), 1))
	return os.WriteFile(r.path(".goreleaser.yml"), text, 0o600)
}

// newKey makes a key to sign with, after another that gpg prefers, and returns its fingerprint.
func (r *release) newKey() (string, error) {
	const owner = "release@example.com"
	for _, name := range []string{"other@example.com", owner} {
		if _, err := r.run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", name, "default", "sign"); err != nil {
			return "", err
		}
	}
	text, err := r.run("gpg", "--batch", "--with-colons", "--list-keys", owner)
	if err != nil {
		return "", err
	}
	_, text, _ = strings.Cut(text, "\nfpr:::::::::")
	fingerprint, _, _ := strings.Cut(text, ":")
	return fingerprint, nil
}

// make runs GoReleaser, up to where it would publish.
func (r *release) make(skip ...string) error {
	syft, err := findTool("run", "./internal/dev/build", "syft")
	if err != nil {
		return err
	}
	goreleaser, err := findTool("tool", "-n", "-modfile=internal/dev/goreleaser/go.mod", "goreleaser")
	if err != nil {
		return err
	}
	modules, err := r.run("go", "env", "GOMODCACHE")
	if err != nil {
		return err
	}
	r.environment = append(r.environment, "GPG_FINGERPRINT="+r.fingerprint, "GOMODCACHE="+strings.TrimSpace(modules),
		"PATH="+filepath.Dir(syft)+string(os.PathListSeparator)+os.Getenv("PATH"))
	_, err = r.run(goreleaser, "release", "--skip="+strings.Join(append(skip, "publish", "announce"), ","))
	return err
}

// path is the path of a file in the repository of the release.
func (r *release) path(elements ...string) string {
	return filepath.Join(append([]string{r.dir, "source"}, elements...)...)
}

// file is the path of a published file, by what follows the name of the project and the version.
func (r *release) file(suffix string) string {
	return r.path("dist", project+"_"+version+"_"+suffix)
}

// archive is the path of the archive for this machine.
func (r *release) archive() string { return r.file(runtime.GOOS + "_" + runtime.GOARCH + ".zip") }

// run runs a command in the repository of the release.
func (r *release) run(name string, args ...string) (string, error) {
	command := exec.Command(name, args...)
	command.Dir, command.Env = r.path(), r.environment
	output, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, output)
	}
	return string(output), nil
}

// findTool returns the path of a development tool, which the go command builds if it is not there yet, and prints.
func findTool(args ...string) (string, error) {
	command := exec.Command("go", args...)
	command.Dir = root
	command.Stderr = os.Stderr
	path, err := command.Output()
	return strings.TrimSpace(string(path)), err
}

// copyTree copies a file, or a folder without modules of its own.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
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
}
