package secrets

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// CheckLabel returns an error unless a user may set the label: Kubernetes has rules for key and value, and some domains
// belong to AIRM and to the provider.
func CheckLabel(key, value string) error {
	if err := CheckAnnotation(key, value); err != nil {
		return err
	}
	if flaws := validation.IsValidLabelValue(value); len(flaws) > 0 {
		return fmt.Errorf("%s is not a valid value of the label %s: %s. Use an annotation for other text", quote(value), quote(key), strings.Join(flaws, "; "))
	}
	return nil
}

// CheckAnnotation returns an error unless a user may set the annotation: the rules for its key are those of a label, and
// any text may be its value.
func CheckAnnotation(key, _ string) error {
	if flaws := validation.IsQualifiedName(key); len(flaws) > 0 {
		return fmt.Errorf("%s is not a valid key: %s", quote(key), strings.Join(flaws, "; "))
	}
	if Reserved(key) {
		return fmt.Errorf("%s belongs to AIRM or to this provider, which set it themselves. Remove it; the argument use_case sets %s", quote(key), LabelUseCase)
	}
	return nil
}
