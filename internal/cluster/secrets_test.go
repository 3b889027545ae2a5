// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"errors"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Errors say who lacks which permission, and never quote what may be a value.
func TestWithoutMessage(t *testing.T) {
	const leftOut = "admission control rejected the Secret (its message is left out, because it may quote a value; kubectl shows it)"
	for _, test := range []struct {
		reason        metav1.StatusReason
		message, want string
	}{
		{metav1.StatusReasonForbidden, `secrets is forbidden: User "system:serviceaccount:a:ci" cannot create resource "secrets" in API group "" in the namespace "team-a"`,
			`User "system:serviceaccount:a:ci" cannot create resource "secrets" in the namespace "team-a"`},
		{metav1.StatusReasonForbidden, `secrets "db-credentials" is forbidden: User "it's \"me\"" cannot patch resource "secrets" in API group "" in the namespace "team-a": hunter2`,
			`User "it's \"me\"" cannot patch resource "secrets" in the namespace "team-a"`},
		{metav1.StatusReasonForbidden, `admission webhook "check.example.com" denied the request: hunter2`, leftOut},
		{metav1.StatusReasonForbidden, `secrets "db" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: User "hunter2" cannot create resource "secrets" in API group ""`, leftOut},
		{metav1.StatusReasonForbidden, `secrets "db" is forbidden: unable to create new content in namespace team-a because it is being terminated`, leftOut},
		{metav1.StatusReasonForbidden, `secrets "db-credentials" is forbidden: ` + blockOwner + `: , <nil>`,
			blockOwner + ": this cluster requires the verb update on secretstores/finalizers and clustersecretstores/finalizers for that"},
		{metav1.StatusReasonInvalid, `Secret "db" is invalid: data[a]: Invalid value: "hunter2"`, leftOut},
		{metav1.StatusReasonBadRequest, `admission webhook "check.example.com" denied the request: User "hunter2" cannot create`, "BadRequest"},
	} {
		err := withoutMessage(&apierrors.StatusError{ErrStatus: metav1.Status{Reason: test.reason, Message: test.message}})
		if err.Error() != test.want || apierrors.ReasonForError(err) != test.reason {
			t.Errorf("%s\ngot  %s (%s)\nwant %s", test.message, err, apierrors.ReasonForError(err), test.want)
		}
	}
	if err := errors.New("connection refused"); !errors.Is(withoutMessage(err), err) {
		t.Error("what is no answer of the API server changed")
	}
}
