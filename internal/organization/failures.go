// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// Failure is what failed for a project; Cluster is empty if it does not concern one cluster.
type Failure struct {
	Project, Cluster string
	Err              error
}

// Failures are all that failed.
type Failures []Failure

// Concern reports whether something failed for a project.
func (f Failures) Concern(project string) bool {
	return slices.ContainsFunc(f, func(failure Failure) bool { return failure.Project == project })
}

// Projects returns the projects for which something failed, in the order of their names.
func (f Failures) Projects() []string {
	return projectsOf(f, func(failure Failure) string { return failure.Project })
}

// projectsOf returns the projects of a list, each once, in the order of their names.
func projectsOf[T any](list []T, project func(T) string) []string {
	names := map[string]bool{}
	for _, item := range list {
		names[project(item)] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// String lists the failures, a line each.
func (f Failures) String() string {
	var lines []string
	for _, failure := range f {
		where := "project " + failure.Project
		if failure.Cluster != "" {
			where += ", cluster " + failure.Cluster
		}
		lines = append(lines, fmt.Sprintf("- %s: %s", where, cluster.ErrorText(failure.Err)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// joinErrors makes one error of those of several clusters.
func joinErrors(summary string, failed map[string]error) error {
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(failed)) {
		if len(failed) == 1 {
			return failed[id]
		}
		lines = append(lines, "- "+cluster.ErrorText(failed[id]))
	}
	if len(lines) == 0 {
		return nil
	}
	detail := "It failed in several clusters:\n" + strings.Join(lines, "\n")
	return &Error{Summary: summary, Detail: detail, causes: slices.Collect(maps.Values(failed))}
}
