package main

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

const project = "terraform-provider-airm"

// config is what .goreleaser.yml says of builds and archives.
type config struct {
	Builds []struct {
		Env, Flags, Ldflags, Goos, Goarch []string
		Ignore                            []platform
		Binary                            string
	}
	Archives []struct {
		NameTemplate string `json:"name_template"`
	}
	Checksum struct {
		NameTemplate string `json:"name_template"`
		ExtraFiles   []struct {
			Glob         string `json:"glob"`
			NameTemplate string `json:"name_template"`
		} `json:"extra_files"`
	}
}

// platform is a system and a processor.
type platform struct {
	OS   string `json:"goos"`
	Arch string `json:"goarch"`
}

// release is what is filled into the templates.
type release struct {
	*config
	version string
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

// platforms are those of a release.
func (c *config) platforms() []platform {
	var all []platform
	for _, system := range c.Builds[0].Goos {
		for _, processor := range c.Builds[0].Goarch {
			if p := (platform{system, processor}); !slices.Contains(c.Builds[0].Ignore, p) {
				all = append(all, p)
			}
		}
	}
	return all
}

// fill does for the templates of .goreleaser.yml what GoReleaser does, as far as they are used there.
func (r release) fill(template string, p platform) string {
	return strings.NewReplacer("{{ .ProjectName }}", project, "{{ .Version }}", r.version, "{{ .Os }}", p.OS, "{{ .Arch }}", p.Arch).Replace(template)
}

// build compiles the source with the flags of a release, and gives the path of the binary.
func (r release) build(source, to string, p platform) (string, error) {
	b := r.Builds[0]
	binary := filepath.Join(to, r.fill(b.Binary, p))
	if p.OS == "windows" {
		binary += ".exe"
	}
	args := append([]string{"build", "-o", binary, "-ldflags=" + r.fill(strings.Join(b.Ldflags, " "), p)}, b.Flags...)
	command := exec.Command("go", append(args, ".")...)
	command.Dir = source
	command.Env = append(append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOOS="+p.OS, "GOARCH="+p.Arch), b.Env...)
	if text, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, text)
	}
	return binary, nil
}

// pack makes the archive of a binary, and gives its path.
func (r release) pack(binary, to string, p platform) (path string, err error) {
	path = filepath.Join(to, r.fill(r.Archives[0].NameTemplate, p)+".zip")
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
