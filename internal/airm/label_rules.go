// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// CheckLabel returns an error unless a user may set the label: Kubernetes has rules for key and value, and some domains
// belong to AIRM and to the provider.
func CheckLabel(key, value string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if problems := validation.IsValidLabelValue(value); len(problems) > 0 {
		return fmt.Errorf("%s is not a valid value of the label %s: %s. Use an annotation for other text", jsonvalue.Quote(value), jsonvalue.Quote(key), strings.Join(problems, "; "))
	}
	return nil
}

// CheckAnnotation returns an error unless a user may set the annotation: the rules for its key are those of a label, and
// any text may be its value. What asks ESO for a sync is written whenever a sync is wanted, so it cannot be declared too.
func CheckAnnotation(key, _ string) error {
	if key == AnnotationForceSync {
		return fmt.Errorf("%s is reserved: this provider sets it to request a sync. Remove it; to request a sync, change the argument sync_triggers", jsonvalue.Quote(key))
	}
	return checkKey(key)
}

func checkKey(key string) error {
	if problems := validation.IsQualifiedName(key); len(problems) > 0 {
		return fmt.Errorf("%s is not a valid key: %s", jsonvalue.Quote(key), strings.Join(problems, "; "))
	}
	if Reserved(key) {
		return fmt.Errorf("%s is reserved: AIRM or this provider sets it. Remove it; to set %s, use the argument use_case", jsonvalue.Quote(key), LabelUseCase)
	}
	return nil
}
