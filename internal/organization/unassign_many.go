// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"slices"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// batchesAtOnce: while the objects of one batch are on their way out, the rows of the next one are marked.
const batchesAtOnce = 2

// UnassignAll removes an organization secret from many projects, in batches. Rows that are not listed, or that another run is about to
// assign, come last and each by itself, so that no batch waits for another run.
func (r *remover) UnassignAll(ctx context.Context, secret string, projects []string) Failures {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	with := &sharedLists{}
	if len(projects) > 1 { // one needs no list, and no watch, of all projects
		with = r.list(ctx, secret)
	}
	defer with.stop()
	var failed Failures
	var others []string
	ready := slices.DeleteFunc(slices.Clone(projects), func(project string) bool {
		row := with.rows[project]
		if row == nil || r.isBeingAssigned(row) {
			others = append(others, project)
			return true
		}
		return false
	})
	batches := slices.Collect(slices.Chunk(ready, batch))
	for _, result := range cluster.Gather(min(batchesAtOnce, r.waiting), batches, func(projects []string) (Failures, error) {
		return r.unassignBatch(ctx, secret, projects, with), nil
	}) {
		failed = append(failed, result.Value...)
	}
	return append(failed, gatherFailures(r.parallel, others, func(project string) Failure {
		return Failure{Project: project, Err: r.Unassign(ctx, secret, project, Known{})}
	})...)
}

// unassignBatch marks the rows of a batch, reads them again with one list, and removes what they name.
func (r *remover) unassignBatch(ctx context.Context, secret string, projects []string, with *sharedLists) Failures {
	marked := cluster.Gather(r.parallel, projects, func(project string) (*Row, error) {
		return r.markRow(ctx, secret, project, Known{}, with.rows[project])
	})
	with = with.again(r.listMarked(ctx, secret))
	return gatherFailures(r.waiting, marked, func(result cluster.Result[string, *Row]) Failure {
		err := result.Err
		if cluster.IsNotFound(err) {
			return Failure{}
		}
		if err == nil {
			err = r.remove(ctx, result.Value, with)
		}
		return Failure{Project: result.Item, Err: err}
	})
}

// sharedLists is what many removals share: the rows and the copies as they were before, and a watch of each cluster; and the rows of a
// batch once they were marked. What is missing in it, or has changed since, each removal reads for itself.
type sharedLists struct {
	rows    map[string]*Row
	marked  map[string]*Row
	copies  map[*cluster.Cluster]copiesByRef
	watches []*cluster.Watch
	slots   slots // for the deletions of objects: all wait at once, but few requests are sent at once
}

// again returns the same for a batch whose rows were marked.
func (l *sharedLists) again(marked map[string]*Row) *sharedLists {
	next := *l
	next.marked = marked
	return &next
}

// slots limit how much is done at once, by their capacity; nil limits nothing.
type slots chan struct{}

func (s slots) do(work func() error) error {
	if s != nil {
		s <- struct{}{}
		defer func() { <-s }()
	}
	return work()
}

// list reads with one request what each removal would read by one of its own.
func (r *remover) list(ctx context.Context, secret string) *sharedLists {
	with := &sharedLists{copies: map[*cluster.Cluster]copiesByRef{}, slots: make(slots, r.parallel)}
	rows, err := r.Rows(ctx, secret)
	if err != nil || len(rows) == 0 {
		return with
	}
	with.rows = rowsByProject(rows)
	all := r.clusters.All()
	for _, in := range cluster.Gather(len(all), all, func(c *cluster.Cluster) (copiesByRef, error) { return listCopies(ctx, c, secret) }) {
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

// listMarked reads the rows again, none if that fails: then each removal reads its own.
func (r *remover) listMarked(ctx context.Context, secret string) map[string]*Row {
	if r.step(ctx, "unassign: list rows again") != nil {
		return nil
	}
	rows, err := r.Rows(ctx, secret)
	if err != nil {
		return nil
	}
	return rowsByProject(rows)
}

func (l *sharedLists) stop() {
	for _, watch := range l.watches {
		watch.Stop()
	}
}
