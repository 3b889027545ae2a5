// Command release builds the archives of a release into dist/, as .goreleaser.yml describes them, without a network and
// without a key: what GoReleaser does beyond that is to sign and to publish. "make snapshot" calls it in the root folder of
// the repository.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

func main() {
	version := flag.String("version", "0.0.0-snapshot", "`version` of the release")
	all := flag.Bool("all", false, "build for all platforms, not for this one only")
	flag.Parse()
	if err := run(*version, *all); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(version string, all bool) error {
	c, err := readConfig(".")
	if err != nil {
		return err
	}
	r := release{c, version}
	platforms := []platform{{runtime.GOOS, runtime.GOARCH}}
	if all {
		platforms = r.platforms()
	}
	if err := os.RemoveAll("dist"); err != nil {
		return err
	}
	if err := os.Mkdir("dist", 0o755); err != nil {
		return err
	}
	var archives []string
	for _, p := range platforms {
		archive, err := r.archive(".", "dist", p)
		if err != nil {
			return err
		}
		fmt.Println(archive)
		archives = append(archives, archive)
	}
	return r.checksums("dist", archives)
}

// archive builds and packs for one platform.
func (r release) archive(source, to string, p platform) (string, error) {
	work, err := os.MkdirTemp("", "airm-release-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }()
	binary, err := r.build(source, work, p)
	if err != nil {
		return "", err
	}
	return r.pack(binary, to, p)
}

// checksums writes the sums of the archives and of the registry's manifest.
func (r release) checksums(to string, files []string) error {
	for _, extra := range r.Checksum.ExtraFiles {
		text, err := os.ReadFile(extra.Glob)
		if err != nil {
			return err
		}
		path := filepath.Join(to, r.fill(extra.NameTemplate, platform{}))
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
		files = append(files, path)
	}
	var lines strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(text), filepath.Base(file))
	}
	return os.WriteFile(filepath.Join(to, r.fill(r.Checksum.NameTemplate, platform{})), []byte(lines.String()), 0o644)
}
