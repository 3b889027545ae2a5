// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// recorders are the names by which ESO's controllers sign the events of a kind.
var recorders = map[string]string{
	airm.KindExternalSecret:     "external-secrets",
	airm.KindSecretStore:        "secret-store",
	airm.KindClusterSecretStore: "cluster-secret-store",
}

// IsCause reports whether a warning event is of ESO and of the failure in the object's condition. Others warn of the same objects
// (Kyverno does), and so does ESO itself: of a store that is not maintained, with every success.
func IsCause(object, event map[string]any) bool {
	if !IsAnswer(object, event) {
		return false
	}
	kind, reason := jsonvalue.StringAt(object, "kind"), jsonvalue.StringAt(event, "reason")
	if kind == airm.KindExternalSecret {
		return reason == "UpdateFailed" && isFetchFailure(jsonvalue.StringAt(event, "message"))
	}
	// ValidationFailed until 0.19, ValidationUnknown since 0.20, InvalidProviderConfig in all; the condition has the same reason.
	ready, _ := readyCondition(object)
	return slices.Contains([]string{"InvalidProviderConfig", "ValidationFailed", "ValidationUnknown"}, reason) && reason == ready.reason
}

// IsAnswer reports whether an event is of ESO's controller of the object's kind, which records one whenever it validates a store.
func IsAnswer(object, event map[string]any) bool {
	return isRecordedBy(event, recorders[jsonvalue.StringAt(object, "kind")])
}

// isRecordedBy takes both fields that name a recorder: old ones write the first alone, new ones the second.
func isRecordedBy(event map[string]any, name string) bool {
	old, current := jsonvalue.StringAt(event, "source", "component"), jsonvalue.StringAt(event, "reportingComponent")
	return name != "" && (old == name || old == "") && (current == name || current == "") && old+current != ""
}

// fetchFailures are how ESO's messages of a failed fetch begin (GetProviderSecretData, and the manager of
// its stores). The event of a template that failed begins otherwise, and may quote a value; it can be the
// newest one of a failed fetch, since the recorder drops events after a burst.
var fetchFailures = []string{
	"error processing spec.data[", "error processing spec.dataFrom[",
	"error retrieving secret at ", // until 0.10
	"could not get SecretStore ", "could not get ClusterSecretStore ", "could not get provider client",
	"using cluster store ", "can not reference unmanaged store",
}

func isFetchFailure(message string) bool {
	return slices.ContainsFunc(fetchFailures, func(beginning string) bool { return strings.HasPrefix(message, beginning) })
}

// IsStoreDenial reports whether the cause of a failure is that a ClusterSecretStore does not admit the namespace
// (errClusterStoreMismatch).
func IsStoreDenial(cause string) bool { return strings.HasSuffix(cause, "denied by spec.condition") }
