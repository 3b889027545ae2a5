// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// clusterState is what one cluster has of an organization secret.
type clusterState struct {
	*cluster.Cluster
	objects copiesByRef
	err     error // why the cluster is unavailable
}

// copiesByRef are the objects of assignments in one cluster.
type copiesByRef map[airm.Ref]*unstructured.Unstructured

// mayHaveCopy reports whether a row has a copy in an unavailable cluster, as far as the name shows.
func (s clusterState) mayHaveCopy(row *Row) bool {
	for _, recorded := range row.Copies {
		if recorded.Cluster == s.Name() {
			return true
		}
	}
	return false
}

// clusterStates reads the objects of an organization secret in every cluster: with one list each, or one by one where listing
// the whole cluster is forbidden.
func (l *locator) clusterStates(ctx context.Context, rows []*Row, secret string) ([]clusterState, error) {
	return l.clusterStatesBy(ctx, func(c *cluster.Cluster) (copiesByRef, error) {
		return l.objects(ctx, c, rows, secret)
	})
}

// clusterStatesBy reads in all clusters at once. If one of several is unavailable, its state says so. It is an error that the user
// lacks a permission, that the only cluster is unavailable, or that the operation has ended.
func (l *locator) clusterStatesBy(ctx context.Context, read func(*cluster.Cluster) (copiesByRef, error)) ([]clusterState, error) {
	all := l.clusters.All()
	results := cluster.Gather(len(all), all, func(c *cluster.Cluster) (copiesByRef, error) {
		found, err := read(c)
		if err == nil && len(all) > 1 {
			_, err = c.ID(ctx)
		}
		return found, err
	})
	var states []clusterState
	for _, in := range results {
		if in.Err != nil && (len(all) == 1 || cluster.IsForbidden(in.Err) || ctx.Err() != nil) {
			return nil, in.Err
		}
		states = append(states, clusterState{in.Item, in.Value, in.Err})
	}
	return states, nil
}

// unasked returns why clusters did not say what they have, by their names. One without ESO has nothing.
func unasked(states []clusterState) map[string]error {
	failed := map[string]error{}
	for _, state := range states {
		if state.err != nil && !errors.Is(state.err, cluster.ErrNoOperator) {
			failed[state.Name()] = state.err
		}
	}
	return failed
}

// copiesIn returns what is a copy by its marks in some cluster, whether there is a row or not.
func copiesIn(states []clusterState, organization string) []airm.Assignment {
	var all []airm.Assignment
	for _, state := range states {
		for ref, object := range state.objects {
			a := airm.Assignment{Secret: ref.Name, Project: ref.Project}
			if a.IsCopy(object.Object, "", organization) {
				all = append(all, a)
			}
		}
	}
	return all
}

// objects reads the objects of one cluster.
func (l *locator) objects(ctx context.Context, c *cluster.Cluster, rows []*Row, secret string) (copiesByRef, error) {
	found, err := listCopies(ctx, c, secret)
	if err != nil && !cluster.IsForbidden(err) {
		return nil, err
	}
	missing := slices.DeleteFunc(slices.Clone(rows), func(row *Row) bool { return found[row.Ref()] != nil })
	results := cluster.Gather(l.steps.parallel, missing, func(row *Row) (*unstructured.Unstructured, error) {
		if err == nil && !l.lost(ctx, c, row) {
			return nil, nil
		}
		live, getErr := c.Get(ctx, row.Ref())
		if cluster.IsNotFound(getErr) {
			return nil, nil
		}
		return live, getErr
	})
	for _, done := range results {
		if done.Err != nil {
			return nil, done.Err
		}
		if done.Value != nil {
			found[done.Item.Ref()] = done.Value
		}
	}
	return found, nil
}

// listCopies lists the objects of an organization secret in one cluster, those of all where secret is empty.
func listCopies(ctx context.Context, c *cluster.Cluster, secret string) (copiesByRef, error) {
	items, err := c.List(ctx, airm.KindExternalSecret, "", airm.CarriedSelector(secret))
	found := copiesByRef{}
	for i := range items {
		if name := items[i].GetName(); secret == "" || name == secret {
			found[airm.Ref{Kind: airm.KindExternalSecret, Project: items[i].GetNamespace(), Name: name}] = &items[i]
		}
	}
	return found, err
}

// lost reports whether the list should have had the object of this row. It is then read by name: its label may have been removed.
func (l *locator) lost(ctx context.Context, c *cluster.Cluster, row *Row) bool {
	if row.Phase == airm.Unassigning {
		return false
	}
	id, err := l.identify(ctx, c, row.Assignment)
	return err == nil && row.Copies[id].UID != ""
}

// clusterStatesOfOne reads the object of one assignment in every cluster.
func (l *locator) clusterStatesOfOne(ctx context.Context, row *Row) ([]clusterState, error) {
	return l.clusterStatesBy(ctx, func(c *cluster.Cluster) (copiesByRef, error) {
		object, err := c.Read(ctx, row.Ref())
		if cluster.IsNotFound(err) {
			return nil, nil
		}
		return copiesByRef{row.Ref(): object}, err
	})
}

// clusterStatesOfAll reads the objects of all organization secrets in every cluster.
func (l *locator) clusterStatesOfAll(ctx context.Context) ([]clusterState, error) {
	return l.clusterStatesBy(ctx, func(c *cluster.Cluster) (copiesByRef, error) { return listCopies(ctx, c, "") })
}
