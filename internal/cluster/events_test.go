// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// Only an event of ESO, of the failure in the condition and not from the future, is the cause.
func TestNewestCause(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	const fetch = "error processing spec.data[0] (key: nope), err: Secret does not exist"
	type event struct {
		reason, component, reporting, message string
		ago                                   time.Duration
	}
	of := func(e event) unstructured.Unstructured {
		return unstructured.Unstructured{Object: map[string]any{
			"reason": e.reason, "source": map[string]any{"component": e.component}, "reportingComponent": e.reporting, "message": e.message,
			"lastTimestamp": now.Add(-e.ago).Format(time.RFC3339),
		}}
	}
	const eso = "external-secrets"
	for name, test := range map[string]struct {
		kind, reason string // of the condition
		events       []event
		want         string
	}{
		"none":           {airm.KindExternalSecret, "SecretSyncedError", nil, ""},
		"fetch":          {airm.KindExternalSecret, "SecretSyncedError", []event{{"UpdateFailed", eso, eso, fetch, time.Minute}}, fetch},
		"old recorder":   {airm.KindExternalSecret, "SecretSyncedError", []event{{"UpdateFailed", eso, "", fetch, time.Minute}}, fetch},
		"new recorder":   {airm.KindExternalSecret, "SecretSyncedError", []event{{"UpdateFailed", "", eso, fetch, time.Minute}}, fetch},
		"ESO's clock":    {airm.KindExternalSecret, "SecretSyncedError", []event{{"UpdateFailed", eso, eso, fetch, -5 * time.Second}}, fetch},
		"signed by none": {airm.KindExternalSecret, "SecretSyncedError", []event{{"UpdateFailed", "", "", fetch, 0}}, ""},
		"signed by other": {airm.KindExternalSecret, "SecretSyncedError", []event{
			{"UpdateFailed", "kyverno-scan", "kyverno-scan", fetch, 0}, {"UpdateFailed", eso, "kyverno", fetch, 0},
		}, ""},
		"other reason": {airm.KindExternalSecret, "SecretSyncedError", []event{{"PolicyViolation", eso, eso, fetch, 0}}, ""},
		"template": {airm.KindExternalSecret, "SecretSyncedError", []event{
			{"UpdateFailed", eso, eso, fetch, time.Minute}, {"UpdateFailed", eso, eso, "could not apply template: hunter2", 0},
		}, fetch},
		"from the future": {airm.KindExternalSecret, "SecretSyncedError", []event{
			{"UpdateFailed", eso, eso, fetch, time.Minute}, {"UpdateFailed", eso, eso, fetch + " (forged)", -300 * 24 * time.Hour},
		}, fetch},
		"the newest": {airm.KindExternalSecret, "SecretSyncedError", []event{
			{"UpdateFailed", eso, eso, fetch + " now", time.Second}, {"UpdateFailed", eso, eso, fetch, time.Minute},
		}, fetch + " now"},
		"a password": {airm.KindExternalSecret, "SecretSyncedError", []event{{"UpdateFailed", eso, eso, `error processing spec.data[0] (key: k), err: invalid proxy address "http://a:hunter2@p"`, 0}}, `error processing spec.data[0] (key: k), err: invalid proxy address "http://p"`},
		"a store": {airm.KindSecretStore, "InvalidProviderConfig", []event{
			{"InvalidProviderConfig", "secret-store", "secret-store", "no role", time.Minute},
			{"StoreUnmaintained", "secret-store", "secret-store", "store isn't currently maintained", 0},
			{"StoreDeprecated", "secret-store", "secret-store", "store is deprecated", 0},
			{"UpdateFailed", "secret-store", "secret-store", "another controller's reason", 0},
			{"ValidationUnknown", "secret-store", "secret-store", "another time", 0},
			{"InvalidProviderConfig", "cluster-secret-store", "cluster-secret-store", "another kind", 0},
		}, "no role"},
		"not known": {airm.KindSecretStore, "ValidationUnknown", []event{
			{"InvalidProviderConfig", "secret-store", "secret-store", "another time", 0},
			{"ValidationUnknown", "secret-store", "secret-store", "no answer", time.Minute},
		}, "no answer"},
		"a generator": {airm.KindExternalSecret, "SecretSyncedError", []event{
			{"UpdateFailed", eso, eso, "error processing spec.dataFrom[0].sourceRef.generatorRef, err: error using generator: no", time.Minute},
			{"UpdateFailed", eso, eso, "could not execute template: error processing spec.data[0]: hunter2", 0},
			{"UpdateFailed", eso, eso, "error fetching templateFrom data: hunter2", 0},
		}, "error processing spec.dataFrom[0].sourceRef.generatorRef, err: error using generator: no"},
		"a validation": {airm.KindClusterSecretStore, "ValidationFailed", []event{
			{"ValidationFailed", "cluster-secret-store", "", "403", 0},
		}, "403"},
	} {
		object := &unstructured.Unstructured{Object: map[string]any{
			"kind": test.kind, "status": map[string]any{"conditions": []any{map[string]any{"type": "Ready", "reason": test.reason}}},
		}}
		var all []unstructured.Unstructured
		for _, e := range test.events {
			all = append(all, of(e))
		}
		if got := newestCause(object, all, now); got != test.want {
			t.Errorf("%s: %q, not %q", name, got, test.want)
		}
	}
}
