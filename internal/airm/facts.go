// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"strings"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// The scopes of a secret in a project, as AIRM names them.
const (
	ScopeProject      = "Project"
	ScopeOrganization = "Organization"
)

// Scope returns whether an ExternalSecret in a project is the project's own or the organization's. AIRM's webhook and its
// API spell the label differently.
func Scope(obj map[string]any) string {
	if strings.EqualFold(jsonvalue.StringAt(obj, "metadata", "labels", LabelScope), ScopeOrganization) || Assigns(obj) {
		return ScopeOrganization
	}
	return ScopeProject
}

// Assigns reports whether an ExternalSecret was made by an assignment of this provider, and is where it was made.
func Assigns(obj map[string]any) bool {
	annotations := jsonvalue.MapAt(obj, "metadata", "annotations")
	ref := Ref{Project: jsonvalue.StringAt(obj, "metadata", "namespace"), Name: jsonvalue.StringAt(obj, "metadata", "name")}
	return annotations[AnnotationOrganizationSecret] == ref.Name && annotations[AnnotationHome] == ref.Home()
}

// What MadeBy returns.
const (
	MadeByAIRM     = "AIRM"
	MadeByProvider = ProductName
	MadeByOther    = "other"
)

// MadeBy returns who made a live object, as far as it says so itself: AIRM's API, this provider, or another client. What this
// provider has written is its own, also where another tool created it. AIRM's webhook puts the annotation "false" on what
// is created with an id, which only AIRM's API, this provider and tools that copy an object do.
func MadeBy(obj map[string]any) string {
	ref := Ref{Project: jsonvalue.StringAt(obj, "metadata", "namespace"), Name: jsonvalue.StringAt(obj, "metadata", "name")}
	annotations := jsonvalue.MapAt(obj, "metadata", "annotations")
	switch {
	case annotations[AnnotationHome] == ref.Home() && jsonvalue.StringAt(annotations, AnnotationOwnerID) != "":
		return MadeByProvider
	case jsonvalue.StringAt(annotations, AnnotationHome) != "" && annotations[AnnotationHome] != ref.Home(): // a copy of an object of ours
		return MadeByOther
	case annotations[AnnotationAutoDiscovered] == "false" && ProjectSecretID(obj) != "":
		return MadeByAIRM
	}
	return MadeByOther
}

// ProjectSecretID returns the id by which AIRM's agent reports a live object; empty where no webhook of AIRM has seen it.
func ProjectSecretID(obj map[string]any) string {
	return jsonvalue.StringAt(obj, "metadata", "labels", LabelProjectSecretID)
}

// UpdatedAt returns the time at which the object itself, not its status, was last written. Like the condition's time it
// has whole seconds and comes from the cluster.
func UpdatedAt(obj map[string]any) time.Time {
	last := jsonvalue.TimeAt(obj, "metadata", "creationTimestamp")
	for _, entry := range jsonvalue.ListAt(obj, "metadata", "managedFields") {
		if at := jsonvalue.TimeAt(entry, "time"); jsonvalue.StringAt(entry, "subresource") != "status" && at.After(last) {
			last = at
		}
	}
	return last
}
