// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// Where ESO writes an object of another kind, there is nothing to read: an apply fails, and a plan warns, since it may be of the
// manifest's removal.
func TestSyncedSecretOfAnotherKind(t *testing.T) {
	live := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"data":   []any{map[string]any{"secretKey": "a"}},
		"target": map[string]any{"name": "x", "manifest": map[string]any{"apiVersion": "v1", "kind": "ConfigMap"}},
	}}}
	id := objectID{Ref: airm.Ref{Kind: airm.KindExternalSecret, Project: "team-a", Name: "db"}}
	for planning, want := range map[bool]diag.Severity{true: diag.SeverityWarning, false: diag.SeverityError} {
		var m syncedSecretModel
		var diags diag.Diagnostics
		e := &syncedSecretEphemeral{settings: &providerSettings{}}
		e.settings.run.planning.Store(planning)
		e.read(context.Background(), &m, &observation{object: live}, id, &diags)
		if len(diags) != 1 || diags[0].Severity() != want || !strings.Contains(diags[0].Detail(), `ESO writes ConfigMap "x", not a Secret`) {
			t.Errorf("planning %t: %v", planning, diags)
		}
		if planning && (!m.SecretName.IsNull() || m.Data.Elements()["a"] == nil || !m.Data.Elements()["a"].IsNull()) {
			t.Errorf("%+v", m)
		}
	}
}
