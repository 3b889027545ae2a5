// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

const (
	// parallel is how many assignments are worked on at once.
	parallel = 32

	// waitingRemovals is how many removals wait at once until their objects are gone: enough that External Secrets Operator always has
	// some to finish, and few enough that most are gone before their marks have to be renewed.
	waitingRemovals = 100
)

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
