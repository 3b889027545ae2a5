package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The tests are of what is published: archives as .goreleaser.yml describes them, installed as users install them.

const (
	root    = "../../.."
	version = "0.0.1"
)

var here = platform{runtime.GOOS, runtime.GOARCH}

// The same source gives the same bytes, wherever it is.
func TestBuildsAreReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("two builds are slow: not with -short")
	}
	c := mustConfig(t)
	elsewhere := filepath.Join(t.TempDir(), "another", "folder")
	for _, part := range []string{"main.go", "go.mod", "go.sum", "internal"} {
		copyTree(t, filepath.Join(elsewhere, part), filepath.Join(root, part))
	}
	var sums []string
	for _, source := range []string{root, elsewhere} {
		binary, err := c.build(source, t.TempDir(), here)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(binary)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, fmt.Sprintf("%x", sha256.Sum256(text)))
	}
	if sums[0] != sums[1] {
		t.Errorf("two builds differ: %v", sums)
	}
}

// What the registries of Terraform and OpenTofu ask for.
func TestConfigSuitsTheRegistries(t *testing.T) {
	c := mustConfig(t)
	if got := c.Builds[0].Binary; got != "{{ .ProjectName }}_v{{ .Version }}" {
		t.Errorf("the binary is called %s", got)
	}
	if got := c.Archives[0].NameTemplate; got != "{{ .ProjectName }}_{{ .Version }}_{{ .Os }}_{{ .Arch }}" {
		t.Errorf("archives are called %s", got)
	}
	for _, wanted := range []platform{{"darwin", "amd64"}, {"darwin", "arm64"}, {"freebsd", "amd64"}, {"linux", "386"}, {"linux", "amd64"}, {"linux", "arm"}, {"linux", "arm64"}, {"windows", "386"}, {"windows", "amd64"}} {
		if !slices.Contains(c.platforms(), wanted) {
			t.Errorf("nothing is built for %v", wanted)
		}
	}
	text, err := os.ReadFile(filepath.Join(root, ".goreleaser.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{"{{ .ProjectName }}_{{ .Version }}_SHA256SUMS", "glob: terraform-registry-manifest.json", "{{ .ProjectName }}_{{ .Version }}_manifest.json", "--detach-sign", "artifacts: checksum"} {
		if !strings.Contains(string(text), wanted) {
			t.Errorf(".goreleaser.yml has no %q", wanted)
		}
	}
}

// The archive, installed with init from a mirror, without any override: it applies examples/quickstart.
func TestAccReleasedArchive(t *testing.T) {
	u := newUser(t)
	for _, name := range []string{"main.tf", "outputs.tf", "variables.tf", "database.yaml", "backend.yaml"} {
		u.write(name, u.rename(mustRead(t, filepath.Join(root, "examples/quickstart", name))))
	}
	u.env = append(u.env, fmt.Sprintf("TF_VAR_projects=[%q,%q]", u.rename("team-a"), u.rename("team-b")))
	u.run("kubectl apply -f backend.yaml")
	t.Cleanup(func() { u.run("kubectl delete -f backend.yaml --wait=false") })
	for _, team := range []string{"team-a", "team-b"} {
		u.run("kubectl create namespace " + team + " && kubectl label namespace " + team + " airm.silogen.ai/project-id=" + team)
		t.Cleanup(func() { u.run("kubectl delete namespace --wait=false " + team) })
	}
	contains(t, u.run("terraform init"), "amd-enterprise-ai/airm v"+version)
	u.run("terraform apply")
	u.run("terraform plan -detailed-exitcode")
	contains(t, u.run("kubectl get secret hugging-face -n team-b -o jsonpath='{.data.token}' | base64 -d"), "a-token-of-hugging-face")
	u.run("terraform destroy")
}

// The very commands of the guide, one after the other.
func TestAccGettingStarted(t *testing.T) {
	u := newUser(t)
	t.Cleanup(func() { u.run("kubectl delete namespace --wait=false --ignore-not-found my-team my-backend") })
	text := mustRead(t, filepath.Join(root, "templates/guides/getting-started.md.tmpl"))
	blocks := regexp.MustCompile("(?s)<!-- test: getting-started(, file ([a-z.]+)|, fails)? -->\n```[a-z]+\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(blocks) < 8 {
		t.Fatalf("the guide has %d blocks to run", len(blocks))
	}
	var seen string
	for _, block := range blocks {
		body := block[3]
		switch {
		case block[2] != "":
			u.write(block[2], u.rename(body))
		case block[1] == ", fails":
			output, err := u.try(body)
			if err == nil {
				t.Errorf("this should fail, and does not:\n%s", body)
			}
			contains(t, output, "is not synced", "(SecretSyncedError)")
		default:
			seen += u.run(body)
		}
	}
	contains(t, seen, `status = "Synced"`, "open sesame", "close sesame", "No changes.", "Destroy complete")
}

// The version of the release is in what the API server is told of who asks.
func TestAccUserAgent(t *testing.T) {
	var agent atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent.Store(r.UserAgent())
		http.Error(w, "no", http.StatusForbidden)
	}))
	defer server.Close()
	u := newUser(t)
	u.write("main.tf", `
terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}
provider "airm" { host = "`+server.URL+`" }
data "airm_project" "test" { name = "team-a" }
`)
	u.run("terraform init")
	if output, err := u.try("terraform plan"); err == nil {
		t.Errorf("this should fail:\n%s", output)
	}
	if got := agent.Load(); got != project+"/"+version {
		t.Errorf("the user agent is %v", got)
	}
}

