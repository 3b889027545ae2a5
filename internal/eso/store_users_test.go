// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"slices"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

func TestUsesStore(t *testing.T) {
	project := airm.Ref{Kind: airm.KindSecretStore, Project: "team-a", Name: "s"}
	organization := airm.Ref{Kind: airm.KindClusterSecretStore, Project: "", Name: "s"}
	for _, test := range []struct {
		name, spec   string
		project, org bool
	}{
		{"default kind", `{secretStoreRef: {name: s}}`, true, false},
		{"kind", `{secretStoreRef: {name: s, kind: ClusterSecretStore}}`, false, true},
		{"another", `{secretStoreRef: {name: t}}`, false, false},
		{"data", `{secretStoreRef: {name: t}, data: [{sourceRef: {storeRef: {name: s, kind: ClusterSecretStore}}}]}`, false, true},
		{"dataFrom", `{dataFrom: [{sourceRef: {generatorRef: {name: s, kind: Password}}}, {sourceRef: {storeRef: {name: s}}}]}`, true, false},
		{"generator", `{dataFrom: [{sourceRef: {generatorRef: {name: s, kind: Password}}}]}`, false, false},
	} {
		obj := map[string]any{"metadata": map[string]any{"namespace": "team-a"}, "spec": fromYAML(t, test.spec)}
		if got := UsesStore(obj, project); got != test.project {
			t.Errorf("%s: project's store: %t", test.name, got)
		}
		if got := UsesStore(obj, organization); got != test.org {
			t.Errorf("%s: organization's store: %t", test.name, got)
		}
		if UsesStore(obj, airm.Ref{Kind: airm.KindSecretStore, Project: "team-b", Name: "s"}) {
			t.Errorf("%s: uses a store of another project", test.name)
		}
	}
}

// A store that no entry fetches from does not count, nor does one of the organization.
func TestProjectStores(t *testing.T) {
	for spec, want := range map[string][]string{
		`{secretStoreRef: {name: s}, data: [{}, {}], dataFrom: [{extract: {key: k}}]}`:                          {"s"},
		`{secretStoreRef: {name: s, kind: ClusterSecretStore}, data: [{}]}`:                                     nil,
		`{secretStoreRef: {name: s, kind: ClusterSecretStore}, data: [{}, {sourceRef: {storeRef: {name: t}}}]}`: {"t"},
		`{secretStoreRef: {name: s}, data: [{sourceRef: {storeRef: {name: t, kind: SecretStore}}}]}`:            {"t"},
		`{secretStoreRef: {name: s}, data: [{}], dataFrom: [{sourceRef: {storeRef: {name: t}}}]}`:               {"s", "t"},
		`{secretStoreRef: {name: s}, data: [{sourceRef: {storeRef: {name: t, kind: ClusterSecretStore}}}]}`:     nil,
		`{secretStoreRef: {name: s}, dataFrom: [{sourceRef: {generatorRef: {name: g, kind: Password}}}]}`:       nil,
		`{data: [{}]}`: nil,
	} {
		var names []string
		for _, store := range ProjectStores(map[string]any{"metadata": map[string]any{"namespace": "team-a"}, "spec": fromYAML(t, spec)}) {
			if store.Kind != airm.KindSecretStore || store.Project != "team-a" {
				t.Errorf("%s: %v", spec, store)
			}
			names = append(names, store.Name)
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: %v", spec, names)
		}
	}
}

func TestManaged(t *testing.T) {
	for text, want := range map[string]bool{
		`{namespace: a, name: b}`: false,
		`{namespace: a, name: b, labels: {app.kubernetes.io/managed-by: helm}, annotations: {terraform-provider-airm/home: c/b}}`: false,
		`{namespace: a, name: b, labels: {app.kubernetes.io/managed-by: helm}, annotations: {terraform-provider-airm/home: a/b}}`: true,
		`{namespace: a, name: b, labels: {app.kubernetes.io/managed-by: terraform-provider-airm}}`:                                true,
	} {
		if got := Managed(map[string]any{"metadata": fromYAML(t, text)}); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}
