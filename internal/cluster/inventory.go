package cluster

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// Found is an object, and where it was found.
type Found struct {
	Cluster *Cluster
	Object  *unstructured.Unstructured
}

// Ref says which object it is.
func (f Found) Ref() secrets.Ref {
	return secrets.Ref{Kind: f.Object.GetKind(), Project: f.Object.GetNamespace(), Name: f.Object.GetName()}
}

// Inventory is what was found in several clusters, in the order of kinds, ids and clusters.
type Inventory struct {
	Found []Found
	Away  map[string]error // by name: clusters that could not be asked
}

// Inventory lists the objects of some kinds in the clusters of these names (none: all). Where project
// is empty, it lists those of all projects and the cluster-wide ones; what is in other namespaces is
// left out. It is an error only where no cluster could be asked, or none holds the project.
func (cs *Clusters) Inventory(ctx context.Context, kinds []string, project string, only []string) (Inventory, error) {
	clusters, err := cs.Only(only)
	found := Inventory{Away: map[string]error{}}
	if project != "" {
		var holding Holding
		holding, err = cs.Holding(ctx, project, only)
		clusters = holding.Clusters
		maps.Copy(found.Away, holding.Away)
	}
	if err != nil {
		return found, err
	}
	var mu sync.Mutex
	failed := Each(clusters, func(c *Cluster) error {
		objects, err := c.inventory(ctx, kinds, project)
		mu.Lock()
		defer mu.Unlock()
		found.Found = append(found.Found, objects...)
		return err
	})
	if len(failed) == len(clusters) && len(clusters) > 0 {
		return found, first(failed)
	}
	maps.Copy(found.Away, failed)
	slices.SortFunc(found.Found, func(a, b Found) int {
		return cmp.Or(strings.Compare(a.Ref().Kind, b.Ref().Kind), strings.Compare(a.Ref().ID(), b.Ref().ID()), strings.Compare(a.Cluster.name, b.Cluster.name))
	})
	return found, nil
}

func (c *Cluster) inventory(ctx context.Context, kinds []string, project string) ([]Found, error) {
	inProjects := func(string) bool { return true }
	if project == "" && slices.ContainsFunc(kinds, func(kind string) bool { return kind != secrets.KindClusterSecretStore }) {
		projects, err := c.Projects(ctx)
		if err != nil {
			return nil, err
		}
		inProjects = func(namespace string) bool {
			return slices.ContainsFunc(projects, func(p Project) bool { return p.Name == namespace })
		}
	}
	var found []Found
	for _, kind := range kinds {
		objects, err := c.List(ctx, kind, project, "")
		if err != nil {
			return nil, err
		}
		for i := range objects {
			if kind == secrets.KindClusterSecretStore || inProjects(objects[i].GetNamespace()) {
				found = append(found, Found{Cluster: c, Object: &objects[i]})
			}
		}
	}
	return found, nil
}

// AwayText tells for people which clusters could not be asked, and why; empty where all could.
func (i Inventory) AwayText() string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(i.Away)) {
		lines = append(lines, fmt.Sprintf("Cluster %q: %s", name, i.Away[name]))
	}
	return strings.Join(lines, "\n")
}
