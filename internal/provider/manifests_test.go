// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// manifestFiles are the manifests of testdata/manifests by the name of the file, as people write them. Each is one
// ExternalSecret that the arguments can express.
func manifestFiles(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/manifests/*")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d manifests, %v", len(files), err)
	}
	manifests := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		manifests[filepath.Base(file)] = string(text)
	}
	return manifests
}

// readByKubernetes reads a manifest as kubectl does, without any code of ours.
func readByKubernetes(t *testing.T, text string) map[string]any {
	t.Helper()
	for document := range strings.SplitSeq("\n"+text, "\n---") {
		object := map[string]any{}
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		if len(object) > 0 {
			return object
		}
	}
	t.Fatal("no document")
	return nil
}

// withESOKinds writes out what ESO takes for a store without a kind.
func withESOKinds(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range []string{"secretStoreRef", "storeRef"} {
			if ref, ok := v[key].(map[string]any); ok && ref["kind"] == nil {
				ref["kind"] = "SecretStore"
			}
		}
		for _, value := range v {
			withESOKinds(value)
		}
	case []any:
		for _, item := range v {
			withESOKinds(item)
		}
	}
	return v
}

// What parse_manifest returns means the manifest: nothing is lost or added, with either line end.
func TestParseManifestMeansTheManifest(t *testing.T) {
	for name, text := range manifestFiles(t) {
		want := nested(withESOKinds(readByKubernetes(t, text)).(map[string]any), "spec")
		for form, text := range map[string]string{
			"": text, " on Windows": strings.ReplaceAll(text, "\n", "\r\n"), " with a byte order mark": "\ufeff" + text,
		} {
			t.Run(name+form, func(t *testing.T) {
				values, refused := argumentsOf(t.Context(), text)
				if refused != "" {
					t.Fatal(refused)
				}
				got := contentMapping.Expand(values)
				if lost := append(eso.Drift(want, got), eso.Drift(got, want)...); len(lost) > 0 {
					t.Errorf("differs at %v:\n%s\n%s", lost, mustJSON(want), mustJSON(got))
				}
			})
		}
	}
}
