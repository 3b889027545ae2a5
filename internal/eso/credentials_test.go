// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"reflect"
	"slices"
	"strings"
	"testing"

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

func TestCredentials(t *testing.T) {
	ref := airm.Ref{Kind: KindSecret, Project: "ns", Name: "s-credentials"}
	owner := Owner{Store: airm.Ref{Kind: airm.KindClusterSecretStore, Project: "", Name: "s"}, APIVersion: "external-secrets.io/v1", UID: "u1"}
	kept := func(version int64, key string) Credentials {
		return Credentials{Version: version, Spec: fromYAML(t, "provider: {vault: {auth: {tokenSecretRef: {key: "+key+"}}}}")}
	}
	secret := kept(2, "k").Secret(ref, owner, map[string]string{"k": "v"})
	if got := jsonvalue.StringAt(secret, "data", "k"); got != "dg==" {
		t.Errorf("data: %q", got)
	}
	for _, test := range []struct {
		wanted Credentials
		uid    string
		want   bool
	}{
		{kept(2, "k"), "u1", true}, {kept(3, "k"), "u1", false}, {kept(2, "other"), "u1", false},
		{kept(2, "k"), "u2", false}, {kept(2, "k"), "", false},
	} {
		if got := test.wanted.AreIn(secret, test.uid); got != test.want {
			t.Errorf("%+v of %q: %t", test.wanted, test.uid, got)
		}
	}
	if !MadeForCredentials(secret, ref) || MadeForCredentials(secret, airm.Ref{Kind: KindSecret, Project: "copied", Name: "s-credentials"}) {
		t.Error("a copy in another namespace is ours")
	}
	delete(jsonvalue.MapAt(secret, "metadata", "annotations"), AnnotationCredentialsKeys)
	if !kept(2, "k").AreIn(secret, "u1") {
		t.Error("a Secret of an earlier version is written again")
	}
	jsonvalue.MakeMap(secret, "metadata")["deletionTimestamp"] = "2026-01-01T00:00:00Z"
	if kept(2, "k").AreIn(secret, "u1") {
		t.Error("one that is being deleted is taken for intact")
	}
	unowned := kept(2, "k").Secret(ref, Owner{}, nil)
	if OwnsCredentials(unowned, "") || jsonvalue.At(unowned, "metadata", "ownerReferences") != nil {
		t.Error("a Secret without owner has one")
	}
}
