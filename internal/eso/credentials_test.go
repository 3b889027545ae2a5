// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func TestCredentialsRef(t *testing.T) {
	for store, want := range map[airm.Ref]string{
		{Kind: airm.KindSecretStore, Project: "team-a", Name: "vault"}:    "Secret team-a/vault-credentials",
		{Kind: airm.KindClusterSecretStore, Project: "", Name: "vault.x"}: "Secret platform/vault.x-credentials",
	} {
		if got := CredentialsRef(store, "platform").String(); got != want {
			t.Errorf("%s: %s, want %s", store, got, want)
		}
	}
	long := airm.Ref{Kind: airm.KindSecretStore, Project: "team-a", Name: strings.Repeat("a.", 126) + "a"}
	other := airm.Ref{Kind: airm.KindSecretStore, Project: "team-a", Name: strings.Repeat("a.", 126) + "b"}
	got := CredentialsRef(long, "").Name
	if err := airm.CheckName(got); err != nil || got == CredentialsRef(other, "").Name {
		t.Errorf("%s: %v", got, err)
	}
}

func TestPointToCredentials(t *testing.T) {
	secret := airm.Ref{Kind: KindSecret, Project: "ns", Name: "s-credentials"}
	for _, test := range []struct{ name, kind, before, want string }{
		{"vault", airm.KindSecretStore, `{vault: {auth: {tokenSecretRef: {key: k}}}}`, `{vault: {auth: {tokenSecretRef: {key: k, name: s-credentials}}}}`},
		{"everywhere", airm.KindClusterSecretStore, `{vault: {tls: {certSecretRef: {}}, auth: {iam: {secretRef: {accessKeyIDSecretRef: {key: k}}}}}}`,
			`{vault: {tls: {certSecretRef: {name: s-credentials, namespace: ns}}, auth: {iam: {secretRef: {accessKeyIDSecretRef: {key: k, name: s-credentials, namespace: ns}}}}}}`},
		{"named", airm.KindClusterSecretStore, `{aws: {auth: {secretRef: {accessKeyIDSecretRef: {name: own, key: k}}}}}`, `{aws: {auth: {secretRef: {accessKeyIDSecretRef: {name: own, key: k}}}}}`},
		{"a namespace alone", airm.KindClusterSecretStore,
			`{kubernetes: {authRef: {namespace: other, key: k}}}`, `{kubernetes: {authRef: {namespace: other, key: k}}}`},
		{"an account", airm.KindSecretStore, `{azurekv: {serviceAccountRef: {}}}`, `{azurekv: {serviceAccountRef: {}}}`},
		{"unknown backend", airm.KindSecretStore,
			`{doppler: {auth: {secretRef: {dopplerToken: {key: k}}}}}`, `{doppler: {auth: {secretRef: {dopplerToken: {key: k}}}}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			before, want := fromYAML(t, "provider: "+test.before), fromYAML(t, "provider: "+test.want)
			got := PointToCredentials(before, test.kind, secret)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
			if !reflect.DeepEqual(before, fromYAML(t, "provider: "+test.before)) {
				t.Error("the argument was changed")
			}
			if again := WithoutCredentialsRef(got, secret); !reflect.DeepEqual(again, before) {
				t.Errorf("the inverse gives %v", again)
			}
		})
	}
}

func TestCheckCredentials(t *testing.T) {
	spec := fromYAML(t, `provider: {vault: {tls: {certSecretRef: {}, keySecretRef: {name: own}}, auth: {appRole: {roleRef: {key: id}, secretRef: {key: secret}}}}}`)
	var got []string
	for _, p := range CheckCredentials(spec, map[string]bool{"id": true}) {
		got = append(got, p.Path.String())
	}
	want := []string{"spec.provider.vault.auth.appRole.secretRef.key", "spec.provider.vault.tls.certSecretRef.key"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestCheckSecretKey(t *testing.T) {
	for key, ok := range map[string]bool{
		"key.json": true, "A-1_b": true,
		"": false, "a b": false, "..": false, "a/b": false, strings.Repeat("a", 254): false,
	} {
		if problem := CheckSecretKey(key); (problem == "") != ok {
			t.Errorf("%q: %q", key, problem)
		}
	}
}

func TestCredentialsSecret(t *testing.T) {
	ref := airm.Ref{Kind: KindSecret, Project: "ns", Name: "s-credentials"}
	owner := Owner{Store: airm.Ref{Kind: airm.KindClusterSecretStore, Project: "", Name: "s"}, APIVersion: "external-secrets.io/v1", UID: "u1"}
	secret := CredentialsSecret(ref, owner, 2, map[string]string{"k": "v"})
	if got := jsonvalue.StringAt(secret, "data", "k"); got != "dg==" {
		t.Errorf("data: %q", got)
	}
	if !HoldsCredentials(secret, "u1", 2) || HoldsCredentials(secret, "u1", 3) ||
		HoldsCredentials(secret, "u2", 2) || HoldsCredentials(secret, "", 2) {
		t.Error("not distinguished")
	}
	if !MadeForCredentials(secret, ref) || MadeForCredentials(secret, airm.Ref{Kind: KindSecret, Project: "copied", Name: "s-credentials"}) {
		t.Error("a copy in another namespace is ours")
	}
	jsonvalue.MakeMap(secret, "metadata")["deletionTimestamp"] = "2026-01-01T00:00:00Z"
	if HoldsCredentials(secret, "u1", 2) {
		t.Error("one that is being deleted is taken for intact")
	}
	unowned := CredentialsSecret(ref, Owner{}, 2, nil)
	if OwnsCredentials(unowned, "") || jsonvalue.At(unowned, "metadata", "ownerReferences") != nil {
		t.Error("a Secret without owner has one")
	}
}

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

func TestRequestedStoreSync(t *testing.T) {
	obj := fromYAML(t, `
metadata: {creationTimestamp: "2026-01-01T10:00:00Z", managedFields: [{time: "2026-01-01T10:00:05Z"}]}
status: {conditions: [{type: Ready, status: "True", reason: Valid, lastTransitionTime: "2026-01-01T10:00:06Z"}]}`)
	at := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
	now := at.Add(time.Minute)
	for seconds, want := range map[int]airm.Status{0: airm.Synced, 5: airm.Synced, 7: airm.Pending} {
		if got := RequestedStoreSync(obj, at.Add(time.Duration(seconds)*time.Second), now).Status; got != want {
			t.Errorf("requested after %d s: %s", seconds, got)
		}
	}
	if got := RequestedStoreSync(obj, time.Time{}, now).Status; got != airm.Synced {
		t.Errorf("not requested: %s", got)
	}
}
