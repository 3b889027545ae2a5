// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func TestContentDifferences(t *testing.T) {
	const base = `{secretStoreRef: {name: s, kind: SecretStore}, refreshInterval: 1h, data: [{secretKey: a, remoteRef: {key: a}}, {secretKey: b, remoteRef: {key: b}}]}`
	for name, c := range map[string]struct {
		metadata, spec string
		want           string // the first difference
	}{
		"the same":             {`{}`, base, ""},
		"defaults":             {`{}`, `{secretStoreRef: {name: s, kind: SecretStore}, target: {creationPolicy: Owner, deletionPolicy: Retain}, refreshInterval: 60m, data: [{secretKey: a, remoteRef: {key: a, conversionStrategy: Default}}, {secretKey: b, remoteRef: {key: b}}]}`, ""},
		"another order":        {`{}`, `{secretStoreRef: {name: s, kind: SecretStore}, data: [{secretKey: b, remoteRef: {key: b}}, {secretKey: a, remoteRef: {key: a}}]}`, ""},
		"without kind":         {`{}`, `{secretStoreRef: {name: s}, data: [{secretKey: a, remoteRef: {key: a}}, {secretKey: b, remoteRef: {key: b}}]}`, ""},
		"labels of others":     {`{labels: {team: a}}`, base, ""},
		"another interval":     {`{}`, `{secretStoreRef: {name: s, kind: SecretStore}, refreshInterval: 2h, data: [{secretKey: a, remoteRef: {key: a}}, {secretKey: b, remoteRef: {key: b}}]}`, "spec.refreshInterval"},
		"another store":        {`{}`, `{secretStoreRef: {name: s, kind: ClusterSecretStore}, data: [{secretKey: a, remoteRef: {key: a}}, {secretKey: b, remoteRef: {key: b}}]}`, "spec.secretStoreRef.kind"},
		"more":                 {`{}`, `{secretStoreRef: {name: s, kind: SecretStore}, data: [{secretKey: a, remoteRef: {key: a}}, {secretKey: b, remoteRef: {key: b}}], target: {name: other}}`, "spec.target"},
		"a label of our own":   {`{labels: {team: a}, managedFields: [{manager: terraform-provider-airm, fieldsV1: {"f:metadata": {"f:labels": {"f:team": {}}}}}]}`, base, "metadata.labels.team"},
		"an id of AIRM's":      {`{labels: {airm.silogen.ai/project-secret-id: x}}`, base, ""},
		"a made-up data entry": {`{}`, `{secretStoreRef: {name: s, kind: SecretStore}, data: [{secretKey: a, remoteRef: {key: c}}, {secretKey: b, remoteRef: {key: b}}]}`, "spec.data[0].remoteRef.key"},
	} {
		a := map[string]any{"kind": airm.KindExternalSecret, "metadata": map[string]any{}, "spec": parseObject(t, base)}
		b := map[string]any{"kind": airm.KindExternalSecret, "metadata": parseObject(t, c.metadata), "spec": parseObject(t, c.spec)}
		for _, pair := range [][2]map[string]any{{a, b}, {b, a}} {
			found := ContentDifferences(pair[0], pair[1])
			if len(found) == 0 && c.want != "" || len(found) > 0 && (c.want == "" || !strings.HasPrefix(found[0].String(), c.want)) {
				t.Errorf("%s: %v, want %q", name, found, c.want)
			}
		}
	}
}

// Where a reference to a store has no kind, SecretStore is no drift.
func TestImpliedKind(t *testing.T) {
	declared := map[string]any{"spec": parseObject(t, `{secretStoreRef: {name: s, kind: SecretStore}, data: [{secretKey: a, sourceRef: {storeRef: {name: s, kind: SecretStore}}}]}`)}
	live := map[string]any{"spec": parseObject(t, `{secretStoreRef: {name: s}, data: [{secretKey: a, sourceRef: {storeRef: {name: s}}}]}`)}
	if found := Drift(declared, live); len(found) > 0 {
		t.Errorf("drift at %v", found)
	}
	part := DeclaredPart(declared, live)
	found := Drift(declared, map[string]any{"spec": part["spec"]})
	if len(found) > 0 || jsonvalue.StringAt(part, "spec", "secretStoreRef", "kind") != airm.KindSecretStore {
		t.Errorf("the declared part is %v", part)
	}
	cluster := map[string]any{"spec": parseObject(t, `{secretStoreRef: {name: s, kind: ClusterSecretStore}}`)}
	if found := Drift(cluster, live); len(found) != 1 || found[0].String() != "spec.secretStoreRef.kind" {
		t.Errorf("drift at %v", found)
	}
}
