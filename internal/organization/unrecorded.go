// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// unrecorded are the copies of an assignment that its row does not name, or of one that has no row: the object was restored, or the
// record was deleted.
type unrecorded struct {
	copies  map[string]airm.Copy // by the identity of the cluster
	unasked map[string]error     // why clusters did not say whether they have one, by their names
}

// foundCopy is an object that has the name of a copy.
type foundCopy struct {
	id   string // the identity of the cluster
	live *unstructured.Unstructured
}

// findUnrecorded finds the copies of an assignment in the configured clusters, by label and annotations, where it names none. With is
// nil for one by itself. The platform namespace is read only if there is something to compare.
func (l *locator) findUnrecorded(
	ctx context.Context, a airm.Assignment, with *sharedLists, organization func(context.Context) (string, error),
) (unrecorded, error) {
	s := unrecorded{copies: map[string]airm.Copy{}, unasked: map[string]error{}}
	all := l.clusters.All()
	var owner string
	for _, asked := range cluster.Gather(len(all), all, func(c *cluster.Cluster) (foundCopy, error) { return l.lookFor(ctx, c, a, with) }) {
		switch {
		case cluster.IsNotFound(asked.Err):
			continue
		case asked.Err != nil:
			s.unasked[asked.Item.Name()] = asked.Err
			continue
		case asked.Value.live == nil || a.MarkedFor(asked.Value.live.Object) == "":
			continue
		}
		if owner == "" {
			var err error
			if owner, err = organization(ctx); err != nil {
				return s, err
			}
		}
		if found := asked.Value; a.MarkedFor(found.live.Object) == owner {
			s.copies[found.id] = airm.Copy{Cluster: asked.Item.Name(), UID: string(found.live.GetUID())}
		}
	}
	return s, nil
}

// lookFor reads the object that has the name of a copy in one cluster, unless the assignment names a copy there.
func (l *locator) lookFor(ctx context.Context, c *cluster.Cluster, a airm.Assignment, with *sharedLists) (foundCopy, error) {
	id, err := l.identify(ctx, c, a)
	if err != nil {
		return foundCopy{}, err
	}
	if recorded, named := a.Copies[id]; named && recorded.MayExist() {
		return foundCopy{}, nil
	}
	live, err := with.read(ctx, c, a.Ref())
	return foundCopy{id, live}, err
}

// noteUnrecorded makes a row, as it was read, name the copies that it does not; the next write of the row keeps that. A cluster that does
// not answer keeps no removal from the copies that are known.
func (l *locator) noteUnrecorded(ctx context.Context, row *Row, with *sharedLists, organization func(context.Context) (string, error)) error {
	found, err := l.findUnrecorded(ctx, row.Assignment, with, organization)
	if err != nil || len(found.copies) == 0 {
		return err
	}
	named := maps.Clone(row.Copies)
	if named == nil {
		named = map[string]airm.Copy{}
	}
	maps.Copy(named, found.copies)
	row.Copies = named
	return nil
}
