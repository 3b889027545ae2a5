// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// target is a cluster where the object of an assignment is, or belongs.
type target struct {
	*cluster.Cluster
	id string // the identity of the cluster, whatever its name is
}

// locator finds the copies of assignments in the clusters.
type locator struct {
	clusters *cluster.Clusters
	steps    *stepper
}

// identify returns the identity of a cluster in an assignment. If the user may not read it, the cluster is known by its name, or by
// being the only one; a new cluster by the UID of the project's namespace, which is unique as well.
func (l *locator) identify(ctx context.Context, c *cluster.Cluster, a airm.Assignment) (string, error) {
	id, err := c.ID(ctx)
	if id != "" || err != nil {
		return id, err
	}
	for id, recorded := range a.Copies {
		if recorded.Cluster == c.Name() || len(a.Copies) == 1 && len(l.clusters.All()) == 1 {
			return id, nil
		}
	}
	found, err := c.Project(ctx, a.Project)
	return found.UID, err
}

// identifyAnew is identify for an assignment whose row was not read: another run may have recorded the cluster there.
func (a *assigner) identifyAnew(ctx context.Context, c *cluster.Cluster, wanted airm.Assignment) (string, error) {
	if id, err := c.ID(ctx); id != "" || err != nil {
		return id, err
	}
	if row, err := a.Row(ctx, wanted.Secret, wanted.Project); err == nil {
		wanted = row.Assignment
	}
	return a.identify(ctx, c, wanted)
}

// projectLocator returns the clusters that hold a project.
type projectLocator func(ctx context.Context, project string) (cluster.ProjectClusters, error)

// projectLocator returns a locator for assignments of one secret: it lists the projects of the clusters once, unless there is only one
// assignment.
func (a *assigner) projectLocator(ctx context.Context, wanted []airm.Assignment) projectLocator {
	names := slices.Collect(maps.Keys(wanted[0].Only))
	if len(wanted) > 1 {
		return a.clusters.ProjectLocator(ctx, names)
	}
	return func(ctx context.Context, project string) (cluster.ProjectClusters, error) {
		return a.clusters.LocateProject(ctx, project, names)
	}
}

// locateTargets finds the clusters where an assignment belongs, and which project that is, and writes both into it. It is refused if
// that is not the project that is wanted. An unavailable cluster is recorded as waiting; it is an error only if no other cluster
// holds the project. Unselected are clusters with a namespace of that name that is no project.
func (a *assigner) locateTargets(
	ctx context.Context, wanted *airm.Assignment, locate projectLocator,
) (targets []target, unselected map[string]error, err error) {
	holds, err := locate(ctx, wanted.Project)
	if err != nil {
		return nil, nil, err
	}
	found := holds.ProjectID(func(*cluster.Cluster) bool { return true }) // locate is narrowed already
	if wanted.ProjectID != "" && found != "" && wanted.ProjectID != found {
		return nil, nil, anotherProject(*wanted, wanted.ProjectID, found)
	}
	if found != "" {
		wanted.ProjectID = found
	}
	unavailable := maps.Clone(holds.Unavailable)
	if unavailable == nil {
		unavailable = map[string]error{}
	}
	wanted.Copies, wanted.Waiting, wanted.Only = map[string]airm.Copy{}, map[string]string{}, maps.Clone(wanted.Only)
	for _, c := range holds.Clusters {
		id, err := a.identifyAnew(ctx, c, *wanted)
		if err != nil {
			unavailable[c.Name()] = err
			continue
		}
		targets = append(targets, target{c, id})
		wanted.Copies[id] = airm.Copy{Cluster: c.Name()}
		if _, narrowed := wanted.Only[c.Name()]; narrowed {
			wanted.Only[c.Name()] = id
		}
	}
	for name, err := range unavailable {
		wanted.Waiting[name] = jsonvalue.Sanitize(cluster.ErrorText(err))
		if len(targets) == 0 {
			return nil, nil, err
		}
	}
	return targets, holds.Unselected, nil
}

