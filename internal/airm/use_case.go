// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
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

// UseCaseKeys are the labels from which AIRM reads a use case; the first that is set counts.
var UseCaseKeys = []string{LabelUseCase, labelUseCaseOfAPI}

// UseCaseKey returns the label that says what the use case is.
func UseCaseKey(labels map[string]any) string {
	for _, key := range UseCaseKeys {
		if jsonvalue.StringAt(labels, key) != "" {
			return key
		}
	}
	return LabelUseCase
}

// UseCaseOf returns the use case that labels of an object or of a template name, under either of AIRM's keys and in any
// case. One that AIRM does not know is returned as it is written; it is empty where there is none.
func UseCaseOf(labels map[string]any) UseCase {
	text := jsonvalue.StringAt(labels, UseCaseKey(labels))
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

// CheckUseCase returns an error unless s is a use case, in its exact spelling, that an organization secret may have.
func CheckUseCase(s string) error { return checkUseCase(s, UseCases()) }

// CheckProjectUseCase returns an error unless s is a use case, in its exact spelling, that a project secret may have: AIRM's
// API refuses S3 there.
func CheckProjectUseCase(s string) error {
	allowed := slices.DeleteFunc(UseCases(), func(u string) bool { return u == string(S3) })
	if s == string(S3) {
		return fmt.Errorf("a project secret cannot have the use case S3: AIRM supports it for organization secrets only. Use an airm_organization_secret, or one of %s", strings.Join(allowed, ", "))
	}
	return checkUseCase(s, allowed)
}

func checkUseCase(s string, allowed []string) error {
	if slices.Contains(allowed, s) {
		return nil
	}
	for _, u := range allowed {
		if strings.EqualFold(u, s) {
			return fmt.Errorf("%s is not a use case: write %s", jsonvalue.Quote(s), u)
		}
	}
	return fmt.Errorf("%s is not a use case that AIRM knows. Use one of %s", jsonvalue.Quote(s), strings.Join(allowed, ", "))
}
