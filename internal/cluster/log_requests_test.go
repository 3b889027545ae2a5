// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/klog/v2"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// linesOf decodes what a JSON handler wrote.
func linesOf(t *testing.T, output *bytes.Buffer) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for decoder := json.NewDecoder(output); decoder.More(); {
		line := map[string]any{}
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

func debugLogger(output *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(output, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// A line says what a request is for.
func TestRequestFields(t *testing.T) {
	const apis = "https://h/apis/external-secrets.io/v1"
	ref := airm.Ref{Kind: airm.KindExternalSecret, Project: "team-a", Name: "db"}
	for url, c := range map[string]struct {
		method, content    string
		write              *airm.Ref
		verb, kind, object string
	}{
		apis + "/namespaces/team-a/externalsecrets/db":                  {http.MethodGet, "", nil, "get", "ExternalSecret", "team-a/db"},
		apis + "/namespaces/team-a/externalsecrets?labelSelector=a%3Db": {http.MethodGet, "", nil, "list", "ExternalSecret", "team-a"},
		apis + "/externalsecrets?watch=true&resourceVersion=4":          {http.MethodGet, "", nil, "watch", "ExternalSecret", ""},
		apis + "/namespaces/team-a/externalsecrets": {
			http.MethodPost, "application/json", &ref, "create", "ExternalSecret", "team-a/db",
		},
		apis + "/namespaces/team-a/externalsecrets/db?force=true": {
			http.MethodPatch, "application/apply-patch+yaml", &ref, "apply", "ExternalSecret", "team-a/db",
		},
		apis + "/namespaces/team-a/externalsecrets/db?fieldManager=x": {
			http.MethodPatch, "application/json-patch+json", &ref, "patch", "ExternalSecret", "team-a/db",
		},
		apis + "/clustersecretstores/vault": {
			http.MethodDelete, "", nil, "delete", "ClusterSecretStore", "vault",
		},
		"https://h/api/v1/namespaces/team-a":                                {http.MethodGet, "", nil, "get", "Namespace", "team-a"},
		"https://h/api/v1/namespaces":                                       {http.MethodGet, "", nil, "list", "Namespace", ""},
		"https://h/api/v1/namespaces/team-a/secrets/db":                     {http.MethodGet, "", nil, "get", "Secret", "team-a/db"},
		"https://rancher/k8s/clusters/c-1/api/v1/namespaces/a/configmaps/x": {http.MethodPut, "", nil, "update", "ConfigMap", "a/x"},
		"https://h/apis/external-secrets.io":                                {http.MethodGet, "", nil, "get", "/apis/external-secrets.io", ""},
		"https://h/api/v1/namespaces/a/things/x/status":                     {http.MethodGet, "", nil, "get", "things", "a/x/status"},
	} {
		ctx := t.Context()
		if c.write != nil {
			ctx = writing(ctx, *c.write)
		}
		request, err := http.NewRequestWithContext(ctx, c.method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", c.content)
		_, fields := describeRequest(request)
		if fields[1] != c.verb || fields[3] != c.kind || fields[5] != c.object {
			t.Errorf("%s %s: %v", c.method, url, fields)
		}
	}
}

// Each attempt has a line, with its number and how it ended, and no line has a header, a query or a body.
func TestRequestsAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var output bytes.Buffer
		logger := debugLogger(&output)
		sent := 0
		far := roundTrip(func(*http.Request) (*http.Response, error) {
			switch sent++; sent {
			case 1:
				return nil, errRefused
			case 2:
				return newResponse(http.StatusServiceUnavailable, "the-body"), nil
			}
			time.Sleep(20 * time.Millisecond)
			return newResponse(http.StatusOK, "the-body", "X-Answer", "the-header"), nil
		})
		chain := countAttempts{next: retrying(loggedRequests{next: far, cluster: "east", logger: logger}), logger: logger}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, "https://h/api/v1/namespaces/a/secrets/x?fieldManager=the-query", strings.NewReader("the-body"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer the-header")
		if _, err := chain.RoundTrip(request); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(output.String(), "the-") {
			t.Errorf("it is in a line: %s", output.String())
		}
		lines := linesOf(t, &output)
		if len(lines) != 3 {
			t.Fatalf("%v", lines)
		}
		for i, line := range lines {
			if line["attempt"] != float64(i+1) || line["cluster"] != "east" || line["verb"] != "patch" || line["object"] != "a/x" {
				t.Errorf("%v", line)
			}
		}
		answered := lines[2]["http_status"] == 200.0 && lines[2]["duration_ms"] == 20.0
		if lines[0]["error"] == nil || lines[1]["msg"] != "Request: patch Secret a/x: 503" || lines[1]["http_status"] != 503.0 || !answered {
			t.Errorf("%v", lines)
		}
	})
}

// The message of an API server may quote what was sent.
func TestLogText(t *testing.T) {
	err := apierrors.NewBadRequest(`strict decoding error: "the-value"`)
	if got := logText(errors.Join(err)); got != "400 BadRequest" {
		t.Error(got)
	}
	if got := logText(errors.New(`parse "http://ali:ba ba@proxy": invalid character`)); strings.Contains(got, "ba") {
		t.Error(got)
	}
	if got := logText(errRefused); got != errRefused.Error() {
		t.Error(got)
	}
}

// What a credential plugin is given in its environment may be a secret by many names.
func TestHideCredentials(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	hideCredentials(t.Context(), &rest.Config{ExecProvider: &clientcmdapi.ExecConfig{Env: []clientcmdapi.ExecEnvVar{
		{Name: "AZURE_CLIENT_SECRET", Value: "one-of-the-env"},
		{Name: "VAULT_SECRET_ID", Value: "two-of-the-env"},
		{Name: "AWS_REGION", Value: "eu-of-the-env"},
	}}})
	if got := logging.Text("one-of-the-env two-of-the-env eu-of-the-env"); got != "*** *** eu-of-the-env" {
		t.Error(got)
	}
}

// A server's address may hold a password, also where it is no URL.
func TestConnectingShowsNoPassword(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	for _, server := range []string{
		"https://ali:ses ame@one.example.com", "ali:sesame@one.example.com", `https://ali:a\"ses@ame@one.example.com`,
	} {
		var output bytes.Buffer
		slog.SetDefault(debugLogger(&output))
		config := Config{Kubeconfig: strings.Replace(kubeconfig, "https://one.example.com", server, 1)}
		_, _ = New("far", config, testOptions()).connect(t.Context()) // some are no address: they are logged before that is found
		text := output.String()
		if lines := linesOf(t, &output); len(lines) == 0 || lines[0]["host"] != "one.example.com" || strings.Contains(text, "ses") {
			t.Errorf("%s: %s", server, text)
		}
	}
}

// client-go's lines come where ours do, and never as many that bodies or headers are among them, whatever the level.
func TestClientLog(t *testing.T) {
	t.Cleanup(klog.ClearLogger)
	var output bytes.Buffer
	LogClient(slog.NewJSONHandler(&output, &slog.HandlerOptions{Level: slog.Level(-100)}))
	conflict := apierrors.NewConflict(schema.GroupResource{Resource: "x"}, "y", errors.New("the-value"))
	for level := range 11 {
		klog.FromContext(context.Background()).V(level).Info("line", "level", level, "err", conflict)
	}
	klog.FromContext(t.Context()).WithValues("err", conflict).Error(conflict, "an error")
	klog.Warningf("plain %s", "text")
	klog.Errorf("refreshing credentials: %v", errors.New("decoding stdout: the-value"))
	if strings.Contains(output.String(), "the-value") {
		t.Errorf("%s", output.String())
	}
	lines := linesOf(t, &output)
	if len(lines) != 8 || lines[4]["level"] != 4.0 || lines[5]["msg"] != "client-go: an error" ||
		!strings.HasPrefix(lines[6]["msg"].(string), "client-go: plain text") {
		t.Errorf("%v", lines)
	}
}

// What the log of requests costs if it is disabled.
func BenchmarkTransport(b *testing.B) {
	far := roundTrip(func(*http.Request) (*http.Response, error) { return newResponse(http.StatusOK, "{}"), nil })
	off := slog.New(slog.DiscardHandler)
	for name, chain := range map[string]http.RoundTripper{
		"without": newInFlightLimit(&outage{next: retrying(far)}),
		"off": newInFlightLimit(&outage{next: countAttempts{logger: off,
			next: retrying(loggedRequests{next: far, cluster: "east", logger: off})}}),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "https://h/api/v1/namespaces/a/secrets/x", nil)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := chain.RoundTrip(request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
