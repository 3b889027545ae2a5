package cluster

import (
	"net/http"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

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
		err := &apierrors.StatusError{ErrStatus: metav1.Status{Code: http.StatusForbidden, Reason: metav1.StatusReasonForbidden, Message: message}}
		if got := lacksPermission(err); got != lacks {
			t.Errorf("%t: %s", got, message)
		}
	}
}

// What an admission webhook did not answer is no failure of the cluster, and says what to do.
func TestExplainUnansweredWebhook(t *testing.T) {
	t.Parallel()
	err := &apierrors.StatusError{ErrStatus: metav1.Status{Code: http.StatusInternalServerError, Reason: metav1.StatusReasonInternalError,
		Message: `Internal error occurred: failed calling webhook "validate.example.com": connection refused`}}
	got := New("far", Config{}, Options{}).explain("create", "ExternalSecret a/db", err).Error()
	want := `Cannot create ExternalSecret a/db: Cluster "far": an admission webhook did not answer for 20s, so that nothing was written: ` +
		`Internal error occurred: failed calling webhook "validate.example.com": connection refused. Check that what serves the webhook runs, and run again.`
	if got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
}
