// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import "context"

// ProjectLocator returns LocateProject for many projects: the projects of every cluster are listed once, if that is allowed.
func (cs *Clusters) ProjectLocator(ctx context.Context, only []string) func(ctx context.Context, project string) (ProjectClusters, error) {
	oneByOne := func(ctx context.Context, project string) (ProjectClusters, error) {
		return cs.LocateProject(ctx, project, only)
	}
	candidates, err := cs.Select(only)
	if err != nil {
		return oneByOne
	}
	listed, failed := GatherFrom(candidates, func(c *Cluster) (map[string]Project, error) {
		projects, err := c.Projects(ctx)
		return byName(projects), err
	})
	unavailable := map[string]error{}
	for name, err := range failed {
		if !IsUnavailable(err) && !IsUnconfigured(err) {
			return oneByOne
		}
		unavailable[name] = err
	}
	return func(ctx context.Context, project string) (ProjectClusters, error) {
		found := map[string]Project{}
		located := ProjectClusters{Unavailable: unavailable, projects: found}
		for _, c := range candidates {
			if held, holds := listed[c.name][project]; holds {
				located.Clusters, found[c.name] = append(located.Clusters, c), held
			}
		}
		if len(located.Clusters) == 0 {
			return oneByOne(ctx, project) // and say why
		}
		return located, oneProject(project, located.Clusters, found)
	}
}