// merged returns what is wanted, with what only the row knows: copies that were made or may have been, and what waits in clusters that
// are not configured here.
func (a *assigner) merged(wanted airm.Assignment, row airm.Assignment) airm.Assignment {
	copies, waiting := maps.Clone(row.Copies), maps.Clone(wanted.Waiting)
	if copies == nil {
		copies = map[string]airm.Copy{}
	}
	for id, recorded := range wanted.Copies {
		recorded.UID = copies[id].UID
		copies[id] = recorded
	}
	for name, why := range row.Waiting {
		if a.clusters.Named(name) == nil {
			waiting[name] = why
		}
	}
	wanted.Copies, wanted.Waiting = copies, waiting
	wanted.ProjectID = cmp.Or(wanted.ProjectID, row.ProjectID)
	return wanted
}

// copyClusters are the clusters of a row's copies.
type copyClusters struct {
	targets      []target
	unavailable  map[string]error  // by the identity of the cluster
	names        map[string]string // what the unavailable ones are called here, as far as that is known, by the identity
	unconfigured []string          // the identities of those that are not configured here
}

// describeCluster returns the name and the identity of the cluster of a copy, for a message.
func (r *Row) describeCluster(id string) string {
	return fmt.Sprintf("%q (kube-system UID %s)", r.Copies[id].Cluster, id)
}

// locateCopies finds the configured clusters of a row's copies, as far as there may be any. It makes the row know them by their
// identities.
func (l *locator) locateCopies(ctx context.Context, row *Row) copyClusters {
	l.rekey(ctx, row)
	ids, unavailable := cluster.GatherFrom(l.clusters.All(), func(c *cluster.Cluster) (string, error) {
		return l.identify(ctx, c, row.Assignment)
	})
	clusters := map[string]*cluster.Cluster{}
	for name, id := range ids {
		clusters[id] = l.clusters.Named(name)
	}
	return row.locate(clusters, unavailable)
}

// locate finds the clusters of a row's copies among those that answered, by their identities, and those that did not, by their names.
func (r *Row) locate(clusters map[string]*cluster.Cluster, unavailable map[string]error) copyClusters {
	s := copyClusters{unavailable: map[string]error{}, names: map[string]string{}}
	for _, id := range slices.Sorted(maps.Keys(r.Copies)) {
		if !r.Copies[id].MayExist() {
			continue
		}
		name := r.Copies[id].Cluster
		if len(unavailable) > 0 && unavailable[name] == nil { // it may be one of these, under another name
			name = slices.Sorted(maps.Keys(unavailable))[0]
		}
		switch {
		case clusters[id] != nil:
			s.targets = append(s.targets, target{clusters[id], id})
		case unavailable[name] != nil:
			s.unavailable[id], s.names[id] = unavailable[name], name
		default:
			s.unconfigured = append(s.unconfigured, id)
		}
	}
	return s
}

// refuseUnknown keeps a removal from forgetting copies in clusters that are not configured here.
func (s copyClusters) refuseUnknown(row *Row) error {
	if len(s.unconfigured) == 0 {
		return nil
	}
	var where []string
	for _, id := range s.unconfigured {
		where = append(where, row.describeCluster(id))
	}
	return refuse("Cannot remove assignment "+row.ID(),
		"The secret is in a cluster that is not in the provider block: %s. Nothing was deleted. Configure the cluster (under any name, since the UID identifies it), or correct a connection to another cluster, and run again. If the cluster no longer exists, delete the record of the assignment, the ConfigMap %s/%s, and run again.",
		strings.Join(where, ", "), row.record.GetNamespace(), row.record.GetName())
}

// inEach does work in every target at once and returns the failures by the identity of the cluster.
func (r *remover) inEach(targets []target, work func(target) error) map[string]error {
	failed := map[string]error{}
	for _, done := range cluster.Gather(r.parallel, targets, func(t target) (struct{}, error) { return struct{}{}, work(t) }) {
		if done.Err != nil {
			failed[done.Item.id] = done.Err
		}
	}
	return failed
}
