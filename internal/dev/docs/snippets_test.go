// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// snippet is a block of commands or of configuration in a document, with the comment above it.
type snippet struct {
	file, mark, language, text string
	line                       int
}

var block = regexp.MustCompile("(?ms)^(?:<!-- ([^\n]*) -->\n)?^```([a-z]*)\n(.*?)^```$")

func snippets(t *testing.T) []snippet {
	t.Helper()
	documents, _ := filepath.Glob(root + "templates/*/*.tmpl") // fails for a malformed pattern only
	pages, _ := filepath.Glob(root + "templates/*.tmpl")
	documents = append(append(documents, pages...), root+"README.md", root+"CONTRIBUTING.md", root+"examples/teams/README.md")
	var all []snippet
	for _, file := range documents {
		if filepath.Base(file) == "migrating.md.tmpl" { // all of it is followed by TestAccMigrationGuide
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		for _, at := range block.FindAllStringSubmatchIndex(text, -1) {
			part := func(i int) string {
				if at[2*i] < 0 {
					return ""
				}
				return text[at[2*i]:at[2*i+1]]
			}
			all = append(all, snippet{strings.TrimPrefix(file, root), part(1), part(2), part(3), 1 + strings.Count(text[:at[0]], "\n")})
		}
	}
	if len(all) < 20 {
		t.Fatalf("only %d blocks were found, so the search is broken", len(all))
	}
	return all
}

// examples returns the examples of the pages that every CLI can validate, those of one page together.
func examples(t *testing.T) []snippet {
	t.Helper()
	var all []snippet
	for _, pattern := range []string{"provider", "resources/*", "data-sources/*", "ephemeral-resources/*", "functions/*"} {
		folders, _ := filepath.Glob(root + "examples/" + pattern) // fails for a malformed pattern only
		for _, folder := range folders {
			files, _ := filepath.Glob(folder + "/*.tf")
			var text strings.Builder
			for _, file := range files {
				if !strings.HasPrefix(filepath.Base(file), "import") {
					text.WriteString(read(t, file) + "\n")
				}
			}
			all = append(all, snippet{file: strings.TrimPrefix(folder, root), mark: "validate", text: text.String()})
		}
	}
	if len(all) < 20 {
		t.Fatalf("only %d examples were found, so the search is broken", len(all))
	}
	return all
}

// Every block says how it is tested. What prints (no language, or text) needs no test.
func TestSnippetsSayHowTheyAreTested(t *testing.T) {
	known := regexp.MustCompile(`^(validate|test: (getting-started|ci|store)(, .*)?|not run: .+)$`)
	for _, s := range snippets(t) {
		if s.language != "" && s.language != "text" && !known.MatchString(s.mark) {
			t.Errorf("%s:%d: the comment above this block is %q: say <!-- validate -->, <!-- test: NAME --> or <!-- not run: WHY -->", s.file, s.line, s.mark)
		}
	}
}

// A block marked "test: ci" has commands that .ci/run runs too.
func TestCommandsOfCI(t *testing.T) {
	text, err := os.ReadFile(root + ".ci/run")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range snippets(t) {
		if s.mark != "test: ci" {
			continue
		}
		for line := range strings.Lines(s.text) {
			command, _, _ := strings.Cut(line, "#")
			if command = strings.TrimSpace(command); command != "" && !strings.Contains(string(text), command) {
				t.Errorf("%s:%d: .ci/run does not run %q", s.file, s.line, command)
			}
		}
	}
}

// Configurations that are marked so are valid, for the CLI under test.
func TestAccSnippetsValidate(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: `make test` runs the basic acceptance tests, `make test-all` all")
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "terraform-provider-airm"), root)
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	rc := filepath.Join(dir, "rc")
	write(t, rc, fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"amd-enterprise-ai/airm\" = %q\n  }\n}\n", dir))
	for _, s := range append(snippets(t), examples(t)...) {
		if s.mark != "validate" {
			continue
		}
		t.Run(fmt.Sprintf("%s:%d", s.file, s.line), func(t *testing.T) {
			work := t.TempDir()
			if !strings.Contains(s.text, "required_providers") {
				s.text = "terraform {\n  required_providers {\n    airm = { source = \"amd-enterprise-ai/airm\" }\n  }\n}\n" + s.text
			}
			write(t, filepath.Join(work, "main.tf"), s.text)
			command := exec.Command(os.Getenv("TF_ACC_TERRAFORM_PATH"), "validate", "-no-color")
			command.Dir = work
			command.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+rc)
			if output, err := command.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
