// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package release

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// mustBePublished is the release that the tests have in common.
func mustBePublished(t *testing.T) *release {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: `make test-all` makes a release")
	}
	r, err := published()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What the registries of Terraform and OpenTofu look for.
func TestAccPublishedFiles(t *testing.T) {
	r := mustBePublished(t)
	archive, err := zip.OpenReader(r.archive())
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	modes := map[string]fs.FileMode{}
	for _, file := range archive.File {
		modes[file.Name] = file.Mode()
	}
	if wanted := map[string]fs.FileMode{project + "_v" + version: 0o755, "LICENSE": 0o644}; !maps.Equal(modes, wanted) {
		t.Errorf("the archive has %v, not %v", modes, wanted)
	}
	sums := mustRead(t, r.file("SHA256SUMS"))
	for _, file := range []string{r.archive(), r.archive() + ".spdx.json", r.file("manifest.json")} {
		path := file
		if file == r.file("manifest.json") {
			path = filepath.Join(root, "terraform-registry-manifest.json") // published under another name
		}
		contains(t, sums, fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(mustRead(t, path))), filepath.Base(file)))
	}
}

// The sums are signed by the key of the release, in the binary form that the registries take, and by no other.
func TestAccSignature(t *testing.T) {
	r := mustBePublished(t)
	if r.fingerprint == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("gpg is not on the PATH")
		}
		t.Skip("gpg is not on the PATH, so this release is not signed")
	}
	sums, signature := r.file("SHA256SUMS"), r.file("SHA256SUMS.sig")
	output, err := r.run("gpg", "--batch", "--status-fd=1", "--verify", signature, sums)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, output, "VALIDSIG "+r.fingerprint)
	if strings.HasPrefix(mustRead(t, signature), "-----BEGIN") {
		t.Error("the signature is armored: the registries take a binary one")
	}
	changed := filepath.Join(t.TempDir(), "changed")
	if err := os.WriteFile(changed, []byte(mustRead(t, sums)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.run("gpg", "--batch", "--verify", signature, changed); err == nil {
		t.Error("other sums pass as signed")
	}
}

// The list of what the archive is made of has every module that is in the binary, with its licence.
func TestAccBillOfMaterials(t *testing.T) {
	r := mustBePublished(t)
	var bill struct {
		Name         string
		CreationInfo struct{ Creators []string }
		Packages     []struct {
			Name, VersionInfo, LicenseConcluded string
		}
	}
	if err := json.Unmarshal([]byte(mustRead(t, r.archive()+".spdx.json")), &bill); err != nil {
		t.Fatal(err)
	}
	syft := regexp.MustCompile(`^Tool: syft-\d+\.`)
	if bill.Name != project || !slices.ContainsFunc(bill.CreationInfo.Creators, syft.MatchString) {
		t.Errorf("it is of %q, by %q", bill.Name, bill.CreationInfo.Creators)
	}
	licences := map[string]string{}
	for _, p := range bill.Packages {
		licences[p.Name+" "+p.VersionInfo] = p.LicenseConcluded
	}
	if _, found := licences[project+" "+version]; !found {
		t.Errorf("%s %s is not in it", project, version)
	}
	binary, err := filepath.Glob(r.path("dist", "*", project+"_v"+version))
	if err != nil || len(binary) != 1 {
		t.Fatal(err, binary)
	}
	output, err := r.run("go", "version", "-m", binary[0])
	if err != nil {
		t.Fatal(err)
	}
	modules := regexp.MustCompile(`(?m)^\tdep\t(\S+)\t(\S+)`).FindAllStringSubmatch(output, -1)
	if len(modules) < 20 {
		t.Fatalf("%d modules are in the binary:\n%s", len(modules), output)
	}
	for _, module := range modules {
		if licence := licences[module[1]+" "+module[2]]; licence == "" || licence == "NOASSERTION" {
			t.Errorf("%s %s has the licence %q", module[1], module[2], licence)
		}
	}
}

// The same commit gives the same archive, wherever it is built.
func TestAccReproducible(t *testing.T) {
	first := mustBePublished(t)
	second, err := newRelease()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(second.path("LICENSE"), 0o664); err != nil { // as a checkout under another umask has it
		t.Fatal(err)
	}
	if err := second.make("sbom", "sign"); err != nil {
		t.Fatal(err)
	}
	if mustRead(t, first.archive()) != mustRead(t, second.archive()) {
		t.Errorf("%s and %s differ", first.archive(), second.archive())
	}
}

// Platforms that the registries recommend.
func TestPlatforms(t *testing.T) {
	var config struct {
		Builds []struct {
			Goos, Goarch []string
			Ignore       []struct{ Goos, Goarch string }
		}
	}
	if err := yaml.Unmarshal([]byte(mustRead(t, filepath.Join(root, ".goreleaser.yml"))), &config); err != nil {
		t.Fatal(err)
	}
	platforms := map[string]bool{}
	for _, system := range config.Builds[0].Goos {
		for _, processor := range config.Builds[0].Goarch {
			platforms[system+"/"+processor] = true
		}
	}
	for _, p := range config.Builds[0].Ignore {
		delete(platforms, p.Goos+"/"+p.Goarch)
	}
	for _, wanted := range []string{
		"darwin/amd64", "darwin/arm64", "freebsd/386", "freebsd/amd64",
		"linux/386", "linux/amd64", "linux/arm", "linux/arm64", "windows/386", "windows/amd64",
	} {
		if !platforms[wanted] {
			t.Errorf("nothing is built for %s", wanted)
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
	t.Cleanup(func() { u.run("terraform destroy") })
	contains(t, u.run("terraform init"), "amd-enterprise-ai/airm v"+version)
	u.run("terraform apply")
	u.run("terraform plan -detailed-exitcode")
	contains(t, u.run("kubectl get secret hugging-face -n team-b -o jsonpath='{.data.token}' | base64 -d"), "a-token-of-hugging-face")
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
	t.Cleanup(func() { u.run("terraform destroy") }) // where the guide does not come to its end
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

// The version of the release is in the user agent that the API server sees.
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

// user has an empty folder, a CLI that finds the archive in a mirror, and kubectl.
type user struct {
	t      *testing.T
	dir    string
	env    []string
	suffix string
}

func newUser(t *testing.T) *user {
	t.Helper()
	released := mirror(t)
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if cli == "" {
		t.Fatal("set TF_ACC_TERRAFORM_PATH to the path of terraform or tofu")
	}
	u := &user{t: t, dir: t.TempDir(), suffix: fmt.Sprintf("-%d", time.Now().UnixNano()%1e9)}
	tools := t.TempDir()
	u.writeTo(filepath.Join(tools, "terraform"), fmt.Sprintf("#!/bin/sh\nexec %q \"$@\"\n", cli))
	u.writeTo(filepath.Join(tools, "rc"), fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", released))
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "KUBE_") && !strings.HasPrefix(variable, "PATH=") {
			u.env = append(u.env, variable)
		}
	}
	u.env = append(u.env, "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"),
		"TF_CLI_CONFIG_FILE="+filepath.Join(tools, "rc"), "CHECKPOINT_DISABLE=1", "TF_INPUT=0",
		"TF_CLI_ARGS_apply=-auto-approve -no-color", "TF_CLI_ARGS_destroy=-auto-approve -no-color",
		"TF_CLI_ARGS_plan=-no-color", "TF_CLI_ARGS_init=-no-color")
	return u
}

// mirror is a folder in which both CLIs look for providers.
func mirror(t *testing.T) string {
	t.Helper()
	archive := mustBePublished(t).archive()
	dir := t.TempDir()
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		if err := copyTree(filepath.Join(dir, host, "amd-enterprise-ai", "airm", filepath.Base(archive)), archive); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var names = regexp.MustCompile(`\b(team-a|team-b|my-team|my-backend|airm-quickstart)\b`)

// rename renames the namespaces in a text, so that nothing else has their names.
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
