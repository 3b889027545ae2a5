// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// Which clusters the copies of an object are in, and which of them the state knows.

// narrowedModel is the argument that narrows where a resource acts.
type narrowedModel struct {
	Clusters types.Set `tfsdk:"clusters"`
}

// clustersAttribute is the argument of narrowedModel.
func clustersAttribute(otherwise string) schema.Attribute {
	return schema.SetAttribute{
		Optional:    true,
		ElementType: types.StringType,
		MarkdownDescription: "Clusters to act in, by their names in the provider block. Defaults to " + otherwise + ". A change is " +
			"made in place: the provider creates the object in added clusters, and deletes it and its Kubernetes Secret in removed " +
			"clusters. Several resources may have the same name in different clusters; import each by an ID that ends in " +
			"`@cluster,cluster`. An import by an ID without clusters sets this argument if only some of the clusters have the object, " +
			"and fails if the objects differ.",
	}
}

// only are the names of the clusters to act in, nil for all.
func (m *narrowedModel) only() []string {
	var names []string
	for _, element := range m.Clusters.Elements() {
		if name, ok := element.(types.String); ok {
			names = append(names, name.ValueString())
		}
	}
	slices.Sort(names)
	return names
}

// narrowTo sets the clusters to act in.
func (m *narrowedModel) narrowTo(names []string) { m.Clusters = stringSet(names) }

func (m *narrowedModel) clustersProblems() []problem {
	at := path.Root("clusters")
	if !m.Clusters.IsNull() && !m.Clusters.IsUnknown() && len(m.Clusters.Elements()) == 0 {
		return []problem{{paths: []path.Path{at}, summary: "clusters names no cluster",
			detail: "Set at least one, or leave clusters out to use all clusters."}}
	}
	return nil
}

// unconfigured finds the names of clusters that the provider block does not have.
func (m *narrowedModel) unconfigured(clusters *cluster.Clusters) []problem {
	if _, err := clusters.Select(m.only()); err != nil {
		return []problem{invalidArgument(path.Root("clusters"), err)}
	}
	return nil
}

// known finds the clusters in which the state has copies. Their names may have changed, their
// identities do not. Lost are those that are not configured any more, or whose name is now that of
// another cluster.
func (r *objectResource) known(ctx context.Context, owner ownership) (known map[*cluster.Cluster]knownCopy, lost map[string]knownCopy) {
	known, lost = map[*cluster.Cluster]knownCopy{}, map[string]knownCopy{}
	for name, recorded := range owner.Copies {
		if c := r.clusterOf(ctx, name, recorded); c != nil {
			known[c] = recorded
		} else {
			lost[name] = recorded
		}
	}
	return known, lost
}

func (r *objectResource) clusterOf(ctx context.Context, name string, recorded knownCopy) *cluster.Cluster {
	named := r.settings.clusters.Named(name)
	if named != nil {
		id, err := named.ID(ctx)
		if err != nil || id == "" || recorded.Cluster == "" || id == recorded.Cluster {
			return named
		}
	}
	if recorded.Cluster == "" {
		return nil
	}
	renamed, _ := r.settings.clusters.WithID(ctx, recorded.Cluster)
	return renamed
}

// locateRead finds the copies to read: of the clusters that the state knows, and of all others in which the object may
// belong.
func (o *objectRead) locateRead(ctx context.Context) {
	candidates, err := o.settings.clusters.Select(o.m.only())
	if err != nil {
		addError(o.diags, err)
		return
	}
	known, lost := o.known(ctx, o.owner)
	for name, recorded := range lost {
		o.diags.AddWarning(fmt.Sprintf("Cluster %q is skipped", name), o.explainLost(ctx, name, recorded, o.m.ref()))
	}
	for _, where := range o.settings.clusters.All() {
		recorded, found := known[where]
		wanted := slices.Contains(candidates, where)
		_, replaced := lost[where.Name()]
		if !found && (!wanted || replaced) {
			continue
		}
		c := newObjectCopy(o.m, where, o.settings)
		c.wanted = wanted
		if found {
			c.known = &recorded
		}
		o.all = append(o.all, c)
	}
	o.lost = lost
}

