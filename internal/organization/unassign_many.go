// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// UnassignAll removes an organization secret from many projects. It lists once what each removal would read by itself. All take their
// steps one after the other, so that the objects of some are on their way out while the rows of others are marked. Rows that another
// run is about to assign come last: they have to wait. The owner's id goes into a row that a removal has to write, so that it can be
// done again.
func (r *remover) UnassignAll(ctx context.Context, secret string, projects []string, ownerID string) Failures {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	var with *sharedLists
	if len(projects) > 1 { // one needs no list, and no watch, of all projects
		with = r.list(ctx, secret)
	}
	defer with.stop()
	var ready, others []string
	for _, project := range projects {
		if row := with.row(project); row == nil || r.isBeingAssigned(row) {
			others = append(others, project)
		} else {
			ready = append(ready, project)
		}
	}
	return gatherFailures(r.waiting, append(ready, others...), func(project string) Failure {
		return Failure{Project: project, Err: r.unassign(ctx, airm.Assignment{Secret: secret, Project: project, OwnerID: ownerID}, Known{}, with)}
	})
}

// sharedLists is what many removals share: the rows and the copies as they were before, and a watch of each cluster. What is missing in
// it, or has changed since, each removal reads for itself. Nil is that of a removal by itself.
type sharedLists struct {
	rows    map[string]*Row
	copies  map[*cluster.Cluster]copiesByRef
	watches []*cluster.Watch
	// requests has a place for each write that may be under way in a cluster: many removals wait at once.
	requests map[*cluster.Cluster]chan struct{}
}

// row returns the row of a project, nil if it was not listed.
func (l *sharedLists) row(project string) *Row {
	if l == nil {
		return nil
	}
	return l.rows[project]
}

// copyOf returns the object of an assignment, nil if it was not listed.
func (l *sharedLists) copyOf(t assignmentTarget) *unstructured.Unstructured {
	if l == nil {
		return nil
	}
	return l.copies[t.Cluster][t.row.Ref()]
}

// read reads the object of an assignment, from the list if the cluster was listed. It is nil where the list has none.
func (l *sharedLists) read(ctx context.Context, c *cluster.Cluster, ref airm.Ref) (*unstructured.Unstructured, error) {
	if l == nil || l.copies[c] == nil {
		return c.Read(ctx, ref)
	}
	return l.copies[c][ref], nil
}

// do limits how many requests are under way at once in a cluster.
func (l *sharedLists) do(in *cluster.Cluster, request func() error) error {
	if l != nil {
		l.requests[in] <- struct{}{}
		defer func() { <-l.requests[in] }()
	}
	return request()
}

func (l *sharedLists) stop() {
	if l == nil {
		return
	}
	for _, watch := range l.watches {
		watch.Stop()
	}
}

// list reads with one request what each removal would read by one of its own.
func (r *remover) list(ctx context.Context, secret string) *sharedLists {
	with := &sharedLists{copies: map[*cluster.Cluster]copiesByRef{}, requests: map[*cluster.Cluster]chan struct{}{}}
	for _, c := range r.clusters.All() {
		with.requests[c] = make(chan struct{}, r.parallel)
	}
	rows, err := r.Rows(ctx, secret)
	if err != nil || len(rows) == 0 {
		return with
	}
	with.rows = rowsByProject(rows)
	for _, c := range r.clusters.All() {
		if watch, err := c.WatchAllNamespaces(ctx, rows[0].Ref()); err == nil {
			with.watches = append(with.watches, watch)
		}
	}
	with.copies = r.listAllCopies(ctx, secret)
	return with
}

// listAllCopies lists the copies of an organization secret in each cluster. One that does not answer is left out.
func (l *locator) listAllCopies(ctx context.Context, secret string) map[*cluster.Cluster]copiesByRef {
	listed, all := map[*cluster.Cluster]copiesByRef{}, l.clusters.All()
	for _, in := range cluster.Gather(len(all), all, func(c *cluster.Cluster) (copiesByRef, error) { return listCopies(ctx, c, secret) }) {
		if in.Err == nil {
			listed[in.Item] = in.Value
		}
	}
	return listed
}
