// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// Clusters are the clusters that the provider block names.
type Clusters struct {
	all  []*Cluster // in the order of their names
	home string
}

// NewClusters returns a set of clusters, of which home keeps the organization's records; it may be
// empty where there is only one.
func NewClusters(home string, all ...*Cluster) *Clusters {
	slices.SortFunc(all, func(a, b *Cluster) int { return strings.Compare(a.name, b.name) })
	if home == "" && len(all) == 1 {
		home = all[0].name
	}
	return &Clusters{all: all, home: home}
}

// All returns the clusters in the order of their names.
func (cs *Clusters) All() []*Cluster { return cs.all }

// Named returns the cluster of that name, nil where there is none.
func (cs *Clusters) Named(name string) *Cluster {
	for _, c := range cs.all {
		if c.name == name {
			return c
		}
	}
	return nil
}

// Names lists the names of the clusters.
func (cs *Clusters) Names() []string { return clusterNames(cs.all) }

func clusterNames(clusters []*Cluster) []string {
	var all []string
	for _, c := range clusters {
		all = append(all, c.name)
	}
	return all
}

// Home returns the cluster that keeps the organization's records.
func (cs *Clusters) Home() (*Cluster, error) {
	if home := cs.Named(cs.home); home != nil {
		return home, nil
	}
	return nil, &Error{
		Summary: "No home cluster is configured",
		Detail: fmt.Sprintf("The records of organization secrets and their assignments are in one of the clusters %s. Set home_cluster in the provider block to this cluster, the same in every workspace.",
			strings.Join(cs.Names(), ", ")),
	}
}

// Select returns the clusters of these names, all where there are none; a name that is not configured is an error.
func (cs *Clusters) Select(names []string) ([]*Cluster, error) {
	if len(names) == 0 {
		return cs.all, nil
	}
	var chosen []*Cluster
	for _, name := range slices.Sorted(slices.Values(names)) {
		c := cs.Named(name)
		if c == nil {
			return nil, &Error{Summary: fmt.Sprintf("Cluster %q is not configured", name),
				Detail: fmt.Sprintf("The provider block has the clusters %s. Use one of these names, or add the cluster there.", strings.Join(cs.Names(), ", "))}
		}
		chosen = append(chosen, c)
	}
	return chosen, nil
}

// WithID returns the cluster of that identity, whatever it is called here; nil where there is none.
// Where the identity of some cluster is unknown and none of the others is it, that is the error.
func (cs *Clusters) WithID(ctx context.Context, id string) (*Cluster, error) {
	ids, failed := cs.ids(ctx)
	for _, c := range cs.all {
		if other, found := ids[c.name]; found && other == id {
			return c, nil
		}
	}
	return nil, firstError(failed)
}

// CheckDistinct returns an error if one cluster has two names here: a write under the one would conflict with a
// write under the other. Clusters whose identity is unknown count as distinct.
func (cs *Clusters) CheckDistinct(ctx context.Context) error {
	if len(cs.all) == 1 {
		return nil
	}
	ids, _ := cs.ids(ctx)
	called := map[string]string{} // the name by identity
	for _, c := range cs.all {
		id := ids[c.name]
		if id == "" {
			continue
		}
		if other, taken := called[id]; taken {
			return &Error{Summary: fmt.Sprintf("%q and %q are the same cluster", other, c.name),
				Detail: "Both connect to the cluster whose namespace kube-system has the UID " + id + ". Nothing was written. Correct one of the connections in the provider block, or remove it."}
		}
		called[id] = c.name
	}
	return nil
}

// ids returns the identities of the clusters, and the errors of those that could not be asked, by their names.
func (cs *Clusters) ids(ctx context.Context) (ids map[string]string, failed map[string]error) {
	return GatherFrom(cs.all, func(c *Cluster) (string, error) { return c.ID(ctx) })
}

// firstError returns the error of the cluster that comes first by name.
func firstError(failed map[string]error) error {
	for _, name := range slices.Sorted(maps.Keys(failed)) {
		return failed[name]
	}
	return nil
}

// ID is what a cluster is known by, whatever it is called: the UID of its namespace kube-system. It
// is asked for once, and empty where the user may not read that namespace.
func (c *Cluster) ID(ctx context.Context) (string, error) {
	id, err := c.id.get(ctx, func(ctx context.Context) (string, error) {
		conn, err := c.connect(ctx)
		if err != nil {
			return "", err
		}
		namespace, err := conn.dynamic.Resource(namespaces).Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
		if apierrors.IsForbidden(err) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		slog.DebugContext(ctx, "Identified the cluster", logging.KeyCluster, c.name, "uid", string(namespace.GetUID()))
		return string(namespace.GetUID()), nil
	})
	return id, c.explain("read", "namespace "+metav1.NamespaceSystem, err)
}

// ProjectClusters is where a project is.
type ProjectClusters struct {
	Clusters    []*Cluster       // that hold it: its relevant clusters, in the order of their names
	Unavailable map[string]error // by name: those that could not be asked
	Unselected  map[string]error // by name: those where its namespace is not chosen (ErrNotSelected), as far as that was read live
	projects    map[string]Project
}

