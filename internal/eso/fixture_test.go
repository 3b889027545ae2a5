// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"testing"

	"go.yaml.in/yaml/v2"
)

// fromYAML reads a JSON-like value from YAML, for short tables.
func fromYAML(t testing.TB, text string) map[string]any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("test data: %v\n%s", err, text)
	}
	if v == nil {
		return map[string]any{}
	}
	reader := yamlReader{left: maxManifest}
	plain, err := reader.plain(v)
	if err != nil {
		t.Fatalf("test data: %v\n%s", err, text)
	}
	return plain.(map[string]any)
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !equalValues(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
