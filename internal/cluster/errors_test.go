// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// A run that is interrupted says nothing of the cluster, which is not unavailable then.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	hanging := New("far", Config{Host: "http://" + listen(t, func(net.Conn) { interrupt() })}, testOptions())
	_, err := hanging.Records("platform").Get(ctx, "s")
	if !errors.Is(err, context.Canceled) || Classify(err) != Interrupted || IsUnavailable(err) || IsUnanswered(err) {
		t.Errorf("class %d of %v", Classify(err), err)
	}
}

// The authorizer and admission both answer 403, and what helps is another thing.
func TestLacksPermission(t *testing.T) {
	t.Parallel()
	for message, lacks := range map[string]bool{
		`externalsecrets.external-secrets.io is forbidden: User "ci" cannot create resource "externalsecrets" in API group "external-secrets.io" in the namespace "team-a"`: true,
		`namespaces "team-a" is forbidden: User "it's \"me\"" cannot get resource "namespaces" in API group "" in the namespace "team-a"`:                                   true,
		`forbidden: User "system:anonymous" cannot get path "/apis/external-secrets.io"`:                                                                                    true,
		`User "ci" cannot create resource "secrets" in the namespace "team-a"`:                                                                                              true, // as withoutMessage leaves it
		`externalsecrets.external-secrets.io "db" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: User "ci" cannot get resource "x"`:           false,
		`admission webhook "check.example.com" denied the request: no such team`:                                                                                            false,
		`externalsecrets.external-secrets.io "db" is forbidden: unable to create new content in namespace team-a because it is being terminated`:                            false,
		`externalsecrets.external-secrets.io "db" is forbidden: exceeded quota: few, requested: count/externalsecrets.external-secrets.io=1, used: 1, limited: 1`:           false,
	} {
		err := &apierrors.StatusError{ErrStatus: metav1.Status{
			Code: http.StatusForbidden, Reason: metav1.StatusReasonForbidden, Message: message,
		}}
		if got := lacksPermission(err); got != lacks {
			t.Errorf("%t: %s", got, message)
		}
	}
}

// An immutable Secret of credentials is made anew; a record must not get lost.
func TestExplainImmutable(t *testing.T) {
	t.Parallel()
	cause := metav1.StatusCause{Type: "FieldValueForbidden", Field: "data", Message: "Forbidden: field is immutable when `immutable` is set"}
	err := &apierrors.StatusError{ErrStatus: metav1.Status{
		Code: http.StatusUnprocessableEntity, Reason: metav1.StatusReasonInvalid,
		Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{cause}},
	}}
	for object, want := range map[string]string{
		"Secret a/b":    "Delete Secret a/b, and apply again",
		"ConfigMap a/b": "Replace it by one with the same content",
	} {
		if got := (&Cluster{name: "x"}).explain("update", object, err).Error(); !strings.Contains(got, want) {
			t.Errorf("%s: %s", object, got)
		}
	}
}

// Refused credentials that come from variables are not in the kubeconfig, where the user would look for them.
func TestExplainUnauthorized(t *testing.T) {
	t.Parallel()
	variables := env(map[string]string{"KUBE_USER": "ali", "KUBE_PASSWORD": "sesame"})
	for _, test := range []struct {
		name   string
		config Config
		want   string
	}{
		{"file", Config{ConfigPaths: []string{"/mine"}}, "for another cluster. They come from the environment (KUBE_USER, KUBE_PASSWORD), which wins over a kubeconfig file. Renew them and run again."},
		{"host", Config{Host: "https://far", Token: "t"}, "for another cluster. Renew them and run again."},
		{"text", Config{Kubeconfig: "text"}, "for another cluster. Renew them and run again."},
	} {
		c := New("far", test.config.WithEnvironment(variables), Options{})
		if got := c.explain("read", "ExternalSecret a/db", apierrors.NewUnauthorized("")).Error(); !strings.Contains(got, test.want) {
			t.Errorf("%s: %s", test.name, got)
		}
	}
}

// What an admission webhook did not answer is no failure of the cluster: the message names the webhook, and AIRM's agent
// where it is the agent's. Of a write of a Secret only the name is passed on, because the rest may quote a value.
func TestExplainUnansweredWebhook(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		explain func(error) error
		want    string
	}{
		{"validate.example.com", nil, `the admission webhook "validate.example.com" could not be called, so nothing was written: ` +
			`Internal error occurred: failed calling webhook "validate.example.com": connection refused. Check that the service behind it runs, and apply again.`},
		{"externalsecret.airm.silogen.ai", nil, `the webhook "externalsecret.airm.silogen.ai" of AIRM's agent could not be called, so nothing was written. ` +
			`Check that the agent runs in that cluster (in the namespace airm by default), and apply again. ` +
			`The API server says: Internal error occurred: failed calling webhook "externalsecret.airm.silogen.ai": connection refused.`},
		{"secret.airm.silogen.ai", withoutMessage, `the webhook "secret.airm.silogen.ai" of AIRM's agent could not be called, so nothing was written. ` +
			`Check that the agent runs in that cluster (in the namespace airm by default), and apply again. ` +
			`The API server says: failed calling webhook "secret.airm.silogen.ai".`},
	} {
		var err error = &apierrors.StatusError{ErrStatus: metav1.Status{
			Code: http.StatusInternalServerError, Reason: metav1.StatusReasonInternalError,
			Message: `Internal error occurred: failed calling webhook "` + test.name + `": connection refused`,
		}}
		if test.explain != nil {
			err = test.explain(err)
		}
		if !IsUnansweredWebhook(err) {
			t.Errorf("%s: it is not recognized", test.name)
		}
		want := `Cannot create ExternalSecret a/db: Cluster "far": ` + test.want
		if got := New("far", Config{}, Options{}).explain("create", "ExternalSecret a/db", err).Error(); got != want {
			t.Errorf("%s\nnot\n%s", got, want)
		}
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	ref := airm.Ref{Kind: airm.KindExternalSecret, Project: "a", Name: "db"}
	for name, c := range map[string]struct{ host, text string }{
		"refused": {"http://127.0.0.1:1", "connection refused"},
		"no name": {"http://no-such-host.invalid", "cannot be found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New("far", Config{Host: c.host}, testOptions()).Get(soon(t), ref)
			if err == nil || !strings.Contains(err.Error(), c.text) || !strings.Contains(err.Error(), `"far"`) {
				t.Errorf("%v", err)
			}
			if !IsUnavailable(err) || IsNotFound(err) {
				t.Errorf("unavailable %t, not found %t", IsUnavailable(err), IsNotFound(err))
			}
		})
	}
}

