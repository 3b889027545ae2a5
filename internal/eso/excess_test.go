// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// A spec is compared in both directions: what another user added to it is a difference, what ESO and the CRD add is none.
func TestSpecDifferences(t *testing.T) {
	const desired = `{secretStoreRef: {name: vault, kind: ClusterSecretStore}, data: [{secretKey: a, remoteRef: {key: k}}]}`
	for _, test := range []struct{ name, desired, live, want string }{
		{"the same", desired, desired, "[]"},
		{"defaults", desired, `{secretStoreRef: {name: vault, kind: ClusterSecretStore}, refreshInterval: 1h0m0s, target: {creationPolicy: Owner, deletionPolicy: Retain},
			data: [{secretKey: a, remoteRef: {key: k, conversionStrategy: Default, decodingStrategy: None, metadataPolicy: None, ` +
			`nullBytePolicy: Ignore}, sourceRef: {storeRef: {}}}]}`, "[spec.data[0].sourceRef]"},
		{"an entry that reads everything", desired, `{secretStoreRef: {name: vault, kind: ClusterSecretStore}, data: [{secretKey: a, remoteRef: {key: k}}], dataFrom: [{find: {name: {regexp: .}}}]}`, "[spec.dataFrom]"},
		{"a forged object without a store", desired, `{dataFrom: [{find: {name: {regexp: .}}}]}`, "[spec.data spec.secretStoreRef.kind spec.secretStoreRef.name spec.dataFrom]"},
		{"another interval", desired, `{secretStoreRef: {name: vault, kind: ClusterSecretStore}, refreshInterval: 5s, data: [{secretKey: a, remoteRef: {key: k}}]}`, "[spec.refreshInterval]"},
		{"a target", desired, `{secretStoreRef: {name: vault, kind: ClusterSecretStore}, target: {name: other}, data: [{secretKey: a, remoteRef: {key: k}}]}`, "[spec.target]"},
		{"a version in an item", desired, `{secretStoreRef: {name: vault, kind: ClusterSecretStore}, data: [{secretKey: a, remoteRef: {key: k, version: "3"}}]}`, "[spec.data[0].remoteRef.version]"},
		{"a key of a template", `{target: {template: {data: {a: x}}}}`, `{target: {template: {data: {a: x, b: y}, engineVersion: v2, metadata: {}}}}`, "[spec.target.template.data.b]"},
		{"another order of data", `{data: [{secretKey: a, remoteRef: {key: k}}, {secretKey: b, remoteRef: {key: l}}]}`, `{data: [{secretKey: b, remoteRef: {key: l}}, {secretKey: a, remoteRef: {key: k}}]}`, "[]"},
		{"another order and value", `{data: [{secretKey: a, remoteRef: {key: k}}, {secretKey: b, remoteRef: {key: l}}]}`, `{data: [{secretKey: b, remoteRef: {key: l}}, {secretKey: a, remoteRef: {key: x}}]}`, "[spec.data[0].remoteRef.key]"},
		{"an unknown field", `{}`, `{invented: 1}`, "[spec.invented]"},
		{"values that say nothing", `{}`, `{target: {immutable: false}, dataFrom: []}`, "[]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := fmt.Sprint(SpecDifferences(airm.KindExternalSecret, fromYAML(t, test.desired), fromYAML(t, test.live))); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// The copy of an organization secret is owned as a whole, with what protects it.
func TestCopyDrift(t *testing.T) {
	a := airm.Assignment{Secret: "hf", Project: "team-a"}
	s := airm.OrganizationSecret{Name: "hf", Definition: airm.Definition{Spec: fromYAML(t, `{secretStoreRef: {name: vault, kind: ClusterSecretStore}, data: [{secretKey: a, remoteRef: {key: k}}]}`)}}
	managedFields := func(manager, field string) []any {
		fields := map[string]any{"f:spec": map[string]any{field: map[string]any{}}}
		return []any{map[string]any{"manager": manager, "fieldsV1": fields}}
	}
	for _, test := range []struct {
		name   string
		change func(object map[string]any)
		want   string
	}{
		{"as it was made", func(map[string]any) {}, "[]"},
		{"without the label", func(o map[string]any) { delete(jsonvalue.MapAt(o, "metadata", "labels"), airm.LabelOrganizationSecret) }, `[metadata.labels["terraform-provider-airm/organization-secret"]]`},
		{"without an annotation", func(o map[string]any) {
			delete(jsonvalue.MapAt(o, "metadata", "annotations"), airm.AnnotationOrganization)
		}, `[metadata.annotations["terraform-provider-airm/organization"]]`},
		{"with an owner", func(o map[string]any) {
			jsonvalue.MapAt(o, "metadata")["ownerReferences"] = []any{map[string]any{"kind": "ConfigMap", "uid": "x"}}
		}, "[metadata.ownerReferences]"},
		{"with an undeclared field", func(o map[string]any) {
			jsonvalue.MapAt(o, "spec")["refreshInterval"] = "1s"
		}, "[spec.refreshInterval]"},
		{"with a default that our write brought", func(o map[string]any) {
			jsonvalue.MapAt(o, "spec")["future"] = "default"
			jsonvalue.MapAt(o, "metadata")["managedFields"] = managedFields(airm.FieldManager, "f:future")
		}, "[]"},
		{"with a default of a newer CRD, which no one owns", func(o map[string]any) {
			jsonvalue.MapAt(o, "spec")["future"] = "default"
			jsonvalue.MapAt(o, "metadata")["managedFields"] = managedFields(airm.FieldManager, "f:data")
		}, "[]"},
		{"with a field that another manager owns", func(o map[string]any) {
			jsonvalue.MapAt(o, "spec")["future"] = "x"
			jsonvalue.MapAt(o, "metadata")["managedFields"] = managedFields("kubectl-edit", "f:future")
		}, "[spec.future]"},
		{"with a field that we do not know and managedFields emptied", func(o map[string]any) {
			jsonvalue.MapAt(o, "spec")["future"] = "x"
		}, "[spec.future]"},
		{"under an id of AIRM's webhook", func(o map[string]any) {
			jsonvalue.MapAt(o, "metadata", "labels")[airm.LabelProjectSecretID] = "x"
		}, `[metadata.labels["airm.silogen.ai/project-secret-id"]]`},
		{"to be registered in AIRM", func(o map[string]any) {
			jsonvalue.MapAt(o, "metadata", "annotations")[airm.AnnotationAutoDiscovered] = "true"
		}, `[metadata.annotations["airm.silogen.ai/auto-discovered"]]`},
		{"with what others add", func(o map[string]any) { jsonvalue.MapAt(o, "metadata", "labels")["airm.silogen.ai/project-id"] = "x" }, "[]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			live := AssignedObject(s, a, "org")
			test.change(live)
			if got := fmt.Sprint(CopyDrift(AssignedObject(s, a, "org"), live)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
