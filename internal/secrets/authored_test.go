package secrets

import (
	"slices"
	"testing"
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

func TestParseAuthoredFillsStoreKinds(t *testing.T) {
	a, ps := ParseAuthored(`{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {namespace: team-a, name: db}, spec: {
		secretStoreRef: {name: a}, data: [{secretKey: x, sourceRef: {storeRef: {name: b}}}], dataFrom: [{extract: {key: k}, sourceRef: {storeRef: {name: c, kind: ClusterSecretStore}}}]}}`)
	if a == nil {
		t.Fatal(ps)
	}
	if a.ID() != "team-a/db" || textAt(a.Spec, "secretStoreRef", "kind") != KindSecretStore ||
		textAt(listAt(a.Spec, "data")[0], "sourceRef", "storeRef", "kind") != KindSecretStore ||
		textAt(listAt(a.Spec, "dataFrom")[0], "sourceRef", "storeRef", "kind") != KindClusterSecretStore {
		t.Errorf("%+v", a)
	}
}
