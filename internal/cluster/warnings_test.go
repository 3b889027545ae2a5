// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"slices"
	"strings"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

var _ rest.WarningHandlerWithContext = &warningHandler{}

// A warning is reported once, of writes only, and is safe to be shown.
func TestWarnings(t *testing.T) {
	t.Parallel()
	db := airm.Ref{Kind: airm.KindExternalSecret, Project: "a", Name: "db"}
	ctx, collected := CollectWarnings(t.Context())
	write := writing(ctx, db)
	handler := &warningHandler{cluster: "east"}
	for _, answer := range []struct {
		ctx  context.Context
		code int
		text string
	}{
		{writing(t.Context(), db), 299, "not collected"},
		{ctx, 299, "a read"},
		{write, 199, "another code"},
		{write, 299, ""},
		{write, 299, "\x1b[31mred\x1b[0m\nof http://ali:sesame@proxy/"},
		{write, 299, "twice"},
		{writing(ctx, airm.Ref{Kind: airm.KindExternalSecret, Project: "b", Name: "db"}), 299, "twice"},
		{write, 299, strings.Repeat("x", 5000)},
		{writing(ctx, airm.Ref{Kind: eso.KindSecret, Project: "a", Name: "db"}), 299, "hunter2 is a weak password"},
		{write, 299, "not collected"},
	} {
		handler.HandleWarningHeaderWithContext(answer.ctx, answer.code, "-", answer.text)
	}
	var got []string
	for _, warning := range collected.All() {
		got = append(got, warning.Cluster+" "+warning.Object.String()+": "+warning.Text)
	}
	want := []string{
		"east ExternalSecret a/db: [31mred[0m of http://proxy/.",
		"east ExternalSecret a/db: twice.",
		"east ExternalSecret a/db: " + strings.Repeat("x", 1023) + "….",
		"east Secret a/db: the API server returned a warning for this Secret (its text is left out, because it may quote a value; kubectl shows it).",
		"east ExternalSecret a/db: not collected.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nnot\n%q", got, want)
	}
}

// Each cluster warns for itself.
func TestWarningsOfSeveralClusters(t *testing.T) {
	t.Parallel()
	ctx, collected := CollectWarnings(t.Context())
	for _, cluster := range []string{"east", "west"} {
		(&warningHandler{cluster: cluster}).HandleWarningHeaderWithContext(writing(ctx, airm.Ref{}), 299, "-", "the same")
	}
	var warned []string
	for _, warning := range collected.All() {
		warned = append(warned, warning.Cluster+": "+warning.Text)
	}
	if !slices.Equal(warned, []string{"east: the same.", "west: the same."}) {
		t.Errorf("%q", warned)
	}
}
