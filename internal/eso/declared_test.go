// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// defaulted is minimal as a cluster returns it.
const defaulted = `
refreshInterval: 1h0m0s
secretStoreRef: {name: vault, kind: ClusterSecretStore}
target: {creationPolicy: Owner, deletionPolicy: Retain}
data:
- secretKey: a
  remoteRef: {key: x, conversionStrategy: Default, decodingStrategy: None, metadataPolicy: None, nullBytePolicy: Ignore}
`

func TestDrift(t *testing.T) {
	for _, test := range []struct {
		name, desired, live string
		want                []string
	}{
		{"defaults", minimal, defaulted, nil},
		{"durations", `spec: {refreshInterval: 1h}`, `spec: {refreshInterval: 1h0m0s}`, nil},
		{"other durations are text", `spec: {x: {refreshInterval: 1h}}`, `spec: {x: {refreshInterval: 1h0m0s}}`,
			[]string{"spec.x.refreshInterval"}},
		{"changed", `spec: {a: 1, b: {c: x}}`, `spec: {a: 2, b: {c: z}}`, []string{"spec.a", "spec.b.c"}},
		{"missing", `spec: {a: {b: x, c: {}}}`, `spec: {}`, []string{"spec.a.b"}},
		{"empty is absent", `spec: {a: {}, b: [], c: {d: {}}}`, `spec: {}`, nil},
		{"empty list", `spec: {a: []}`, `spec: {a: [1]}`, []string{"spec.a"}},
		{"length", `spec: {a: [1]}`, `spec: {a: [1, 2]}`, []string{"spec.a"}},
		{"item", `spec: {a: [{b: 1}]}`, `spec: {a: [{b: 2, c: 3}]}`, []string{"spec.a[0].b"}},
		{"type", `spec: {a: {b: 1}, c: [1], d: x}`, `spec: {a: x, c: {}, d: [x]}`, []string{"spec.a", "spec.c", "spec.d"}},
		{"label", `metadata: {labels: {a: b}}`, `metadata: {labels: {c: d}}`, []string{"metadata.labels.a"}},
		{"stamps", `metadata: {labels: {app.kubernetes.io/managed-by: terraform-provider-airm}, annotations: {terraform-provider-airm/owner-id: x}}`, `metadata: {}`, nil},
		{"the user's managed-by", `metadata: {labels: {app.kubernetes.io/managed-by: me}}`, `metadata: {}`,
			[]string{`metadata.labels["app.kubernetes.io/managed-by"]`}},
		{"use case", `metadata: {labels: {airm.silogen.ai/use-case: S3}}`, `metadata: {}`,
			[]string{`metadata.labels["airm.silogen.ai/use-case"]`}},
		{"undeclared entries", `{kind: ExternalSecret, spec: {data: [{secretKey: a}]}}`, `{kind: ExternalSecret, spec: {data: [{secretKey: a}], dataFrom: [{find: {}}]}}`,
			[]string{"spec.dataFrom"}},
		{"no entries", `{kind: ExternalSecret, spec: {dataFrom: [{find: {}}]}}`, `{kind: ExternalSecret, spec: {data: [], dataFrom: [{find: {}}]}}`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, p := range Drift(fromYAML(t, test.desired), fromYAML(t, test.live)) {
				got = append(got, p.String())
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	if d := Drift(map[string]any{"a": int64(3600)}, map[string]any{"a": float64(3600)}); len(d) > 0 {
		t.Error("numbers are compared by how they are held")
	}
	if d := Drift(map[string]any{"a": int64(1)}, map[string]any{"a": "1"}); len(d) != 1 || d[0].String() != "a" {
		t.Errorf("a number and a text differ at %v", d)
	}
}

func TestDeclared(t *testing.T) {
	for _, test := range []struct{ name, desired, live, want string }{
		{"narrowed", minimal, defaulted, minimal},
		{"changed", `{a: 1, b: {c: x}}`, `{a: 2, b: {c: z, d: e}, f: g}`, `{a: 2, b: {c: z}}`},
		{"missing", `{a: 1, b: {c: x}}`, `{b: {}}`, `{b: {}}`},
		{"empty stays", `{a: {}, b: []}`, `{}`, `{a: {}, b: []}`},
		{"spelling stays", `{spec: {refreshInterval: 1h}}`, `{spec: {refreshInterval: 1h0m0s}}`, `{spec: {refreshInterval: 1h}}`},
		{"shorter", `{a: [{b: 1}, {b: 2}]}`, `{a: [{b: 3, c: 4}]}`, `{a: [{b: 3}]}`},
		{"longer", `{spec: {data: [{secretKey: a, remoteRef: {key: x}}]}}`,
			`{spec: {data: [{secretKey: a, remoteRef: {key: x, metadataPolicy: None}}, {secretKey: b, remoteRef: {key: z, metadataPolicy: None, decodingStrategy: Auto}}]}}`,
			`{spec: {data: [{secretKey: a, remoteRef: {key: x}}, {secretKey: b, remoteRef: {key: z, decodingStrategy: Auto}}]}}`},
		{"type", `{a: {b: 1}, c: [1]}`, `{a: x, c: {d: e}}`, `{a: x, c: {d: e}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			desired, live := fromYAML(t, test.desired), fromYAML(t, test.live)
			got := DeclaredPart(desired, live)
			same(t, got, fromYAML(t, test.want))
			same(t, desired, fromYAML(t, test.desired))
			same(t, live, fromYAML(t, test.live))
		})
	}
}

func TestExternalSecret(t *testing.T) {
	ref := airm.Ref{Kind: airm.KindExternalSecret, Project: "team-a", Name: "db"}
	spec := fromYAML(t, `{target: {template: {metadata: {annotations: {a: b}}}}}`)
	d := airm.Definition{UseCase: airm.Database, Labels: map[string]string{"team": "a"}, Spec: spec}
	got := ExternalSecret(ref, d, Stamp{OwnerID: "id", Owner: "ws", Declared: "target"})
	same(t, got, fromYAML(t, `
kind: ExternalSecret
metadata:
  name: db
  namespace: team-a
  labels: {team: a, airm.silogen.ai/use-case: Database, app.kubernetes.io/managed-by: terraform-provider-airm}
  annotations: {terraform-provider-airm/owner-id: id, terraform-provider-airm/owner: ws, `+
		`terraform-provider-airm/home: team-a/db, terraform-provider-airm/declared: target}
spec: {target: {template: {metadata: {annotations: {a: b}, labels: {airm.silogen.ai/use-case: Database}}}}}
`))
	same(t, spec, fromYAML(t, `{target: {template: {metadata: {annotations: {a: b}}}}}`))
	if !maps.Equal(d.Labels, map[string]string{"team": "a"}) {
		t.Errorf("the labels of the definition became %v", d.Labels)
	}
	same(t, WithoutReserved(jsonvalue.MapAt(got, "spec")), spec)
	for _, text := range []string{`{}`, `{target: {template: {}}}`, `{target: {template: {metadata: {labels: {a: b}}}}}`} {
		spec := fromYAML(t, text)
		rendered := ExternalSecret(ref, airm.Definition{UseCase: airm.S3, Spec: spec}, Stamp{})
		same(t, WithoutReserved(jsonvalue.MapAt(rendered, "spec")), spec)
		if drift := Drift(rendered, rendered); len(drift) > 0 {
			t.Error(drift)
		}
	}
	vault := airm.Ref{Kind: airm.KindClusterSecretStore, Project: "", Name: "vault"}
	store := Store(vault, map[string]string{airm.LabelManagedBy: "me"}, nil, map[string]any{}, Stamp{})
	same(t, store, fromYAML(t, `{kind: ClusterSecretStore, metadata: {name: vault, labels: {app.kubernetes.io/managed-by: me}, annotations: {terraform-provider-airm/home: /vault}}, spec: {}}`))
}

func TestTarget(t *testing.T) {
	ref := airm.Ref{Kind: airm.KindExternalSecret, Project: "team-a", Name: "db"}
	if TargetSecretName(ref, nil) != "db" || TargetSecretName(ref, fromYAML(t, `{target: {name: x}}`)) != "x" {
		t.Error("name")
	}
	for policy, want := range map[string]bool{"Owner": true, "Orphan": true, "Merge": false, "None": false, "CreateOrMerge": false} {
		if WipesExistingSecret(fromYAML(t, `{target: {creationPolicy: `+policy+`}}`)) != want {
			t.Error(policy)
		}
	}
	if !WipesExistingSecret(nil) {
		t.Error("the default is Owner")
	}
	// ESO takes a Secret as target.manifest too, and replaces one that exists.
	for object, want := range map[string]bool{
		"apiVersion: v1, kind: Secret": true, "apiVersion: v1, kind: ConfigMap": false, "apiVersion: a.example.com/v1, kind: Secret": false,
	} {
		spec := fromYAML(t, `{target: {name: x, manifest: {`+object+`}}}`)
		live := map[string]any{"spec": spec, "status": map[string]any{"syncedResourceVersion": "1-a"}}
		if WipesExistingSecret(spec) != want || OwnsSecret(live) != want || WritesSecretOf(ref, live, spec) != want {
			t.Errorf("%s: want %t", object, want)
		}
		if warned := len(ChangeWarnings(nil, spec)) > 0; warned == want {
			t.Errorf("%s: warned that it is no Secret: %t", object, warned)
		}
	}
}

// FuzzObjects: an object of any shape is read without a panic, and comparisons hold for any two of them.
func FuzzObjects(f *testing.F) {
	f.Add(minimal, defaulted)
	f.Add(full, minimal)
	f.Add(`{metadata: {managedFields: [1, {time: 2}], finalizers: [1, a], deletionTimestamp: x}}`, `{status: {conditions: {a: b}}}`)
	f.Add(`{status: {conditions: [{type: Ready, status: "True", reason: SecretSynced}], syncedResourceVersion: 0-, refreshTime: x}, spec: [a]}`, `{spec: {data: [[1], null, {sourceRef: {storeRef: []}}], dataFrom: [{rewrite: {}}]}}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		var ps jsonvalue.Problems
		x, y := readDocument(&ps, a), readDocument(&ps, b)
		if x == nil || y == nil {
			return
		}
		now := time.Unix(1<<30, 0)
		for _, obj := range []map[string]any{x, {"metadata": x, "spec": y, "status": x}} {
			ExternalSecretSync(obj, now, now)
			StoreSync(obj, now)
			Capabilities(obj)
			DeletionBlockers(obj)
		}
		CheckExternalSecret(x)
		ChangeWarnings(x, y)
		WithoutReserved(x)
		ExternalSecret(airm.Ref{Kind: airm.KindExternalSecret, Project: "a", Name: "b"}, airm.Definition{UseCase: airm.S3, Spec: x}, Stamp{})
		if d := Drift(x, DeclaredPart(x, x)); len(d) > 0 {
			t.Errorf("the declared part of an object drifts from it: %v", d)
		}
		part := DeclaredPart(x, y)
		if one, other := len(Drift(x, y)) == 0, len(Drift(x, part)) == 0; one != other {
			t.Errorf("drift %v, but of the declared part %v", !one, !other)
		}
		for _, kind := range []string{airm.KindExternalSecret, airm.KindSecretStore} {
			once := WithoutDefaults(kind, x, "")
			same(t, WithoutDefaults(kind, once, ""), once)
			same(t, WithoutDefaults(kind, x, DeclaredDefaults(kind, x)), x)
		}
	})
}
