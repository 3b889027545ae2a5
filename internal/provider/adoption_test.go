// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Whatever the spec of an object of others holds, an import declares all of it and nothing else: in the typed
// arguments or, where these would lose something, in manifest, other and conditions.
func TestAdoptionLosesNothing(t *testing.T) {
	fields := esoFields(t)
	selector, _ := labels.Parse(airm.DefaultProjectSelector)
	settings := &providerSettings{projectSelector: selector}
	forms, seen := map[string]int{}, map[string]bool{}
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 1))
		for _, ref := range []airm.Ref{
			{Kind: airm.KindExternalSecret, Project: "team-a", Name: "db"},
			{Kind: airm.KindSecretStore, Project: "team-a", Name: "vault"},
			{Kind: airm.KindClusterSecretStore, Name: "vault"},
		} {
			spec := foreignSpec(r, fields, ref.Kind)
			fieldsIn(spec, strings.TrimPrefix(ref.Kind, "Cluster"), seen)
			live := map[string]any{"kind": ref.Kind, "metadata": map[string]any{"name": ref.Name, "namespace": ref.Project}, "spec": spec}
			m := newImported(ref)
			if diags := m.fill(t.Context(), eso.Imported(live)); diags.HasError() {
				t.Fatalf("seed %d: %v", seed, diags)
			}
			forms[formOf(m)]++
			rendered, _ := m.render(eso.Stamp{}, settings)["spec"].(map[string]any)
			declared := eso.WithoutDefaults(ref.Kind, spec, "")
			if missing := eso.Drift(declared, rendered); len(missing) > 0 {
				t.Fatalf("seed %d, %s: lost %v of\n%s\nin\n%s", seed, formOf(m), missing, mustJSON(declared), mustJSON(rendered))
			}
			if added := eso.Drift(rendered, spec); len(added) > 0 {
				t.Fatalf("seed %d, %s: added or changed %v of\n%s\nin\n%s", seed, formOf(m), added, mustJSON(spec), mustJSON(rendered))
			}
		}
	}
	for _, kind := range []string{airm.KindExternalSecret, airm.KindSecretStore} {
		if missing := unmet(fields, kind, seen); len(missing) > 0 {
			t.Errorf("no object had the fields %s", missing)
		}
	}
	for _, name := range []string{"typed secret", "manifest", "typed store", "other", "conditions"} {
		if forms[name] < 20 {
			t.Errorf("only %d of the objects became a %s: %v", forms[name], name, forms)
		}
	}
}

func newImported(ref airm.Ref) kindModel {
	if ref.Kind == airm.KindExternalSecret {
		return &projectSecretModel{objectModel: objectModel{Name: types.StringValue(ref.Name)}, Project: types.StringValue(ref.Project)}
	}
	return &providerStoreModel{objectModel: objectModel{Name: types.StringValue(ref.Name)}, Project: optional(ref.Project)}
}

// formOf names how a model declares its object.
func formOf(m kindModel) string {
	switch m := m.(type) {
	case *projectSecretModel:
		if !m.Manifest.IsNull() {
			return "manifest"
		}
		return "typed secret"
	case *providerStoreModel:
		switch {
		case !m.Conditions.IsNull():
			return "conditions"
		case !m.Other.IsNull():
			return "other"
		}
	}
	return "typed store"
}

// foreignSpec is a spec as others write it: also with what no argument is for, and with references that name no kind.
func foreignSpec(r *rand.Rand, fields map[string]esoField, kind string) map[string]any {
	if kind == airm.KindExternalSecret {
		spec := randomSpec(r, fields, kind)
		if store, ok := spec["secretStoreRef"].(map[string]any); ok && r.IntN(4) == 0 {
			delete(store, "kind")
		}
		if r.IntN(4) == 0 {
			spec["newerThanTheProvider"] = "value"
		}
		if target, ok := spec["target"].(map[string]any); ok && r.IntN(4) == 0 {
			target["manifest"] = map[string]any{"apiVersion": "v1", "kind": "ConfigMap"}
		}
		if _, ok := spec["refreshInterval"]; ok {
			spec["refreshInterval"] = []any{"1h", "60m", "1h0m0s", "0"}[r.IntN(4)]
		}
		return spec
	}
	spec := randomSpec(r, fields, airm.KindSecretStore)
	switch r.IntN(3) {
	case 0:
		spec["conditions"] = randomValue(r, fields, "SecretStore.conditions")
	case 1:
		spec["conditions"] = []any{map[string]any{"namespaces": []any{"team-a", "team-b"}}}
	}
	if r.IntN(2) == 0 {
		spec["refreshInterval"] = int64(r.IntN(1000))
	}
	if r.IntN(3) == 0 {
		spec["provider"] = map[string]any{"webhook": map[string]any{"url": "https://example.com", "novelty": true}}
	}
	return spec
}

// Conditions that the arguments can say are not written as JSON.
func TestAdoptedConditions(t *testing.T) {
	for text, want := range map[string]string{
		`null`: "conditions", `[]`: "conditions", `[{"namespaceRegexes":["a"]}]`: "conditions",
		`[{"namespaceSelector":{"matchLabels":{"a":"b"}}}]`: "conditions", `[{"namespaces":["b","a"]}]`: "conditions",
		`[{"namespaces":["a","b"]}]`: "typed store", `[{"namespaceSelector":{}}]`: "typed store",
	} {
		conditions, err := jsonvalue.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		m := newImported(airm.Ref{Kind: airm.KindClusterSecretStore, Name: "vault"}).(*providerStoreModel)
		m.fillAllowed(map[string]any{}, conditions)
		if got := formOf(m); got != want {
			t.Errorf("%s becomes %s", text, got)
		}
		got := m.conditions(&providerSettings{projectSelector: labels.Nothing()})
		if list, _ := conditions.([]any); !reflect.DeepEqual(got, list) && len(list) > 0 {
			t.Errorf("%s becomes %v", text, m.conditions(nil))
		}
	}
}