// That an operation ends while it waits for an answer is not the cluster's outage, and is not called one.
func TestNoTimeLeft(t *testing.T) {
	t.Parallel()
	asked := atomic.Int64{}
	hanging := New("far", Config{Host: "http://" + listen(t, func(net.Conn) { asked.Add(1) })}, testOptions())
	for _, ask := range []func(context.Context) error{
		func(ctx context.Context) error { _, err := hanging.Records("platform").Get(ctx, "s"); return err },
		func(ctx context.Context) error {
			_, err := hanging.Get(ctx, airm.Ref{Kind: airm.KindExternalSecret})
			return err
		},
		func(ctx context.Context) error { _, err := hanging.Project(ctx, "a"); return err },
		func(ctx context.Context) error { _, err := hanging.ID(ctx); return err },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		err := ask(ctx)
		cancel()
		if err == nil || !strings.Contains(err.Error(), `Cluster "far" did not answer before the operation timed out`) {
			t.Errorf("%v", err)
		}
		if !errors.Is(err, context.DeadlineExceeded) || !IsUnavailable(err) || IsNotFound(err) {
			t.Errorf("%#v", err)
		}
	}
	acctest.Eventually(t, "each is asked: after the end of one, the others do not take the cluster to be unavailable", func() (bool, string) {
		return asked.Load() >= 4, fmt.Sprintf("%d were asked", asked.Load()) // it is counted apart
	})
}

// Whatever is wrong with a proxy or a host, no error shows the password in its URL.
func TestErrorsShowNoPassword(t *testing.T) {
	t.Parallel()
	refusing := listenHTTP(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) })
	for name, config := range map[string]Config{
		"proxy is not there": {Host: "https://far", ProxyURL: "http://ali:sesame@127.0.0.1:1"},
		"proxy refuses":      {Host: "https://far", ProxyURL: "http://ali:sesame@" + refusing},
		"no SOCKS":           {Host: "https://far", ProxyURL: "socks5://ali:sesame@127.0.0.1:1"},
		"invalid port":       {Host: "https://far", ProxyURL: "http://ali:sesame@proxy:port"},
		"slash in password":  {Host: "https://far", ProxyURL: "http://ali:sesame/sesame@proxy:1"},
		"space in password":  {Host: "https://far", ProxyURL: "http://ali:sesame sesame@proxy:1"},
		"invalid escape":     {Host: "https://far", ProxyURL: "http://ali:sesame%sesame@proxy:1"},
		"no scheme":          {Host: "https://far", ProxyURL: "ali:sesame@proxy:1"},
		"odd scheme":         {Host: "https://far", ProxyURL: "ftp://ali:sesame@proxy:1"},
		"host is not there":  {Host: "http://ali:sesame@127.0.0.1:1"},
		"host, invalid port": {Host: "http://ali:sesame@far:port"},
		"host, slash":        {Host: "http://ali:sesame/sesame@far:1"},
		"kubeconfig": {ConfigPaths: []string{writeFile(t, strings.Replace(kubeconfig, `server: "https://one.example.com"`,
			`server: "https://one.example.com", proxy-url: "http://ali:ses ame@sesame@proxy:port"`, 1))}},
		"kubeconfig, no scheme": {ConfigPaths: []string{writeFile(t, strings.Replace(kubeconfig, `server: "https://one.example.com"`,
			`server: "https://one.example.com", proxy-url: "al i:sesame@proxy:port"`, 1))}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New("far", config, testOptions()).Get(soon(t), airm.Ref{Kind: airm.KindExternalSecret, Project: "a", Name: "db"})
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), "ses") {
				t.Error(err)
			}
		})
	}
}

// What a plugin prints is a credential, also where client-go does not understand it and quotes it.
func TestErrorsShowNoPluginOutput(t *testing.T) {
	t.Parallel()
	const head = `{"apiVersion":"client.authentication.k8s.io/v1","kind":`
	for name, output := range map[string]string{
		"kind": head + `"sesame"}`,
		"time": head + `"ExecCredential","status":{"token":"t","expirationTimestamp":"sesame"}}`,
		"YAML": "token: *sesame",
		"text": "sesame\nsesame: sesame: [",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plugin := &Exec{APIVersion: "client.authentication.k8s.io/v1", Command: "printf", Args: []string{"%s", output}}
			c := New("far", Config{Host: "https://127.0.0.1:1", Exec: plugin}, testOptions())
			_, err := c.Get(soon(t), airm.Ref{Kind: airm.KindExternalSecret, Project: "a", Name: "db"})
			if err == nil || !strings.Contains(err.Error(), "decoding stdout: the output is not that of a credential plugin") {
				t.Fatal(err)
			}
			for _, text := range []string{err.Error(), logText(errors.Unwrap(err))} {
				if strings.Contains(text, "sesame") {
					t.Error(text)
				}
			}
		})
	}
}
