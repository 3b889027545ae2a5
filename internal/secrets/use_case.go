package secrets

import (
	"fmt"
	"slices"
	"strings"
)

// UseCase is what a secret is for. AIRM groups and offers secrets by it.
type UseCase string

// The use cases that AIRM knows.
const (
	HuggingFace     UseCase = "HuggingFace"
	ImagePullSecret UseCase = "ImagePullSecret"
	S3              UseCase = "S3"
	Generic         UseCase = "Generic"
	Database        UseCase = "Database"
)

// labelUseCaseOfAPI is the key under which AIRM's API writes a use case, in lower case: "a known typo", which AIRM reads where
// LabelUseCase is not set.
const labelUseCaseOfAPI = "airm.silogen.com/use-case"

// useCaseKeys are the labels from which AIRM reads a use case; the first that is set counts.
var useCaseKeys = []string{LabelUseCase, labelUseCaseOfAPI}

// useCaseKey returns the label that says what the use case is.
func useCaseKey(labels map[string]any) string {
	for _, key := range useCaseKeys {
		if textAt(labels, key) != "" {
			return key
		}
	}
	return LabelUseCase
}

// UseCaseOf returns the use case that labels of an object or of a template name, under either of AIRM's keys and in any
// case. One that AIRM does not know is returned as it is written; it is empty where there is none.
func UseCaseOf(labels map[string]any) UseCase {
	text := textAt(labels, useCaseKey(labels))
	for _, u := range UseCases() {
		if strings.EqualFold(u, text) {
			return UseCase(u)
		}
	}
	return UseCase(text)
}

// UseCases lists the use cases that AIRM knows.
func UseCases() []string {
	return []string{string(HuggingFace), string(ImagePullSecret), string(S3), string(Generic), string(Database)}
}

// CheckUseCase returns an error unless s is a use case, in its exact spelling, that an organization secret or, with
// projectSecret, a project secret may have. AIRM's API refuses S3 for project secrets.
func CheckUseCase(s string, projectSecret bool) error {
	allowed := UseCases()
	if projectSecret {
		allowed = slices.DeleteFunc(allowed, func(u string) bool { return u == string(S3) })
	}
	if slices.Contains(allowed, s) {
		return nil
	}
	list := strings.Join(allowed, ", ")
	if s == string(S3) {
		return fmt.Errorf("a project secret cannot have the use case S3: AIRM knows it for organization secrets only. Use an airm_organization_secret, or one of %s", list)
	}
	for _, u := range allowed {
		if strings.EqualFold(u, s) {
			return fmt.Errorf("%s is not a use case: write %s", quote(s), u)
		}
	}
	return fmt.Errorf("%s is not a use case that AIRM knows. Use one of %s", quote(s), list)
}

// withDeclaredUseCase returns a live object as if it had the label of the desired one, where it names the same use case in
// another way. So nothing differs after an import, and the label is written with the next change. What this provider has
// written already stays as it is: there another spelling is an edit.
func withDeclaredUseCase(desired, live map[string]any) map[string]any {
	wanted := textAt(desired, "metadata", "labels", LabelUseCase)
	if wanted == "" || textAt(live, "metadata", "annotations", AnnotationOwnerID) != "" || UseCaseOf(mapAt(live, "metadata", "labels")) != UseCase(wanted) {
		return live
	}
	live = copyMap(live)
	inner(inner(live, "metadata"), "labels")[LabelUseCase] = wanted
	template := mapAt(live, "spec", "target", "template")
	found := UseCaseOf(mapAt(template, "metadata", "labels"))
	if template != nil && (found == "" || found == UseCase(wanted)) {
		inner(inner(template, "metadata"), "labels")[LabelUseCase] = wanted
	}
	return live
}
