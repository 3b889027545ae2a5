package secrets

import (
	"strings"
	"time"
)

// The scopes of a secret in a project, as AIRM names them.
const (
	ScopeProject      = "Project"
	ScopeOrganization = "Organization"
)

// Scope returns whether an ExternalSecret in a project is the project's own or the organization's. AIRM's webhook and its
// API spell the label differently.
func Scope(obj map[string]any) string {
	if strings.EqualFold(textAt(obj, "metadata", "labels", LabelScope), ScopeOrganization) || Assigns(obj) {
		return ScopeOrganization
	}
	return ScopeProject
}

// Assigns tells whether an ExternalSecret was made by an assignment of this provider, and where it is.
func Assigns(obj map[string]any) bool {
	annotations := mapAt(obj, "metadata", "annotations")
	ref := Ref{Project: textAt(obj, "metadata", "namespace"), Name: textAt(obj, "metadata", "name")}
	return annotations[AnnotationOrganizationSecret] == ref.Name && annotations[AnnotationHome] == ref.home()
}

// What MadeBy returns.
const (
	MadeByAIRM     = "AIRM"
	MadeByProvider = FieldManager
	MadeByOther    = "other"
)

// MadeBy returns who made a live object, as far as it says so itself: AIRM's API, this provider, or anybody else. What this
// provider has written is its own, also where somebody else created it. AIRM's webhook puts the annotation "false" on what
// is created with an id, which only AIRM's API, this provider and tools that copy an object do.
func MadeBy(obj map[string]any) string {
	ref := Ref{Project: textAt(obj, "metadata", "namespace"), Name: textAt(obj, "metadata", "name")}
	annotations := mapAt(obj, "metadata", "annotations")
	switch {
	case annotations[AnnotationHome] == ref.home() && textAt(annotations, AnnotationOwnerID) != "":
		return MadeByProvider
	case textAt(annotations, AnnotationHome) != "" && annotations[AnnotationHome] != ref.home(): // a copy of an object of ours
		return MadeByOther
	case annotations[AnnotationAutoDiscovered] == "false" && ProjectSecretID(obj) != "":
		return MadeByAIRM
	}
	return MadeByOther
}

// ProjectSecretID returns the id by which AIRM's agent reports a live object; empty where no webhook of AIRM has seen it.
func ProjectSecretID(obj map[string]any) string {
	return textAt(obj, "metadata", "labels", LabelProjectSecretID)
}

// UpdatedAt is when somebody last wrote an object itself, not its status; by the cluster's clock.
func UpdatedAt(obj map[string]any) time.Time { return lastWrite(obj) }
