// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"strings"

	"github.com/google/uuid"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// discoveryOf returns the agent's message on an object that is to be registered, and whether there is one.
func discoveryOf(object *unstructured.Unstructured) (discovery, bool) {
	labels, annotations := object.GetLabels(), object.GetAnnotations()
	message := discovery{
		id: labels[labelSecretID], projectID: labels[labelProjectID], name: object.GetName(), kind: rowKind(object),
		useCase: canonical(labels[labelUseCase], useCases), submitter: annotations[annotationSubmitter],
	}
	return message, readable(object) && annotations[annotationDiscovered] == "true"
}

// reportOf returns the agent's message on how an object is, and whether there is one. A Secret that exists is synced.
func reportOf(object *unstructured.Unstructured) (report, bool) {
	status := "Synced"
	if rowKind(object) == ExternalSecret {
		status = externalSecretStatus(object)
	}
	return reportAs(object, status), readable(object) && status != ""
}

func reportAs(object *unstructured.Unstructured, status string) report {
	labels := object.GetLabels()
	scope := canonical(labels[labelScope], []string{Organization, Project})
	if scope != Organization && scope != Project {
		scope = ""
	}
	return report{id: labels[labelSecretID], scope: scope, status: status}
}

// readable reports whether the agent can read the ids of an object; it says nothing of one where it cannot.
func readable(object *unstructured.Unstructured) bool {
	labels := object.GetLabels()
	return uuid.Validate(labels[labelSecretID]) == nil && uuid.Validate(labels[labelProjectID]) == nil
}

// externalSecretStatus is what the condition Ready says, whatever the generation; empty without conditions.
func externalSecretStatus(object *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	if len(conditions) == 0 {
		return ""
	}
	for _, c := range conditions {
		condition, _ := c.(map[string]any)
		if condition["type"] != "Ready" {
			continue
		}
		switch condition["status"] {
		case "True":
			return "Synced"
		case "False":
			return "SyncedError"
		}
	}
	return "Unknown"
}

// canonical spells a word as one of those known, whatever its case; another one stays as it is.
func canonical(word string, known []string) string {
	for _, k := range known {
		if strings.EqualFold(word, k) {
			return k
		}
	}
	return word
}

func rowKind(object *unstructured.Unstructured) string {
	if object.GetKind() == "Secret" {
		return KubernetesSecret
	}
	return ExternalSecret
}
