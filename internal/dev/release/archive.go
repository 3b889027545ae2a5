// Package release holds the tests of what is published: archives as .goreleaser.yml describes them, installed as users
// install them.
package release

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"sigs.k8s.io/yaml"
)

const (
	project = "terraform-provider-airm"
	version = "0.0.1"
)

// config is what .goreleaser.yml says of a build.
type config struct {
	Builds []struct {
		Env, Flags, Ldflags, Goos, Goarch []string
		Binary                            string
	}
	Archives []struct {
		NameTemplate string `json:"name_template"`
	}
}

func readConfig(root string) (*config, error) {
	text, err := os.ReadFile(filepath.Join(root, ".goreleaser.yml"))
	if err != nil {
		return nil, err
	}
	var c config
	if err := yaml.Unmarshal(text, &c); err != nil {
		return nil, err
	}
	if len(c.Builds) != 1 || len(c.Archives) != 1 {
		return nil, fmt.Errorf("%d builds and %d archives: this knows one of each", len(c.Builds), len(c.Archives))
	}
	return &c, nil
}

// fill does for the templates of .goreleaser.yml what GoReleaser does, as far as they are used there.
func fill(template string) string {
	return strings.NewReplacer("{{ .ProjectName }}", project, "{{ .Version }}", version, "{{ .Os }}", runtime.GOOS, "{{ .Arch }}", runtime.GOARCH).Replace(template)
}

// build compiles the source for this machine with the flags of a release, and gives the path of the binary.
func (c *config) build(source, to string) (string, error) {
	b := c.Builds[0]
	binary := filepath.Join(to, fill(b.Binary))
	args := append([]string{"build", "-o", binary, "-ldflags=" + fill(strings.Join(b.Ldflags, " "))}, b.Flags...)
	command := exec.Command("go", append(args, ".")...)
	command.Dir = source
	command.Env = append(append(os.Environ(), "GOFLAGS=", "GOWORK=off"), b.Env...)
	if text, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, text)
	}
	return binary, nil
}

// pack makes the archive of a binary, and gives its path.
func (c *config) pack(binary, to string) (path string, err error) {
	path = filepath.Join(to, fill(c.Archives[0].NameTemplate)+".zip")
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer func() { err = firstError(err, file.Close()) }()
	archive := zip.NewWriter(file)
	header := &zip.FileHeader{Name: filepath.Base(binary), Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := archive.CreateHeader(header)
	if err != nil {
		return "", err
	}
	content, err := os.Open(binary)
	if err != nil {
		return "", err
	}
	defer func() { err = firstError(err, content.Close()) }()
	if _, err := io.Copy(entry, content); err != nil {
		return "", err
	}
	return path, archive.Close()
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
