// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"net/http"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What an API server answers about a field that its kinds do not have: to a create, and to an apply.
func TestUnknownFieldsAreExplained(t *testing.T) {
	c := New("prod", Config{}, Options{})
	for _, message := range []string{
		`ExternalSecret in version "v1" cannot be handled as a ExternalSecret: strict decoding error: unknown field "spec.data[0].remoteRef.nullBytePolicy", unknown field "spec.typo"`,
		"failed to create typed patch object (team-a/db; external-secrets.io/v1, Kind=ExternalSecret): errors:\n  .spec.data[0].remoteRef.nullBytePolicy: field not declared in schema\n  .spec.typo: field not declared in schema",
	} {
		err := &apierrors.StatusError{ErrStatus: metav1.Status{Code: http.StatusInternalServerError, Message: message}}
		text := c.explain("create", "ExternalSecret team-a/db", err).Error()
		for _, want := range []string{
			"Cannot create ExternalSecret team-a/db", `Cluster "prod": the External Secrets Operator in this cluster does not know`,
			"spec.data[0].remoteRef.nullBytePolicy (it needs ESO 2.3 or later)", "spec.typo (no version of ESO that this provider knows has it)", "Nothing was written",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in %q", want, text)
			}
		}
	}
	refused := invalid(metav1.StatusCause{
		Type: metav1.CauseTypeFieldValueNotSupported, Field: "spec.target.creationPolicy", Message: `Unsupported value: "CreateOrMerge"`,
	})
	if text := c.explain("create", "ExternalSecret team-a/db", refused).Error(); !strings.Contains(text, "spec.target.creationPolicy (field value not supported; CreateOrMerge needs ESO 2.8 or later)") {
		t.Error(text)
	}
}

// invalid returns the API server's error about one invalid field.
func invalid(cause metav1.StatusCause) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Code: http.StatusUnprocessableEntity, Reason: metav1.StatusReasonInvalid,
		Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{cause}},
	}}
}

// A value that is not supported is quoted with those that are, unless it may be one of a Secret.
func TestUnsupportedValueIsQuoted(t *testing.T) {
	t.Parallel()
	c := New("prod", Config{}, Options{})
	text := func(object, message string, kind metav1.CauseType) string {
		err := invalid(metav1.StatusCause{Type: kind, Field: "spec.refreshPolicy", Message: message})
		return c.explain("create", object, err).Error()
	}
	const message = `Unsupported value: "Sometimes": supported values: "CreatedOnce", "Periodic", "OnChange"`
	if got := text("ExternalSecret a/db", message, metav1.CauseTypeFieldValueNotSupported); !strings.Contains(got,
		`spec.refreshPolicy (field value not supported: "Sometimes"; supported values: "CreatedOnce", "Periodic", "OnChange"`) {
		t.Error(got)
	}
	for _, got := range []string{
		text("Secret a/db", message, metav1.CauseTypeFieldValueNotSupported),
		text("ExternalSecret a/db", message, metav1.CauseTypeFieldValueInvalid),
		text("ExternalSecret a/db", `Unsupported value: {"a":"Sometimes"}: supported values: "a"`, metav1.CauseTypeFieldValueNotSupported),
		text("ExternalSecret a/db", `Unsupported value: "Sometimes": supported values: "a" and more`, metav1.CauseTypeFieldValueNotSupported),
	} {
		if strings.Contains(got, "Sometimes") {
			t.Error(got)
		}
	}
}
