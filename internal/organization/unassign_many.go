// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// UnassignAll removes an organization secret from many projects.
func (r *remover) UnassignAll(ctx context.Context, secret string, projects []string) Failures {
	var with *listed
	if len(projects) > 1 {
		with = r.list(ctx, secret)
		defer with.stop()
	}
	return gatherFailures(r.parallel, projects, func(project string) Failure {
		return Failure{Project: project, Err: r.unassign(ctx, secret, project, Known{}, with)}
	})
}

// listed is what many removals share: the rows and the copies as they were before, and a watch of each cluster. What is missing in
// it, or has changed since, each removal reads for itself.
type listed struct {
	rows    map[string]*Row
	copies  map[*cluster.Cluster]copies
	watches []*cluster.Watch
}

// list reads with one request what each removal would read by one of its own.
func (r *remover) list(ctx context.Context, secret string) *listed {
	with := &listed{rows: map[string]*Row{}, copies: map[*cluster.Cluster]copies{}}
	rows, err := r.Rows(ctx, secret)
	if err != nil || len(rows) == 0 {
		return with
	}
	for _, row := range rows {
		with.rows[row.Project] = row
	}
	all := r.clusters.All()
	for _, in := range cluster.Gather(len(all), all, func(c *cluster.Cluster) (copies, error) { return listCopies(ctx, c, secret) }) {
		if in.Err != nil {
			continue
		}
		with.copies[in.Item] = in.Value
		if watch, err := in.Item.WatchAllNamespaces(ctx, rows[0].Ref()); err == nil {
			with.watches = append(with.watches, watch)
		}
	}
	return with
}

// row returns the row of a project, nil if it was not listed.
func (l *listed) row(project string) *Row {
	if l == nil {
		return nil
	}
	return l.rows[project]
}

// object returns the object of a row in a cluster, nil if it was not listed.
func (l *listed) object(t target, row *Row) *unstructured.Unstructured {
	if l == nil {
		return nil
	}
	return l.copies[t.Cluster][row.Ref()]
}

func (l *listed) stop() {
	for _, watch := range l.watches {
		watch.Stop()
	}
}
