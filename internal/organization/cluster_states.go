package organization

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// clusterState is what one cluster has of an organization secret.
type clusterState struct {
	*cluster.Cluster
	objects map[string]*unstructured.Unstructured // by project
	err     error                                 // the cluster cannot be asked
}

// mayHave reports whether a row has a copy in a cluster that cannot be asked, as far as the name tells.
func (v clusterState) mayHave(row *Row) bool {
	for _, its := range row.Copies {
		if its.Cluster == v.Name() {
			return true
		}
	}
	return false
}

// clusterStates reads the objects of an organization secret in every cluster: with one list each, or one by one where listing
// the whole cluster is forbidden.
func (r *Registry) clusterStates(ctx context.Context, rows []*Row, secret string) ([]clusterState, error) {
	return r.clusterStatesBy(ctx, func(c *cluster.Cluster) (map[string]*unstructured.Unstructured, error) {
		return r.objects(ctx, c, rows, secret)
	})
}

// clusterStatesBy reads in all clusters at once. That one of several cannot be asked is part of the view; that this user may not
// ask, or that the only one cannot be asked, is an error; and so is the end of the operation.
func (r *Registry) clusterStatesBy(ctx context.Context, read func(*cluster.Cluster) (map[string]*unstructured.Unstructured, error)) ([]clusterState, error) {
	all := r.clusters.All()
	views := make([]clusterState, len(all))
	var group sync.WaitGroup
	for i, c := range all {
		group.Go(func() {
			objects, err := read(c)
			if err == nil && len(all) > 1 {
				_, err = c.ID(ctx)
			}
			views[i] = clusterState{c, objects, err}
		})
	}
	group.Wait()
	for _, v := range views {
		if v.err != nil && (len(all) == 1 || cluster.IsForbidden(v.err) || ctx.Err() != nil) {
			return nil, v.err
		}
	}
	return views, nil
}

// objects reads the objects of one cluster.
func (r *Registry) objects(ctx context.Context, c *cluster.Cluster, rows []*Row, secret string) (map[string]*unstructured.Unstructured, error) {
	byProject := map[string]*unstructured.Unstructured{}
	items, err := c.List(ctx, airm.KindExternalSecret, "", airm.CarriedSelector(secret))
	if err == nil {
		for i := range items {
			if items[i].GetName() == secret {
				byProject[items[i].GetNamespace()] = &items[i]
			}
		}
	} else if !cluster.IsForbidden(err) {
		return nil, err
	}
	var mu sync.Mutex
	var failed failures
	inParallel(r.parallel, rows, func(row *Row) {
		mu.Lock()
		_, listed := byProject[row.Project]
		mu.Unlock()
		if listed || err == nil && !r.lost(ctx, c, row) {
			return
		}
		live, getErr := c.Get(ctx, row.Ref())
		if getErr != nil {
			if !cluster.IsNotFound(getErr) {
				failed.add(Failure{Project: row.Project, Err: getErr})
			}
			return
		}
		mu.Lock()
		byProject[row.Project] = live
		mu.Unlock()
	})
	for _, failure := range failed.all {
		return nil, failure.Err
	}
	return byProject, nil
}

// lost reports whether the list should have had an object of this row: then it is looked for by name, because somebody
// may have taken its label away.
func (r *Registry) lost(ctx context.Context, c *cluster.Cluster, row *Row) bool {
	if row.Phase == airm.Unassigning {
		return false
	}
	id, err := r.identify(ctx, c, row.Assignment)
	return err == nil && row.Copies[id].UID != ""
}

// clusterStatesOfOne reads the object of one assignment in every cluster.
func (r *Registry) clusterStatesOfOne(ctx context.Context, row *Row) ([]clusterState, error) {
	return r.clusterStatesBy(ctx, func(c *cluster.Cluster) (map[string]*unstructured.Unstructured, error) {
		object, err := c.Get(ctx, row.Ref())
		if cluster.IsNotFound(err) {
			return nil, nil
		}
		return map[string]*unstructured.Unstructured{row.Project: object}, err
	})
}

// clusterStatesOfAll reads the objects of all organization secrets, by the secret. Under the empty name are the views of those
// that have no object.
func (r *Registry) clusterStatesOfAll(ctx context.Context) (map[string][]clusterState, error) {
	var mu sync.Mutex
	bySecret := map[string]map[*cluster.Cluster]map[string]*unstructured.Unstructured{"": {}}
	views, err := r.clusterStatesBy(ctx, func(c *cluster.Cluster) (map[string]*unstructured.Unstructured, error) {
		all, err := c.List(ctx, airm.KindExternalSecret, "", airm.CarriedSelector(""))
		mu.Lock()
		defer mu.Unlock()
		for i := range all {
			name := all[i].GetName()
			if bySecret[name] == nil {
				bySecret[name] = map[*cluster.Cluster]map[string]*unstructured.Unstructured{}
			}
			if bySecret[name][c] == nil {
				bySecret[name][c] = map[string]*unstructured.Unstructured{}
			}
			bySecret[name][c][all[i].GetNamespace()] = &all[i]
		}
		return nil, err
	})
	split := map[string][]clusterState{}
	for name, byCluster := range bySecret {
		for _, v := range views {
			v.objects = byCluster[v.Cluster]
			split[name] = append(split[name], v)
		}
	}
	return split, err
}
