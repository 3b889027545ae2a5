// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const examples = "../../../examples/"

// TestAccExamples validates every example. Those of the reference it applies too, expects that resources plan empty
// then, imports what it says how to import, and destroys it.
func TestAccExamples(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("set TF_ACC to run the acceptance tests")
	}
	provider := filepath.Join(t.TempDir(), "terraform-provider-airm")
	if text, err := exec.Command("go", "build", "-o", provider, "../../..").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	teams := fmt.Sprintf("airm-examples-%d-", time.Now().UnixNano())
	makeSurroundings(t, teams)

	files, err := filepath.Glob(examples + "*/*/*.tf")
	more, _ := filepath.Glob(examples + "*/*.tf") // fails for a malformed pattern only
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	var dirs []string
	for _, file := range append(files, more...) {
		dirs = append(dirs, filepath.Dir(file))
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		t.Run(strings.TrimPrefix(dir, examples), func(t *testing.T) { tryExample(t, provider, dir, teams) })
	}
}

var (
	withActions  = regexp.MustCompile(`Terraform v1\.(1[4-9]|[2-9]\d)`)
	withIdentity = regexp.MustCompile(`(Terraform|OpenTofu) v1\.(1[2-9]|[2-9]\d)`)
)

func tryExample(t *testing.T, provider, dir, teams string) {
	work := t.TempDir()
	tf, err := newTerraform(terraformPath(t), provider, work)
	if err != nil {
		t.Fatal(err)
	}
	copyExample(t, work, dir, teams)
	version := must(t, tf, "version")
	imports := takeImports(t, work)

	folder := filepath.Base(filepath.Dir(dir))
	if folder == "actions" && !withActions.MatchString(version) {
		t.Skip("this CLI has no actions, which came with Terraform 1.14")
	}
	withoutServices(t, work)
	withoutOtherProviders(t, work)
	must(t, tf, "validate")
	if !slices.Contains([]string{"resources", "data-sources", "functions"}, folder) {
		return // not for the reference: these need more around them, and other tests apply them
	}
	t.Cleanup(func() { must(t, tf, "destroy", "-auto-approve") })
	must(t, tf, "apply", "-auto-approve")
	if folder == "resources" { // what data sources read, other tests change
		must(t, tf, "plan", "-detailed-exitcode")
	}
	for name, block := range imports {
		t.Run(name, func(t *testing.T) {
			if name == "import-by-identity.tf" && !withIdentity.MatchString(version) {
				t.Skip("this CLI does not import by identity, which came with Terraform 1.12 and OpenTofu 1.12")
			}
			must(t, tf, "state", "rm", importedAddress(t, block))
			if err := os.WriteFile(filepath.Join(work, "import.tf"), []byte(block), 0o600); err != nil {
				t.Fatal(err)
			}
			if plan := must(t, tf, "plan"); !strings.Contains(plan, "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.") {
				t.Errorf("the import is not all that is planned:\n%s", plan)
			}
			must(t, tf, "apply", "-auto-approve")
		})
	}
}

// noService are examples of stores whose service is not here: they are created, and not waited for.
var noService = []string{"vault.tf", "open_bao.tf", "aws.tf", "gcp.tf", "azure.tf", "other.tf"}

var storeResource = regexp.MustCompile(`(?m)^resource "airm_provider_store" "(\w+)"`)

