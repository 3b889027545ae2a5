// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

const manifest = `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: db
spec:
  refreshInterval: 1h
  secretStoreRef: {name: vault, kind: ClusterSecretStore}
  data:
  - secretKey: a
    remoteRef: {key: x}
`

func TestParseManifest(t *testing.T) {
	text := `---
# as kubectl prints it
apiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
metadata:
  annotations:
    note: "1"
    kubectl.kubernetes.io/last-applied-configuration: '{}'
  creationTimestamp: null
  generation: 2
  labels: {team: a}
  name: db
  namespace: team-a
  resourceVersion: "1"
  uid: u
spec: {refreshInterval: 60m, data: [{secretKey: a, remoteRef: {key: x, property: null}}], m: 1.0}
status: {refreshTime: null}
---
`
	m, ps := ParseManifest(text, "team-a", "db")
	if m == nil || len(ps) > 0 {
		t.Fatal(ps)
	}
	same(t, m.Spec, fromYAML(t, `{refreshInterval: 1h0m0s, data: [{secretKey: a, remoteRef: {key: x}}], m: 1}`))
	if m.Name != "db" || !maps.Equal(m.Labels, map[string]string{"team": "a"}) || !maps.Equal(m.Annotations, map[string]string{"note": "1"}) {
		t.Errorf("%+v", m)
	}
	if _, ok := m.Spec["m"].(int64); !ok {
		t.Errorf("a whole number is held as %T", m.Spec["m"])
	}
}

func TestParseManifestProblems(t *testing.T) {
	replace := func(old, with string) string {
		if !strings.Contains(manifest, old) {
			t.Fatal(old)
		}
		return strings.Replace(manifest, old, with, 1)
	}
	metadata := func(line string) string { return replace("  name: db\n", "  name: db\n  "+line+"\n") }
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 9), ","))
	}
	for _, test := range []struct{ name, text, path, detail string }{
		{"empty", "", "", "has no content"},
		{"null", "---\n", "", "has no content"},
		{"text", "hello", "", "is a string"},
		{"list", "[]", "", "is a list"},
		{"not YAML", manifest + "\tx: [", "", "line 11"},
		{"duplicate", manifest + "spec: {}", "", `line 11: key "spec" is set twice`},
		{"two", manifest + "---\n" + manifest, "", "2 YAML documents"},
		{"kind", replace("kind: ExternalSecret", "kind: Secret"), "kind", `"Secret"`},
		{"store", replace("kind: ExternalSecret", "kind: SecretStore"), "kind", "airm_provider_store"},
		{"no kind", replace("kind: ExternalSecret\n", ""), "kind", "no kind"},
		{"version", replace("/v1", "/v1alpha1"), "apiVersion", `"external-secrets.io/v1alpha1"`},
		{"name", replace("name: db", "name: other"), "metadata.name", `"other"`},
		{"number name", replace("name: db", "name: 1"), "metadata.name", "must be a string"},
		{"namespace", metadata("namespace: other"), "metadata.namespace", `"other"`},
		{"use case of organization secrets", metadata("labels: {airm.silogen.com/use-case: s3}"),
			`metadata.labels["airm.silogen.com/use-case"]`, "organization secrets only"},
		{"unknown use case", metadata("labels: {airm.silogen.ai/use-case: Mail}"), `metadata.labels["airm.silogen.ai/use-case"]`, "Use one of"},
		{"use case that is no text", metadata("labels: {airm.silogen.ai/use-case: yes}"),
			`metadata.labels["airm.silogen.ai/use-case"]`, "must be a string"},
		{"contradicting use cases", metadata("labels: {airm.silogen.ai/use-case: Generic}") + "  target: {template: {metadata: {labels: {airm.silogen.com/use-case: database}}}}\n",
			`spec.target.template.metadata.labels["airm.silogen.com/use-case"]`, "use case Database, but the secret has Generic"},
		{"label value", metadata("labels: {a: 1}"), "metadata.labels.a", "must be a string, but it is a number. Put it in quotes"},
		{"label key", metadata("labels: {a b: c}"), `metadata.labels["a b"]`, "not a valid key"},
		{"generateName", metadata("generateName: x"), "metadata.generateName", "set name"},
		{"unknown metadata", metadata("lables: {}"), "metadata.lables", "lables"},
		{"metadata is a list", replace("metadata:\n  name: db", "metadata: []"), "metadata", "must be a mapping"},
		{"unknown field", manifest + "data: {}", "data", "has no top-level field"},
		{"no spec", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n", "spec", "has no spec"},
		{"spec is a text", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: x", "spec", "must be a mapping"},
		{"duration", replace("1h", "1d"), "spec.refreshInterval", "24h"},
		{"infinite", replace("1h", ".inf"), "", "infinite"},
		{"binary", replace("1h", "!!binary /w=="), "", "binary"},
		{"key", replace("  refreshInterval: 1h", "  ? [a]\n  : 1"), "", ""},
		{"key twice", replace("  refreshInterval: 1h", "  1: a\n  \"1\": b"), "", "twice"},
		{"large", strings.Repeat("#", 1<<20+1), "", "at most"},
		{"not UTF-8", "\xff", "", "UTF-8"},
		{"bomb", bomb, "", "alias"},
		{"texts by alias", "a: &a " + strings.Repeat("x", 1<<19) + "\nb: [*a, *a, *a]", "", "aliases"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, ps := ParseManifest(test.text, "team-a", "db")
			if m != nil || len(ps) != 1 || ps[0].Warning || ps[0].Path.String() != test.path ||
				!strings.Contains(ps[0].Detail, test.detail) || strings.Contains(ps[0].Detail, "%!") {
				t.Errorf("got %v, %+v", m, ps)
			}
		})
	}
	m, ps := ParseManifest(metadata("namespace: other"), "", "")
	if m == nil || len(ps) != 1 || !ps[0].Warning || ps[0].Path.String() != "metadata.namespace" {
		t.Errorf("namespace of an organization secret: %v", ps)
	}
	m, ps = ParseManifest(replace("  name: db\n", "  name: DB\n"), "", "")
	if m != nil || len(ps) != 1 || ps[0].Warning || ps[0].Path.String() != "metadata.name" {
		t.Errorf("invalid name: %v", ps)
	}
}

