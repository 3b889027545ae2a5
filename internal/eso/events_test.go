// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// Only an event of ESO, and of the failure in the condition, is the cause.
func TestIsCause(t *testing.T) {
	t.Parallel()
	const controller, fetch = "external-secrets", "error processing spec.data[0] (key: nope), err: Secret does not exist"
	type event struct{ reason, component, reporting, message string }
	for name, test := range map[string]struct {
		kind, reason string // of the condition
		event        event
		want         bool
	}{
		"fetch":             {airm.KindExternalSecret, "SecretSyncedError", event{"UpdateFailed", controller, controller, fetch}, true},
		"old recorder":      {airm.KindExternalSecret, "SecretSyncedError", event{"UpdateFailed", controller, "", fetch}, true},
		"new recorder":      {airm.KindExternalSecret, "SecretSyncedError", event{"UpdateFailed", "", controller, fetch}, true},
		"signed by none":    {airm.KindExternalSecret, "SecretSyncedError", event{"UpdateFailed", "", "", fetch}, false},
		"signed by another": {airm.KindExternalSecret, "SecretSyncedError", event{"UpdateFailed", "kyverno-scan", "kyverno-scan", fetch}, false},
		"signed by two":     {airm.KindExternalSecret, "SecretSyncedError", event{"UpdateFailed", controller, "kyverno", fetch}, false},
		"another reason":    {airm.KindExternalSecret, "SecretSyncedError", event{"PolicyViolation", controller, controller, fetch}, false},
		"template": {airm.KindExternalSecret, "SecretSyncedError",
			event{"UpdateFailed", controller, controller, "could not apply template: hunter2"}, false},
		"template that quotes": {airm.KindExternalSecret, "SecretSyncedError",
			event{"UpdateFailed", controller, controller, "could not execute template: error processing spec.data[0]: hunter2"}, false},
		"templateFrom": {airm.KindExternalSecret, "SecretSyncedError",
			event{"UpdateFailed", controller, controller, "error fetching templateFrom data: hunter2"}, false},
		"generator": {airm.KindExternalSecret, "SecretSyncedError",
			event{"UpdateFailed", controller, controller, "error processing spec.dataFrom[0].sourceRef.generatorRef, err: no"}, true},
		"store": {airm.KindSecretStore, "InvalidProviderConfig",
			event{"InvalidProviderConfig", "secret-store", "secret-store", "no role"}, true},
		"unmaintained store": {airm.KindSecretStore, "InvalidProviderConfig",
			event{"StoreUnmaintained", "secret-store", "secret-store", "old"}, false},
		"deprecated store": {airm.KindSecretStore, "InvalidProviderConfig",
			event{"StoreDeprecated", "secret-store", "secret-store", "old"}, false},
		"reason of another controller": {airm.KindSecretStore, "InvalidProviderConfig",
			event{"UpdateFailed", "secret-store", "secret-store", "no role"}, false},
		"of another failure": {airm.KindSecretStore, "InvalidProviderConfig",
			event{"ValidationUnknown", "secret-store", "secret-store", "no answer"}, false},
		"of another kind": {airm.KindSecretStore, "InvalidProviderConfig",
			event{"InvalidProviderConfig", "cluster-secret-store", "cluster-secret-store", "no role"}, false},
		"not known":  {airm.KindSecretStore, "ValidationUnknown", event{"ValidationUnknown", "secret-store", "secret-store", "no answer"}, true},
		"validation": {airm.KindClusterSecretStore, "ValidationFailed", event{"ValidationFailed", "cluster-secret-store", "", "403"}, true},
	} {
		object := map[string]any{
			"kind": test.kind, "status": map[string]any{"conditions": []any{map[string]any{"type": "Ready", "reason": test.reason}}},
		}
		e := test.event
		if got := IsCause(object, map[string]any{
			"reason": e.reason, "source": map[string]any{"component": e.component}, "reportingComponent": e.reporting, "message": e.message,
		}); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// The store that does not admit a namespace is the end of the message, whatever a key before it says.
func TestIsStoreDenial(t *testing.T) {
	t.Parallel()
	for cause, want := range map[string]bool{
		`using cluster store "s" is not allowed from namespace "a": denied by spec.condition`:                                              true,
		`error processing spec.data[0] (key: k), err: using cluster store "s" is not allowed from namespace "a": denied by spec.condition`: true,
		`error processing spec.data[0] (key: denied by spec.condition), err: Secret does not exist`:                                        false,
		"": false,
	} {
		if got := IsStoreDenial(cause); got != want {
			t.Errorf("%s: %t", cause, got)
		}
	}
}