// withoutServices has the apply of an example not wait for stores whose service is not here.
func withoutServices(t *testing.T, dir string) {
	var override strings.Builder
	for _, file := range noService {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			continue // of another example
		}
		for _, match := range storeResource.FindAllStringSubmatch(string(content), -1) {
			fmt.Fprintf(&override, "resource \"airm_provider_store\" %q {\n  wait_for_sync = false\n}\n", match[1])
		}
	}
	if override.Len() == 0 {
		return
	}
	for name, text := range map[string]string{
		"no_service_override.tf": override.String(), "no_service.auto.tfvars": `vault_secret_id = "a-secret-id"`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// vaultResource is a resource of Vault's own provider, as far as its lifecycle.
var vaultResource = regexp.MustCompile(`(?s)resource "vault_\w+" "(\w+)" \{\n.*?\n\n  lifecycle`)

// withoutOtherProviders puts a resource of Terraform in the place of another provider's, which is not here.
func withoutOtherProviders(t *testing.T, dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.tf")) // fails for a malformed pattern only
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		content = vaultResource.ReplaceAll(content, []byte("resource \"terraform_data\" \"$1\" {\n  lifecycle"))
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// takeImports takes the import blocks out of an example, and returns them by the names of their files.
func takeImports(t *testing.T, dir string) map[string]string {
	blocks := map[string]string{}
	files, _ := filepath.Glob(filepath.Join(dir, "import-by-*.tf")) // fails for a malformed pattern only
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		blocks[filepath.Base(file)] = string(content)
	}
	return blocks
}

// importedAddress is what the "to" of an import block says.
func importedAddress(t *testing.T, block string) string {
	fields := strings.Fields(block)
	to := slices.Index(fields, "to")
	if to < 0 || len(fields) < to+3 {
		t.Fatalf("no address in %q", block)
	}
	return fields[to+2]
}

func must(t *testing.T, tf *terraform, args ...string) string {
	t.Helper()
	text, err := tf.output(args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return text
}

// makeSurroundings makes what the examples take for granted. It fails where something of that name is there already.
func makeSurroundings(t *testing.T, teams string) {
	file := filepath.Join(t.TempDir(), "surroundings.yaml")
	content, err := os.ReadFile("testdata/surroundings.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(ofTeams(string(content), teams)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := kubectl("create", "-f", file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := kubectl("delete", "-f", file); err != nil {
			t.Error(err)
		}
	})
}

func copyExample(t *testing.T, to, dir, teams string) {
	if err := copyFiles(to, dir, "*.tf", "*.yaml", "*.pem"); err != nil {
		t.Fatal(err)
	}
	paths, _ := filepath.Glob(filepath.Join(to, "*.tf")) // fails for a malformed pattern only
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(ofTeams(string(content), teams)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// ofTeams puts an example into other projects than team-a and team-b, which may exist already.
func ofTeams(text, teams string) string { return strings.ReplaceAll(text, "team-", teams) }

// terraformPath is the CLI under test, chosen as terraform-plugin-testing does.
func terraformPath(t *testing.T) string {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	path, err := exec.LookPath("terraform")
	if err != nil {
		t.Fatal("set TF_ACC_TERRAFORM_PATH to the path of terraform or tofu: ", err)
	}
	return path
}

// The Vault of the demo is found by the file that describes the backends, and gets what is written.
func TestEmulatedVault(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.Path + " " + string(body)
		if strings.HasSuffix(r.URL.Path, "full") {
			w.WriteHeader(http.StatusInsufficientStorage)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "backends.json")
	if err := os.WriteFile(file, fmt.Appendf(nil, `{"vault": {"endpoint": "http://v", "admin": "%s/vault/", "credentials": {"role_id": "r"}}}`, server.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(backendsVariable, file)
	vault, err := findVault()
	if err != nil || vault.Endpoint != "http://v" || vault.Credentials["role_id"] != "r" {
		t.Fatalf("found %v (%v)", vault, err)
	}
	err = vault.write("team-a/db", map[string]secretValue{"a": secretValue("hidden")})
	if err != nil || got != `PUT /vault/team-a/db {"a":"hidden"}` {
		t.Errorf("the server got %q (%v)", got, err)
	}
	if err := vault.write("full", nil); err == nil {
		t.Error("no error where the server refuses")
	}
	t.Setenv(backendsVariable, filepath.Join(t.TempDir(), "none"))
	if _, err := findVault(); err == nil {
		t.Error("no error without a description")
	}
}

func TestNeutral(t *testing.T) {
	got := neutral([]string{"HOME=/home", "KUBECONFIG=k", "KUBE_CONFIG_PATH=other", "TF_CLI_ARGS=-no-color", "TF_LOG_PROVIDER=debug"})
	if want := []string{"HOME=/home", "KUBECONFIG=k", "TF_LOG_PROVIDER=debug"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestValueIsIn(t *testing.T) {
	v := secretValue("hidden")
	if !v.isIn("what is hidden here") || !v.isIn("aGlkZGVu") || v.isIn("nothing of it") {
		t.Error("a value is found as it is and encoded, and not otherwise")
	}
	if text := fmt.Sprintf("%s %v", v, map[string]secretValue{"key": v}); strings.Contains(text, "hidden") {
		t.Errorf("a value is printed: %s", text)
	}
}
