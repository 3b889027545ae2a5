// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

const (
	// parallel is how many assignments are worked on at once.
	parallel = 32

	// waitingRemovals is how many removals wait at once until their objects are gone: enough that External Secrets Operator always has
	// some to finish, and few enough that most are gone before their marks have to be renewed.
	waitingRemovals = 200
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
	var names []string
	for _, failure := range f {
		names = append(names, failure.Project)
	}
	slices.Sort(names)
	return slices.Compact(names)
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

// InParallel does work for every item, limited, and returns what failed, in the order of the items.
func InParallel[T any](items []T, project func(T) string, work func(T) error) Failures {
	return gatherFailures(parallel, items, func(item T) Failure { return Failure{Project: project(item), Err: work(item)} })
}

func gatherFailures[T any](limit int, items []T, work func(T) Failure) Failures {
	var failed Failures
	for _, done := range cluster.Gather(limit, items, func(item T) (Failure, error) { return work(item), nil }) {
		if done.Value.Err != nil {
			failed = append(failed, done.Value)
		}
	}
	return failed
}