func TestMergeKeysAndAnchors(t *testing.T) {
	m, ps := ParseManifest(`
apiVersion: external-secrets.io/v1
kind: ExternalSecret
spec:
  data:
  - secretKey: a
    remoteRef: &ref {key: x, version: v}
  - secretKey: b
    remoteRef: {<<: *ref, property: p}
`, "", "db")
	if m == nil {
		t.Fatal(ps)
	}
	same(t, jsonvalue.ListAt(m.Spec, "data")[1], fromYAML(t, `{secretKey: b, remoteRef: {key: x, version: v, property: p}}`))
}

func TestEqualManifests(t *testing.T) {
	equal := []string{
		manifest,
		strings.Replace(manifest, "1h", "60m", 1),
		strings.Replace(manifest, "  name: db", "  uid: x", 1),
		strings.Replace(manifest, "/v1", "/v1beta1", 1) + "status: {}",
		FormatManifest("db", Manifest{Spec: fromYAML(t, strings.SplitAfter(manifest, "spec:")[1])}),
	}
	for i, a := range equal {
		for j, b := range equal {
			if !EqualManifests(a, b) {
				t.Errorf("%d and %d differ:\n%s\n%s", i, j, a, b)
			}
		}
	}
	for _, other := range []string{
		"", "x: [", strings.Replace(manifest, "key: x", "key: z", 1), strings.Replace(manifest, "name: db", "name: other", 1),
		strings.Replace(manifest, "name: db", "labels: {a: b}", 1), strings.Replace(manifest, "1h", "2h", 1),
		strings.Replace(manifest, "name: db", "labels: {airm.silogen.ai/use-case: Generic}", 1),
	} {
		if EqualManifests(manifest, other) || EqualManifests(other, manifest) {
			t.Errorf("equal:\n%s", other)
		}
	}
	entries := strings.Replace(manifest, "  data:\n", "  data:\n  - {secretKey: b, remoteRef: {key: y}}\n", 1)
	if !EqualManifests(entries, manifest+"  - {secretKey: b, remoteRef: {key: y}}\n") {
		t.Error("the order of data counts")
	}
	if EqualManifests(entries, manifest+"  - {secretKey: b, remoteRef: {key: z}}\n") ||
		EqualManifests(entries, manifest+"  - {secretKey: a, remoteRef: {key: y}}\n") {
		t.Error("other entries of data are equal")
	}
	if EqualManifests("", "") {
		t.Error("what does not parse is equal")
	}
}

// Whatever is read does not panic, and what is read well is written and read back as the same.
func FuzzParseManifest(f *testing.F) {
	f.Add(manifest)
	f.Add("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: {a: [1, 1.5, true, null, \"\\u2028\\n x\", y, 0x1f, 1_000, 2001-01-01], <<: {b: c}}\n")
	f.Add("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {labels: {a: b}, annotations: {c: \" d\\n\"}}\nspec: {\"\": \" #\", a: |2\n   x\n  }")
	f.Add(printedOnAPlatform)
	f.Add("a: &a [*a]")
	f.Add("? {a: b}\n: c")
	f.Add("a: !!float 1e400")
	f.Fuzz(func(t *testing.T, text string) {
		m, ps := ParseManifest(text, "", "")
		for _, p := range ps {
			if p.Summary == "" || p.Detail == "" {
				t.Errorf("%+v", p)
			}
		}
		if m == nil {
			if len(ps) == 0 {
				t.Error("neither a manifest nor a problem")
			}
			return
		}
		CheckExternalSecret(m.Spec)
		ChangeWarnings(nil, m.Spec)
		WithoutDefaults(airm.KindExternalSecret, m.Spec, DeclaredDefaults(airm.KindExternalSecret, m.Spec))
		if drift := Drift(m.Spec, m.Spec); len(drift) > 0 {
			t.Errorf("drift from itself: %v", drift)
		}
		same(t, DeclaredPart(m.Spec, m.Spec), m.Spec)
		formatted := FormatManifest(m.Name, *m)
		again, ps := ParseManifest(formatted, "", "")
		if again == nil {
			t.Fatalf("%v\n%s", ps, formatted)
		}
		if again.Name != m.Name || again.UseCase != m.UseCase ||
			!maps.Equal(again.Labels, m.Labels) || !maps.Equal(again.Annotations, m.Annotations) {
			t.Errorf("got  %+v\nwant %+v\n%s", again, m, formatted)
		}
		same(t, again.Spec, m.Spec)
		if !EqualManifests(text, formatted) {
			t.Error("not equal to what it was read from")
		}
	})
}

// A value that is not of the type of its tag may be a secret.
func TestWrongTagIsNotQuoted(t *testing.T) {
	_, ps := ParseManifest("spec:\n  x: !!int hunter2", "", "")
	if len(ps) != 1 || strings.Contains(ps[0].Detail, "hunter2") || !strings.Contains(ps[0].Detail, "as a !!int") {
		t.Error(ps)
	}
}
