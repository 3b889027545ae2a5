package secrets

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
	for name, valid := range map[string]bool{"a": true, "team-a": true, strings.Repeat("a", 63): true, "": false, "a.b": false, "-a": false, strings.Repeat("a", 64): false, "A": false} {
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
		"airm.silogen.ai/use-case": true, "terraform-provider-airm/owner": true,
		"airm.silogen.com/use-case": true, "airm.silogen.ai": false, "x.airm.silogen.ai/a": false, "team": false, "app.kubernetes.io/managed-by": false,
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

func TestCheckUseCase(t *testing.T) {
	for _, u := range UseCases() {
		if err := CheckUseCase(u, false); err != nil {
			t.Error(err)
		}
		if err := CheckUseCase(u, true); (err != nil) != (u == "S3") {
			t.Errorf("project secret, %s: %v", u, err)
		}
	}
	if err := CheckUseCase("database", true); err == nil || !strings.Contains(err.Error(), "write Database") {
		t.Error(err)
	}
	if err := CheckUseCase("Other", true); err == nil || strings.Contains(err.Error(), "S3") {
		t.Error(err)
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

func TestDurations(t *testing.T) {
	for s, want := range map[string]string{"1h": "1h0m0s", "0": "0s", "0s": "0s", "90s": "1m30s", "1h0m0s": "1h0m0s"} {
		if got, err := CanonicalDuration(s); got != want || err != nil {
			t.Errorf("CanonicalDuration(%q) = %q, %v", s, got, err)
		}
	}
	for s, want := range map[string]string{"1d": `"24h"`, "10min": `"10m"`, "-1h": "negative", "": "empty", "soon": "not a Go duration", "60": "not a Go duration"} {
		if got, err := CanonicalDuration(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CanonicalDuration(%q) = %q, %v", s, got, err)
		}
	}
	for _, pair := range [][2]string{{"1h", "60m"}, {"x", "x"}, {"0", "0s"}} {
		if !EqualDurations(pair[0], pair[1]) {
			t.Errorf("%v differ", pair)
		}
	}
	if EqualDurations("x", "y") || EqualDurations("1h", "x") || EqualDurations("1h", "2h") {
		t.Error("different durations are equal")
	}
	if s, err := DurationSeconds("1h"); s != 3600 || err != nil {
		t.Error(s, err)
	}
	if _, err := DurationSeconds("1500ms"); err == nil {
		t.Error("a fraction of a second is taken")
	}
}

func TestPathString(t *testing.T) {
	for want, p := range map[string]Path{
		"spec.data[0].remoteRef.key":                {"spec", "data", 0, "remoteRef", "key"},
		`metadata.labels["app.kubernetes.io/name"]`: {"metadata", "labels", "app.kubernetes.io/name"},
		`spec.target.template.data["tls.crt"]`:      {"spec", "target", "template", "data", "tls.crt"},
		`[""]`:                                      {""},
		"":                                          nil,
	} {
		if got := p.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestCap(t *testing.T) {
	for text, want := range map[string]string{
		"a\n\tb":            "a b",
		"\x1b[31mred\u202e": "[31mred",
		"  x  ":             "x",
		"":                  "",
		"a\xffb":            "ab",
	} {
		if got := Cap(text); got != want {
			t.Errorf("Cap(%q) = %q, want %q", text, got, want)
		}
	}
	for _, long := range []string{strings.Repeat("é", 5000), strings.Repeat("a ", 5000), strings.Repeat("ab ", 5000)} {
		got := []rune(Cap(long))
		if len(got) > 1024 || len(got) < 1022 || got[len(got)-1] != '…' {
			t.Errorf("%d characters, end %q", len(got), got[len(got)-1])
		}
	}
	if exact := strings.Repeat("a", 1024); Cap(exact) != exact {
		t.Error("a text that fits is cut")
	}
}
