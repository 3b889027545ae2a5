// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"strings"

	"github.com/google/uuid"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// request is what an admission review says of a write.
type request struct {
	UID       string                     `json:"uid"`
	Operation string                     `json:"operation"`
	Namespace string                     `json:"namespace"`
	Object    *unstructured.Unstructured `json:"object"`
	OldObject *unstructured.Unstructured `json:"oldObject"`
	UserInfo  struct {
		Username string `json:"username"`
	} `json:"userInfo"`
}

// trackingMetadata returns the labels and annotations that AIRM's webhook gives the object of a request in a project with this id.
func trackingMetadata(r request, projectID string) (labels, annotations map[string]string) {
	labels, annotations = orEmpty(r.Object.GetLabels()), orEmpty(r.Object.GetAnnotations())
	if labels[labelSecretID] == "" && r.OldObject != nil {
		labels[labelSecretID] = r.OldObject.GetLabels()[labelSecretID]
	}
	hadID := labels[labelSecretID] != ""
	if !hadID {
		labels[labelSecretID] = uuid.NewString()
	}
	labels[labelProjectID] = projectID
	if labels[labelScope] == "" {
		labels[labelScope] = Project
	}
	switch {
	case !hadID && annotations[annotationDiscovered] != "true":
		annotations[annotationDiscovered] = "true"
		if annotations[annotationSubmitter] == "" {
			annotations[annotationSubmitter] = r.UserInfo.Username
		}
	case hadID && r.Operation == "CREATE":
		annotations[annotationDiscovered] = "false"
	}
	return labels, annotations
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// apiLabels are those that AIRM's API writes on what it makes: the scope and the use case in lower case.
func apiLabels(row Row) map[string]string {
	labels := map[string]string{labelSecretID: row.ID, labelScope: strings.ToLower(row.Scope)}
	if row.UseCase != "" {
		labels[labelAPIUseCase] = strings.ToLower(row.UseCase)
	}
	return labels
}