// user is somebody with an empty folder, a CLI that finds the archive in a mirror, and kubectl.
type user struct {
	t      *testing.T
	dir    string
	env    []string
	suffix string
}

func newUser(t *testing.T) *user {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: acceptance tests run with `make test`")
	}
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if cli == "" {
		t.Fatal("set TF_ACC_TERRAFORM_PATH to the path of terraform or tofu")
	}
	u := &user{t: t, dir: t.TempDir(), suffix: fmt.Sprintf("-%d", time.Now().UnixNano()%1e9)}
	tools := t.TempDir()
	u.writeTo(filepath.Join(tools, "terraform"), fmt.Sprintf("#!/bin/sh\nexec %q \"$@\"\n", cli))
	u.writeTo(filepath.Join(tools, "rc"), fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror(t)))
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "KUBE_") && !strings.HasPrefix(variable, "PATH=") {
			u.env = append(u.env, variable)
		}
	}
	u.env = append(u.env, "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"),
		"TF_CLI_CONFIG_FILE="+filepath.Join(tools, "rc"), "CHECKPOINT_DISABLE=1", "TF_INPUT=0",
		"TF_CLI_ARGS_apply=-auto-approve -no-color", "TF_CLI_ARGS_destroy=-auto-approve -no-color", "TF_CLI_ARGS_plan=-no-color", "TF_CLI_ARGS_init=-no-color")
	return u
}

// mirror is a folder in which both CLIs look for providers.
func mirror(t *testing.T) string {
	t.Helper()
	archive, err := archiveOnce()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		copyTree(t, filepath.Join(dir, host, "amd-enterprise-ai", "airm", filepath.Base(archive)), archive)
	}
	return dir
}

var names = regexp.MustCompile(`\b(team-a|team-b|my-team|my-backend|airm-quickstart)\b`)

// rename gives the namespaces of a text names that nobody else has.
func (u *user) rename(text string) string { return names.ReplaceAllString(text, "${1}"+u.suffix) }

// run runs commands, which must succeed.
func (u *user) run(commands string) string {
	u.t.Helper()
	output, err := u.try(commands)
	if err != nil {
		u.t.Fatalf("%s: %v\n%s", commands, err, output)
	}
	return output
}

func (u *user) try(commands string) (string, error) {
	command := exec.Command("bash", "-euo", "pipefail", "-c", u.rename(commands))
	command.Dir, command.Env = u.dir, u.env
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	return output.String(), err
}

func (u *user) write(name, text string) { u.writeTo(filepath.Join(u.dir, name), text) }

func (u *user) writeTo(path, text string) {
	u.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		u.t.Fatal(err)
	}
}

func contains(t *testing.T, output string, wanted ...string) {
	t.Helper()
	for _, text := range wanted {
		if !strings.Contains(output, text) {
			t.Errorf("there is no %q in:\n%s", text, output)
		}
	}
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mustConfig(t *testing.T) release {
	t.Helper()
	c, err := readConfig(root)
	if err != nil {
		t.Fatal(err)
	}
	return release{c, version}
}
