// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package platform

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// clusters writes a KUBECONFIG whose contexts lead to servers that answer so.
func clusters(t *testing.T, current string, answers map[string]string) {
	t.Helper()
	var contexts, servers string
	for name, answer := range answers {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if answer == "" {
				w.WriteHeader(http.StatusForbidden)
			}
			_, _ = fmt.Fprintf(w, `{"kind":"MutatingWebhookConfigurationList","apiVersion":"admissionregistration.k8s.io/v1","items":[%s]}`, answer)
		}))
		t.Cleanup(server.Close)
		servers += fmt.Sprintf("- {name: %s, cluster: {server: %q}}\n", name, server.URL)
		contexts += fmt.Sprintf("- {name: %s, context: {cluster: %s}}\n", name, name)
	}
	file := filepath.Join(t.TempDir(), "kubeconfig")
	text := "apiVersion: v1\nkind: Config\ncurrent-context: " + current + "\nclusters:\n" + servers + "contexts:\n" + contexts
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", file)
	t.Setenv(Allow, "")
}

func configuration(webhook string) string {
	return fmt.Sprintf(`{"kind":"MutatingWebhookConfiguration","apiVersion":"admissionregistration.k8s.io/v1","metadata":{"name":"airm-agent-webhook"},"webhooks":[{"name":"other.example.com"},{"name":%q}]}`, webhook)
}

func TestRefuse(t *testing.T) {
	airm, other := configuration("externalsecret.airm.silogen.ai"), configuration("check.example.com")
	for name, test := range map[string]struct {
		current string
		answers map[string]string
		refused string
	}{
		"none":            {"kind", map[string]string{"kind": other}, ""},
		"AIRM":            {"kind", map[string]string{"kind": airm}, `context "kind" (MutatingWebhookConfiguration airm-agent-webhook, webhook externalsecret.airm.silogen.ai)`},
		"AIRM in another": {"kind", map[string]string{"kind": other, "east": airm}, `context "east"`},
		"AIRM not used":   {"kind", map[string]string{"kind": other, "production": airm}, ""},
		"no answer":       {"kind", map[string]string{"kind": ""}, "cannot be found out"},
	} {
		t.Run(name, func(t *testing.T) {
			clusters(t, test.current, test.answers)
			err := Refuse(t.Context())
			explains := func(text string) bool { return strings.Contains(err.Error(), text) }
			if (err == nil) != (test.refused == "") || err != nil && (!explains(test.refused) || !explains(Allow+"=1")) {
				t.Errorf("refused: %v", err)
			}
			t.Setenv(Allow, "1")
			if err := Refuse(t.Context()); err != nil {
				t.Errorf("although it is allowed: %v", err)
			}
		})
	}
}
