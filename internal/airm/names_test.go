// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
)

func TestCheckName(t *testing.T) {
	for name, want := range map[string]string{
		"db": "", "a.b": "", "0-1.x": "", strings.Repeat("a", 253): "",
		"":                       "it is empty",
		"a":                      "only one character",
		strings.Repeat("a", 254): "254 characters",
		"teamA":                  "character 5, 'A', is upper case",
		"a_b":                    "character 2, '_', is not allowed",
		"añb":                    "character 2, 'ñ', is not allowed",
		"-ab":                    `begins with "-"`,
		"ab-":                    `ends with "-"`,
		"ab-.c":                  `part "ab-" ends with "-"`,
		"a..b":                   "two dots in a row",
		".ab":                    `begins or ends with "."`,
	} {
		err := CheckName(name)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("CheckName(%q) = %v, want %q", name, err, want)
		}
	}
}

func TestCheckProject(t *testing.T) {
	for name, valid := range map[string]bool{
		"a": true, "team-a": true, strings.Repeat("a", 63): true,
		"": false, "a.b": false, "-a": false, "A": false, strings.Repeat("a", 64): false,
	} {
		if err := CheckProject(name); (err == nil) != valid {
			t.Errorf("CheckProject(%q) = %v", name, err)
		}
	}
}

// What we refuse and what Kubernetes refuses is the same.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"", "db", "a..b", "-a", "a.-b", "A", "é", "a.b-c.d", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if got, want := CheckProject(name) == nil, len(validation.IsDNS1123Label(name)) == 0; got != want {
			t.Errorf("CheckProject(%q): valid %v, Kubernetes says %v", name, got, want)
		}
		if got, want := CheckName(name) == nil, len(validation.IsDNS1123Subdomain(name)) == 0 && len(name) > 1; got != want {
			t.Errorf("CheckName(%q): valid %v, Kubernetes says %v", name, got, want)
		}
		if ref, err := ParseProviderStoreID(name); err == nil && ref.ID() != name {
			t.Errorf("ParseProviderStoreID(%q).ID() = %q", name, ref.ID())
		}
	})
}

func TestReserved(t *testing.T) {
	for key, want := range map[string]bool{
		"airm.silogen.ai/use-case": true, "airm.silogen.com/use-case": true, "terraform-provider-airm/owner": true,
		"airm.silogen.ai": false, "x.airm.silogen.ai/a": false, "team": false, "app.kubernetes.io/managed-by": false,
	} {
		if Reserved(key) != want {
			t.Errorf("Reserved(%q) = %v", key, !want)
		}
	}
}

func TestRefs(t *testing.T) {
	secret, err := ParseProjectSecretID("team-a/db")
	if err != nil || secret != (Ref{KindExternalSecret, "team-a", "db"}) || secret.String() != "ExternalSecret team-a/db" {
		t.Errorf("got %v, %v", secret, err)
	}
	store, err := ParseProviderStoreID("vault")
	if err != nil || store != (Ref{KindClusterSecretStore, "", "vault"}) || store.String() != "ClusterSecretStore vault" {
		t.Errorf("got %v, %v", store, err)
	}
	store, err = ParseProviderStoreID("team-a/vault")
	if err != nil || store != (Ref{KindSecretStore, "team-a", "vault"}) {
		t.Errorf("got %v, %v", store, err)
	}
	for _, id := range []string{"", "db", "/db", "team-a/", "a/b/c", "Team/db"} {
		if _, err := ParseProjectSecretID(id); err == nil || !strings.Contains(err.Error(), "project/name") {
			t.Errorf("ParseProjectSecretID(%q): %v", id, err)
		}
	}
	for _, id := range []string{"", "/vault", "team-a/", "a/b/c", "Vault"} {
		if _, err := ParseProviderStoreID(id); err == nil || !strings.Contains(err.Error(), "project/name") {
			t.Errorf("ParseProviderStoreID(%q): %v", id, err)
		}
	}
}

func TestCheckLabel(t *testing.T) {
	if err := CheckLabel("app.kubernetes.io/name", "db"); err != nil {
		t.Error(err)
	}
	for _, label := range [][2]string{{"a b", "x"}, {"airm.silogen.ai/use-case", "S3"}, {"team", "a b"}, {"team", strings.Repeat("a", 64)}} {
		if err := CheckLabel(label[0], label[1]); err == nil {
			t.Errorf("%q is taken", label)
		}
	}
	if err := CheckLabel("force-sync", "x"); err != nil {
		t.Error(err)
	}
	if err := CheckAnnotation("force-sync", "x"); err == nil || !strings.Contains(err.Error(), "sync_triggers") {
		t.Errorf("an annotation that every sync changes: %v", err)
	}
	if err := CheckAnnotation("note", "any text"); err != nil {
		t.Error(err)
	}
}
