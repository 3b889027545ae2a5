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
