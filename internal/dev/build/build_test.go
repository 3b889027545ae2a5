// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestKeyChangesWithTheSources(t *testing.T) {
	module := t.TempDir()
	write := func(name, content string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(module, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		key, err := tools[0].key(module)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	first := write("main.go", "package main")
	if write("main_test.go", "package main") != first || write("README.md", "text") != first {
		t.Error("tests and notes must not cause a build")
	}
	second := write("go.sum", "a sum")
	if second == first {
		t.Error("go.sum must cause a build")
	}
	if write("main.go", "package main // changed") == second {
		t.Error("a source must cause a build")
	}
}

// What syft says of itself is the version that is pinned.
func TestSyftVersion(t *testing.T) {
	syft, err := findTool("syft")
	if err != nil {
		t.Fatal(err)
	}
	_, version, _ := strings.Cut(syft.ldflags, "main.version=")
	module, err := os.ReadFile("../syft/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(module), "github.com/anchore/syft v"+version+" ") {
		t.Errorf("go.mod does not have version %q", version)
	}
}

func TestProgressCountsAndKeepsErrors(t *testing.T) {
	p := &buildProgress{}
	for _, text := range []string{"go: downloading a v1", ".0.0\na/b\nc\n# a/b\n./x.go:1: wrong\n"} {
		if _, err := p.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if p.downloaded != 1 || p.compiled != 2 || p.last != "(c)" {
		t.Errorf("%d downloaded, %d compiled, last %s", p.downloaded, p.compiled, p.last)
	}
	if want := "# a/b\n./x.go:1: wrong"; strings.TrimSpace(p.messages()) != want {
		t.Errorf("messages %q, want %q", p.messages(), want)
	}
}

func TestRegisterSource(t *testing.T) {
	source := registerSource("pkg/provider/register", []string{"azure/keyvault"})
	file, err := parser.ParseFile(token.NewFileSet(), "register.go", source, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := file.Imports[0].Path.Value, `"`+operatorModule+`/pkg/provider/azure/keyvault"`; got != want {
		t.Errorf("import %s, want %s", got, want)
	}
}

func TestRemoveLines(t *testing.T) {
	const text = "import (\n\ta \"x/a\"\n\tab \"x/ab\"\n)\n\nfunc f() {\n\tif a.New() {\n\t\tpanic(1)\n\t}\n\tif ab.New() {\n\t\tpanic(2)\n\t}\n}\n"
	const want = "import (\n\tab \"x/ab\"\n)\n\nfunc f() {\n\tif ab.New() {\n\t\tpanic(2)\n\t}\n}\n"
	if got := removeLines(text, []string{"a"}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRemoveFrom(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"whole.go", "partly.go"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("a()\nb()\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := (trimmed{"whole.go": nil, "partly.go": {"a"}}).removeFrom(folder); err != nil {
		t.Fatal(err)
	}
	if exists(filepath.Join(folder, "whole.go")) {
		t.Error("a file without words must go as a whole")
	}
	if text, err := os.ReadFile(filepath.Join(folder, "partly.go")); err != nil || string(text) != "b()\n" {
		t.Errorf("left is %q (%v)", text, err)
	}
	if err := (trimmed{"missing.go": {"a"}}).removeFrom(folder); err == nil {
		t.Error("no error for a file that is not there")
	}
}

// What is not used goes from the clients and from the informers, a group of which nothing is used as a whole.
func TestRemoveClient(t *testing.T) {
	removed := trimmed{}
	for _, version := range []string{"v1beta1", "v1beta2"} {
		trimmed{"apps": {"v1"}}.removeClient(removed, "apps", version)
	}
	trimmed{}.removeClient(removed, "extensions", "v1beta1")
	want := trimmed{
		"kubernetes/clientset.go":     {"appsv1beta1", "appsv1beta2", "extensionsv1beta1"},
		"informers/apps/interface.go": {"v1beta1", "v1beta2"},
		"informers/factory.go":        {"extensions"},
		"informers/generic.go":        {`Apps\(\)\.V1beta1`, `Apps\(\)\.V1beta2`, `Extensions\(\)\.V1beta1`},
	}
	if !reflect.DeepEqual(removed, want) {
		t.Errorf("removed is %q", removed)
	}
}

// A build with tags is another one, and knows fewer backends.
func TestTagsChangeTheKey(t *testing.T) {
	module, keys := t.TempDir(), map[string]bool{}
	for _, tags := range [][]string{nil, {"demo"}, {"envtest"}, {"demo", "envtest"}} {
		controlplane, err := findTool("controlplane", tags...)
		if err != nil {
			t.Fatal(err)
		}
		key, err := controlplane.key(module)
		if err != nil {
			t.Fatal(err)
		}
		keys[key] = true
	}
	if len(keys) != 4 {
		t.Errorf("four builds have %d keys", len(keys))
	}
}

// What is left out of the sources decides on the binary too.
func TestListsChangeTheKey(t *testing.T) {
	module, keys := t.TempDir(), map[string]bool{}
	for _, one := range []tool{
		{}, {trimmed: trimmed{"a": {"b"}}}, {removed: trimmed{"a": {"c"}}}, {clients: trimmed{"a": {"d"}}},
	} {
		key, err := one.key(module)
		if err != nil {
			t.Fatal(err)
		}
		keys[key] = true
	}
	if len(keys) != 4 {
		t.Errorf("four builds have %d keys", len(keys))
	}
}

func TestFindTool(t *testing.T) {
	for _, name := range toolNames() {
		if _, err := findTool(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := findTool("make"); err == nil {
		t.Error("no error for an unknown tool")
	}
}
