// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
