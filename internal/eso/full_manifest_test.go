// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"slices"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func TestSplitClusters(t *testing.T) {
	rest, clusters, err := SplitClusters("team-a/db@east,west")
	if rest != "team-a/db" || !slices.Equal(clusters, []string{"east", "west"}) || err != nil {
		t.Errorf("%q %q %v", rest, clusters, err)
	}
	for _, id := range []string{"a@", "a@,", "a@b,", "a@ b", "a@b@c", "a@b,b"} {
		if _, got, err := SplitClusters(id); err == nil {
			t.Errorf("%q was accepted as %q", id, got)
		}
	}
}

func TestParseFullManifestFillsStoreKinds(t *testing.T) {
	a, ps := ParseFullManifest(`{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {namespace: team-a, name: db}, spec: {
		secretStoreRef: {name: a}, data: [{secretKey: x, sourceRef: {storeRef: {name: b}}}], ` +
		`dataFrom: [{extract: {key: k}, sourceRef: {storeRef: {name: c, kind: ClusterSecretStore}}}]}}`)
	if a == nil {
		t.Fatal(ps)
	}
	if a.ID() != "team-a/db" || jsonvalue.StringAt(a.Spec, "secretStoreRef", "kind") != airm.KindSecretStore ||
		jsonvalue.StringAt(jsonvalue.ListAt(a.Spec, "data")[0], "sourceRef", "storeRef", "kind") != airm.KindSecretStore ||
		jsonvalue.StringAt(jsonvalue.ListAt(a.Spec, "dataFrom")[0], "sourceRef", "storeRef", "kind") != airm.KindClusterSecretStore {
		t.Errorf("%+v", a)
	}
}
