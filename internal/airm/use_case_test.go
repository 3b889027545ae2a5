// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"strings"
	"testing"
)

// AIRM's API and its webhook spell a use case in their own ways.
func TestUseCaseOf(t *testing.T) {
	for labels, want := range map[string]UseCase{
		"airm.silogen.com/use-case: huggingface":                                    HuggingFace,
		"airm.silogen.ai/use-case: HUGGINGFACE":                                     HuggingFace,
		"airm.silogen.ai/use-case: HuggingFace, airm.silogen.com/use-case: generic": HuggingFace,
		"airm.silogen.ai/use-case: Mail":                                            "Mail",
		"team: a":                                                                   "",
	} {
		if got := UseCaseOf(fromYAML(t, "{"+labels+"}")); got != want {
			t.Errorf("%s: %q", labels, got)
		}
	}
}

func TestCheckUseCase(t *testing.T) {
	for _, u := range UseCases() {
		if err := CheckUseCase(u); err != nil {
			t.Error(err)
		}
		if err := CheckProjectUseCase(u); (err != nil) != (u == "S3") {
			t.Errorf("project secret, %s: %v", u, err)
		}
	}
	if err := CheckProjectUseCase("database"); err == nil || !strings.Contains(err.Error(), "write Database") {
		t.Error(err)
	}
	if err := CheckProjectUseCase("Other"); err == nil || strings.Contains(err.Error(), "S3") {
		t.Error(err)
	}
}
