package secrets

import "time"

// The scopes of a secret in a project, as AIRM names them.
const (
	ScopeProject      = "Project"
	ScopeOrganization = "Organization"
)

// Scope tells whether an ExternalSecret in a project is the project's own or the organization's.
func Scope(obj map[string]any) string {
	if textAt(obj, "metadata", "labels", LabelScope) == ScopeOrganization || Assigns(obj) {
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

// UpdatedAt is when somebody last wrote an object itself, not its status; by the cluster's clock.
func UpdatedAt(obj map[string]any) time.Time { return lastWrite(obj) }