// ProjectID returns AIRM's ID of the project, from those of its clusters that are wanted; empty where its namespaces have none.
func (h ProjectClusters) ProjectID(wanted func(*Cluster) bool) string {
	for _, c := range h.Clusters {
		if id := h.projects[c.name].ID; id != "" && wanted(c) {
			return id
		}
	}
	return ""
}

// LocateProject finds the relevant clusters of a project; with only, among the clusters of these names.
// That none of them holds it, although all could be asked, is an error; so is it that the namespaces
// of that name belong to different projects.
func (cs *Clusters) LocateProject(ctx context.Context, project string, only []string) (ProjectClusters, error) {
	return cs.locateProject(ctx, project, only, (*Cluster).Project)
}

// LocateProjectCached is LocateProject for reads that change nothing, as ListedProject is Project.
func (cs *Clusters) LocateProjectCached(ctx context.Context, project string, only []string) (ProjectClusters, error) {
	located, err := cs.locateProject(ctx, project, only, (*Cluster).ListedProject)
	if errors.Is(err, ErrNoProject) {
		return cs.LocateProject(ctx, project, only) // and say why
	}
	return located, err
}

func (cs *Clusters) locateProject(
	ctx context.Context, project string, only []string, find func(*Cluster, context.Context, string) (Project, error),
) (ProjectClusters, error) {
	candidates, err := cs.Select(only)
	if err != nil {
		return ProjectClusters{}, err
	}
	found, failed := GatherFrom(candidates, func(c *Cluster) (Project, error) { return find(c, ctx, project) })
	located := ProjectClusters{Unavailable: map[string]error{}, Unselected: map[string]error{}, projects: found}
	for _, c := range candidates {
		_, holds := found[c.name]
		switch err := failed[c.name]; {
		case holds:
			located.Clusters = append(located.Clusters, c)
		case errors.Is(err, ErrNotSelected):
			located.Unselected[c.name] = err
		case !errors.Is(err, ErrNoProject):
			located.Unavailable[c.name] = err
			slog.DebugContext(ctx, "Skipped the cluster: it did not answer whether it has the project",
				logging.KeyCluster, c.name, logging.KeyProject, project)
		}
	}
	switch {
	case len(located.Clusters) == 0 && len(located.Unavailable) == 0:
		return located, explainNoProject(project, candidates, failed, located.Unselected)
	case len(located.Clusters) == 0:
		return located, firstError(located.Unavailable)
	}
	return located, oneProject(project, located.Clusters, found)
}

// Projects lists the projects of all clusters, in the order of their names; each as the clusters that
// hold it say, in the order of theirs. Projects that only share a name are apart.
func (cs *Clusters) Projects(ctx context.Context) ([][]Project, error) {
	listed, failed := GatherFrom(cs.all, func(c *Cluster) ([]Project, error) { return c.Projects(ctx) })
	if err := firstError(failed); err != nil {
		return nil, err
	}
	all := slices.Concat(slices.Collect(maps.Values(listed))...)
	slices.SortFunc(all, func(a, b Project) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID), strings.Compare(a.Cluster, b.Cluster))
	})
	var projects [][]Project
	for i, p := range all {
		if i > 0 && p.Name == all[i-1].Name && p.ID == all[i-1].ID {
			projects[len(projects)-1] = append(projects[len(projects)-1], p)
		} else {
			projects = append(projects, []Project{p})
		}
	}
	return projects, nil
}

// explainNoProject explains that no cluster holds a project: where there is one cluster only, in its own words. It is
// an ErrNotSelected where some cluster has the namespace.
func explainNoProject(project string, candidates []*Cluster, failed, unselected map[string]error) error {
	if len(candidates) == 1 {
		return failed[candidates[0].name]
	}
	var lines []string
	for _, c := range candidates {
		lines = append(lines, fmt.Sprintf("- cluster %s: %s", c.name, failed[c.name]))
	}
	return &Error{
		Summary: fmt.Sprintf("Project %q is in none of the clusters", project),
		Detail:  strings.Join(lines, "\n") + "\n\nCreate the project in one of them first, or correct the name. A project is a namespace that the provider's project_selector selects.",
		cause:   cmp.Or(firstError(unselected), firstError(failed)),
	}
}

// oneProject refuses to take namespaces of one name for one project if AIRM says that they are several.
func oneProject(project string, located []*Cluster, found map[string]Project) error {
	ids := map[string]bool{}
	var lines []string
	for _, c := range located {
		ids[found[c.name].ID] = true
		lines = append(lines, fmt.Sprintf("- cluster %s: project ID %q", c.name, found[c.name].ID))
	}
	if len(ids) <= 1 {
		return nil
	}
	return &Error{
		Summary: fmt.Sprintf("%q is the name of different projects", project),
		Detail: "The label airm.silogen.ai/project-id differs between the clusters, so these are different projects:\n" + strings.Join(lines, "\n") +
			"\n\nSelect one of them with the argument clusters. For a data source, use a configuration of the provider (an alias) that has only one of these clusters.",
		cause: ErrSeveralProjects,
	}
}
