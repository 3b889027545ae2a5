// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"cmp"
	"context"
	"maps"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// rekey makes rows, as they were read, know the clusters by their identities; the next write of a row keeps that. A run that may not
// read identities records the UID of the project's namespace instead, and a run that may has to find the copy under it.
func (l *locator) rekey(ctx context.Context, rows ...*Row) {
	if len(rows) == 0 {
		return
	}
	ids, _ := cluster.GatherFrom(l.clusters.All(), func(c *cluster.Cluster) (string, error) { return c.ID(ctx) })
	maps.DeleteFunc(ids, func(_, id string) bool { return id == "" })
	cluster.ForEach(l.steps.parallel, rows, func(row *Row) {
		if !row.hasUnknownKey(l.clusters, ids) {
			return
		}
		for name, id := range ids {
			if found, err := l.clusters.Named(name).ListedProject(ctx, row.Project); err == nil {
				row.replaceKey(found.UID, id)
			}
		}
	})
}

// hasUnknownKey reports whether a row names a cluster by what is no identity of the clusters here, by their names. Clusters whose
// identity is unknown do not count: most likely the key is right, and each row would cost a request.
func (r *Row) hasUnknownKey(clusters *cluster.Clusters, ids map[string]string) bool {
	known := map[string]bool{"": true}
	for _, id := range ids {
		known[id] = true
	}
	isUnknown := func(key, name string) bool {
		return !known[key] && (ids[name] != "" || clusters.Named(name) == nil)
	}
	for key, recorded := range r.Copies {
		if isUnknown(key, recorded.Cluster) {
			return true
		}
	}
	for name, key := range r.Only {
		if isUnknown(key, name) {
			return true
		}
	}
	return false
}

// replaceKey replaces the key of a cluster by its identity. If both are there, that of the identity is the newer one.
func (r *Row) replaceKey(key, id string) {
	if recorded, found := r.Copies[key]; found {
		newer, both := r.Copies[id]
		if !both {
			newer = recorded
		}
		newer.UID = cmp.Or(newer.UID, recorded.UID)
		r.Copies[id] = newer
		delete(r.Copies, key)
	}
	for name, its := range r.Only {
		if its == key {
			r.Only[name] = id
		}
	}
}