// explainLost says what to do about a copy in a cluster that cannot be reached by any name.
func (r *objectResource) explainLost(ctx context.Context, name string, recorded knownCopy, ref airm.Ref) string {
	if r.settings.clusters.Named(name) != nil {
		return otherCluster(ref)
	}
	if _, err := r.settings.clusters.WithID(ctx, recorded.Cluster); err != nil && recorded.Cluster != "" {
		return fmt.Sprintf("The provider block no longer has a cluster of this name. If the cluster was renamed there, %s is found again when the cluster is available. %s", ref, err)
	}
	return fmt.Sprintf("The provider block no longer has this cluster, but the state has a copy of %s there, which would be orphaned. Configure the cluster again until the copy is deleted; or, if the cluster no longer exists, remove the resource from the state (`state rm`) and import the remaining copies.", ref)
}

func otherCluster(ref airm.Ref) string {
	return fmt.Sprintf("%s was created in a cluster whose namespace kube-system has another UID. So the provider block refers to another cluster, or the cluster was recreated. Nothing is written there. Correct the connection; or, if the old cluster no longer exists, remove the resource from the state (`state rm`), import the copies in the other clusters, and apply again.", ref)
}

// withCopies notes where the copies are now.
func (o ownership) withCopies(ctx context.Context, all objectCopies) ownership {
	before := o.Copies
	o.Moved, o.MovedUID = false, ""
	o.Copies = map[string]knownCopy{}
	for _, c := range all {
		switch {
		case c.live != nil:
			id, _ := c.cluster.ID(ctx)
			o.Copies[c.cluster.Name()] = knownCopy{Cluster: id, UID: string(c.live.GetUID())}
		case (c.unavailable != nil || c.unselected) && c.known != nil:
			o.Copies[c.cluster.Name()] = *c.known
		case c.diags.HasError() && c.known != nil:
			o.Copies[c.cluster.Name()] = before[c.cluster.Name()]
		}
	}
	return o
}

// keep adds the copies that are out of reach.
func (o ownership) keep(lost map[string]knownCopy) ownership {
	for name, recorded := range lost {
		if _, taken := o.Copies[name]; !taken {
			o.Copies[name] = recorded
		}
	}
	return o
}

func (cs objectCopies) wanted() objectCopies   { return cs.thatAre(true) }
func (cs objectCopies) unwanted() objectCopies { return cs.thatAre(false) }

// thatAre leaves out what can be neither written nor removed.
func (cs objectCopies) thatAre(wanted bool) objectCopies {
	return slices.DeleteFunc(slices.Clone(cs), func(c *objectCopy) bool { return c.unselected || c.wanted != wanted })
}

// anyNeeded reports whether a copy must not be deleted, because it is used.
func (cs objectCopies) anyNeeded() bool {
	return slices.ContainsFunc(cs, func(c *objectCopy) bool { return c.needed })
}

// anyUnavailable reports whether a cluster is unavailable.
func (cs objectCopies) anyUnavailable() bool {
	return slices.ContainsFunc(cs, func(c *objectCopy) bool { return c.unavailable != nil })
}

// gone reports whether a cluster that belongs to the object, and was asked, has none.
func (cs objectCopies) gone() bool {
	return slices.ContainsFunc(cs, func(c *objectCopy) bool { return c.wanted && c.unavailable == nil && c.live == nil })
}

// synced counts the copies of which nothing is left to wait for.
func (cs objectCopies) synced() int {
	return len(slices.DeleteFunc(cs.succeeded(), func(c *objectCopy) bool { return !c.result.ok }))
}

// registered reports whether AIRM knows all copies.
func (cs objectCopies) registered() bool {
	return !slices.ContainsFunc(cs, func(c *objectCopy) bool { return c.unregistered })
}

// where are the names of the clusters.
func (cs objectCopies) where() []string {
	var names []string
	for _, c := range cs {
		names = append(names, c.cluster.Name())
	}
	slices.SortFunc(names, strings.Compare)
	return names
}
