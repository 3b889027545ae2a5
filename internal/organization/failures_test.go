// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"errors"
	"slices"
	"testing"
)

// A project that failed in two clusters is one project.
func TestFailuresProjects(t *testing.T) {
	refused := errors.New("refused")
	failures := Failures{
		{Project: "b", Err: refused}, {Project: "a", Cluster: "east", Err: refused}, {Project: "b", Cluster: "west", Err: refused},
	}
	if got := failures.Projects(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %v", got)
	}
}
