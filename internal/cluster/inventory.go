// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// Found is an object, and where it was found.
type Found struct {
	Cluster *Cluster
	Object  *unstructured.Unstructured
}

// Ref returns which object it is.
func (f Found) Ref() airm.Ref { return RefOf(f.Object) }

// Inventory is what was found in several clusters, in the order of kinds, ids and clusters.
type Inventory struct {
	Found       []Found
	Unavailable map[string]error // by name: clusters that could not be asked

	all      []*Cluster
	projects map[string]map[string]Project // by the names of cluster and project, of the clusters that said which they hold
}

// clusterInventory is what one cluster has of an inventory. Projects is nil where it did not say which it holds.
type clusterInventory struct {
	projects map[string]Project
	found    []Found
}

// Inventory lists the objects of some kinds in the clusters of these names (none: all). Where project
// is empty, it lists those of all projects and the cluster-wide ones; what is in other namespaces is
// left out. It is an error only where no cluster could be asked, or none holds the project.
func (cs *Clusters) Inventory(ctx context.Context, kinds []string, project string, only []string) (Inventory, error) {
	found := Inventory{Unavailable: map[string]error{}, all: cs.all, projects: map[string]map[string]Project{}}
	clusters, err := cs.Select(only)
	if err != nil {
		return found, err
	}
	results := Gather(len(clusters), clusters, func(c *Cluster) (listed clusterInventory, err error) {
		if listed.projects, err = c.projectsFor(ctx, kinds, project); err != nil {
			return clusterInventory{}, err
		}
		listed.found, err = c.inventory(ctx, kinds, project, listed.projects)
		return listed, err
	})
	for _, r := range results {
		if r.Err != nil {
			found.Unavailable[r.Item.name] = r.Err
		}
		if r.Value.projects != nil {
			found.projects[r.Item.name] = r.Value.projects
		}
		found.Found = append(found.Found, r.Value.found...)
	}
	if len(found.Unavailable) == len(clusters) && len(clusters) > 0 {
		return found, firstError(found.Unavailable)
	}
	if project != "" && !found.holds(project) {
		if _, err := cs.LocateProject(ctx, project, only); err != nil {
			return found, err
		}
	}
	slices.SortFunc(found.Found, func(a, b Found) int {
		return cmp.Or(
			strings.Compare(a.Ref().Kind, b.Ref().Kind),
			strings.Compare(a.Ref().ID(), b.Ref().ID()),
			strings.Compare(a.Cluster.name, b.Cluster.name),
		)
	})
	return found, nil
}

// projectsFor returns the projects of a cluster, by their names: that of the name or, where that is empty, all. They are not
// needed for what is cluster-wide.
func (c *Cluster) projectsFor(ctx context.Context, kinds []string, name string) (map[string]Project, error) {
	if name != "" {
		project, err := c.ListedProject(ctx, name)
		if errors.Is(err, ErrNoProject) {
			return byName(nil), nil
		}
		return byName([]Project{project}), err
	}
	if !slices.ContainsFunc(kinds, func(kind string) bool { return kind != airm.KindClusterSecretStore }) {
		return byName(nil), nil
	}
	projects, err := c.Projects(ctx)
	return byName(projects), err
}

func (c *Cluster) inventory(ctx context.Context, kinds []string, project string, projects map[string]Project) ([]Found, error) {
	if project != "" && len(projects) == 0 {
		return nil, nil
	}
	var found []Found
	for _, kind := range kinds {
		objects, err := c.List(ctx, kind, project, "")
		if err != nil {
			return nil, err
		}
		for i := range objects {
			if _, in := projects[objects[i].GetNamespace()]; in || kind == airm.KindClusterSecretStore {
				found = append(found, Found{Cluster: c, Object: &objects[i]})
			}
		}
	}
	return found, nil
}

func (i Inventory) holds(project string) bool {
	return slices.ContainsFunc(i.all, func(c *Cluster) bool { return i.projects[c.name][project].Name != "" })
}

// ProjectID returns AIRM's ID of the project that an object is in; empty where there is none.
func (i Inventory) ProjectID(f Found) string { return i.projects[f.Cluster.name][f.Ref().Project].ID }

// IsEverywhere reports whether some copies of an object are in all clusters into which it belongs. Clusters that could not, or
// were not to be asked may be among those.
func (i Inventory) IsEverywhere(copies []Found) bool {
	missing := func(c *Cluster) bool {
		if slices.ContainsFunc(copies, func(f Found) bool { return f.Cluster == c }) {
			return false
		}
		projects, asked := i.projects[c.name]
		_, holds := projects[copies[0].Ref().Project]
		return !asked || holds || copies[0].Ref().Project == ""
	}
	return !slices.ContainsFunc(i.all, missing)
}

// UnavailableText returns which clusters are unavailable, and why; empty if none is.
func (i Inventory) UnavailableText() string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(i.Unavailable)) {
		lines = append(lines, fmt.Sprintf("Cluster %q: %s", name, i.Unavailable[name]))
	}
	return strings.Join(lines, "\n")
}
