// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package attribute

import (
	"reflect"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
)

// What the arguments can express comes out of Flatten and Expand as it went in.
func TestLossless(t *testing.T) {
	for name, text := range map[string]string{
		"empty":             `{}`,
		"empty values":      `{data: [], sources: [], target: {metadata: {labels: {}}, finalizers: []}}`,
		"empty object":      `{target: {}}`,
		"keyed":             `{data: [{secretKey: A, remoteRef: {key: a}, sourceRef: {storeRef: {name: s, kind: k}}}]}`,
		"list":              `{sources: [{key: a}, {sourceRef: {storeRef: {name: s}}}]}`,
		"scalars":           `{refreshInterval: 1h, target: {immutable: false, count: 3}}`,
		"object of its own": `{provider: {vault: {path: p}}}`,
		"JSON":              `{provider: {webhook: {url: "http://x", timeout: 5, ratio: 0.5}}}`,
	} {
		in := acctest.ParseYAML(t, text)
		attrs, diags := testMapping.Flatten(t.Context(), in, testMapping.Types)
		if diags.HasError() {
			t.Errorf("%s: %v", name, diags)
		}
		if got := testMapping.Expand(attrs); !reflect.DeepEqual(got, in) {
			t.Errorf("%s: got  %v\nwant %v", name, got, in)
		}
		if !testMapping.IsLossless(t.Context(), in, testMapping.Types) {
			t.Errorf("%s: is said to lose something", name)
		}
		if again := acctest.ParseYAML(t, text); !reflect.DeepEqual(in, again) {
			t.Errorf("%s: the spec was changed to %v", name, in)
		}
	}
}

func TestLosslessIgnores(t *testing.T) {
	for name, text := range map[string]string{
		"order of a keyed list": `data: [{secretKey: B, remoteRef: {key: b}}, {secretKey: A, remoteRef: {key: a}}]`,
		"empty parents":         `target: {metadata: {}}`,
		"null, which is never":  `refreshInterval: null`,
	} {
		if !testMapping.IsLossless(t.Context(), acctest.ParseYAML(t, text), testMapping.Types) {
			t.Errorf("%s: is said to lose something", name)
		}
	}
	floats := map[string]any{"target": map[string]any{"count": 2.0}}
	if !testMapping.IsLossless(t.Context(), floats, testMapping.Types) {
		t.Error("2.0 is said not to be 2")
	}
}

func TestLossy(t *testing.T) {
	for name, text := range map[string]string{
		"unknown field":                              `target: {later: {kind: ConfigMap}}`,
		"unknown empty field":                        `target: {later: {}}`,
		"unknown field in element":                   `data: [{secretKey: A, remoteRef: {key: a, later: Fail}}]`,
		"unknown field at the top":                   `later: []`,
		"default that is not sent":                   `secretStoreRef: {name: s}`,
		"the same in an element":                     `data: [{secretKey: A, sourceRef: {storeRef: {name: s}}}]`,
		"duplicate key":                              `data: [{secretKey: A, remoteRef: {key: a}}, {secretKey: A, remoteRef: {key: b}}]`,
		"no key":                                     `data: [{remoteRef: {key: a}}]`,
		"element of another type":                    `data: [A]`,
		"another type":                               `target: Secret`,
		"list of another type":                       `sources: {}`,
		"string of another type":                     `refreshInterval: 10`,
		"bool of another type":                       `target: {immutable: "true"}`,
		"fraction":                                   `target: {count: 0.5}`,
		"field of an object that JSON would express": `provider: {vault: {later: l}}`,
	} {
		if testMapping.IsLossless(t.Context(), acctest.ParseYAML(t, text), testMapping.Types) {
			t.Errorf("%s: is said to lose nothing", name)
		}
	}
}

// JSON takes only what other attributes leave of an object.
func TestFlattenLeavesJSONTheRest(t *testing.T) {
	attrs, diags := testMapping.Flatten(t.Context(), acctest.ParseYAML(t, `provider: {vault: {path: p}}`), testMapping.Types)
	if diags.HasError() || !attrs["other"].IsNull() {
		t.Errorf("other = %s, %v", attrs["other"], diags)
	}
}

func TestFlattenReportsTypesButNoValues(t *testing.T) {
	spec := acctest.ParseYAML(t, `data: [{secretKey: A, remoteRef: {key: [s3cret]}}]`)
	attrs, diags := testMapping.Flatten(t.Context(), spec, testMapping.Types)
	if !diags.HasError() || !strings.Contains(diags[0].Detail(), "data.*.key") || strings.Contains(diags[0].Detail(), "s3cret") {
		t.Error(diags)
	}
	for name := range testMapping.Types {
		if attrs[name] == nil {
			t.Errorf("%s has no value", name)
		}
	}
}
