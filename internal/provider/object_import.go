// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// Into which clusters an object that is imported or moved is taken, so that no later apply brings its content to a cluster
// without a word of that in the plan.

// narrowAdopted narrows a resource to those clusters where its object is. What an import finds to differ between clusters is refused,
// with the ids to import it by; so is an id that names a cluster without the object, and a move of which it is not clear which object
// is meant. It returns the copies to keep.
func (o *objectRead) narrowAdopted() objectCopies {
	m, all, found := o.m, o.all, o.all.succeeded()
	kept, sure := found.thatAgree(), true
	if !o.imported {
		kept, sure = o.moved(found)
	}
	switch {
	case !sure:
		o.diags.AddError(explainAmbiguousMove(m.ref(), found).text())
		return all
	case o.imported && len(kept) < len(found):
		o.diags.AddError(explainDifference(m.ref(), found).text())
		return all
	case len(kept) == len(all.wanted()):
		return all
	case len(m.only()) > 0 && o.imported:
		o.diags.AddError(explainNotEverywhere(m.ref(), kept.where(), m.only()).text())
		return all
	case len(m.only()) > 0 || !all.lacks(kept):
		return all
	}
	m.narrowTo(kept.where())
	return kept
}

// thatAgree returns the copies with the content of the first one.
func (cs objectCopies) thatAgree() objectCopies {
	return slices.DeleteFunc(slices.Clone(cs), func(c *objectCopy) bool {
		return len(eso.ContentDifferences(cs[0].live.Object, c.live.Object)) > 0
	})
}

// moved returns which of the objects a move takes, and whether that is sure: the other provider kept one, in one cluster. It is the one
// with the UID that the other state had or, where that had none, the only one that is as declared.
func (o *objectOperation) moved(found objectCopies) (kept objectCopies, sure bool) {
	if len(found) <= 1 {
		return found, true
	}
	for _, c := range found {
		if o.owner.MovedUID != "" && string(c.live.GetUID()) == o.owner.MovedUID {
			return objectCopies{c}, true
		}
	}
	kept = slices.DeleteFunc(slices.Clone(found), func(c *objectCopy) bool {
		return len(eso.Drift(o.m.render(eso.Stamp{}, c.settings), c.live.Object)) > 0
	})
	return kept, len(kept) == 1
}

// lacks reports whether a cluster that was asked, and into which the object belongs, has none of the copies.
func (cs objectCopies) lacks(kept objectCopies) bool {
	return slices.ContainsFunc(cs, func(c *objectCopy) bool {
		return c.wanted && c.unavailable == nil && !c.unselected && !slices.Contains(kept, c)
	})
}

// explainDifference says by which ids to import an object of which the clusters have several contents.
func explainDifference(ref airm.Ref, all objectCopies) diagnosticText {
	var ids []string
	contents := all.byContent()
	for _, same := range contents {
		ids = append(ids, importIDIn(ref, same.where()))
	}
	differences := eso.ContentDifferences(contents[0][0].live.Object, contents[1][0].live.Object)
	return diagnosticText{summary: fmt.Sprintf("%s differs between clusters", ref), detail: fmt.Sprintf(
		"One resource has one content, so the next apply would overwrite what the other clusters have. They differ in %s. "+
			"Declare a resource for each content, with the argument clusters, and import each by its own ID:\n\n  %s\n\n"+
			"Or make them equal first.", pathsText(differences), strings.Join(ids, "\n  "))}
}

// explainAmbiguousMove says by which ids to import an object that several clusters have, instead of moving it.
func explainAmbiguousMove(ref airm.Ref, found objectCopies) diagnosticText {
	var ids []string
	for _, where := range found.where() {
		ids = append(ids, importIDIn(ref, []string{where}))
	}
	return diagnosticText{summary: fmt.Sprintf("Several clusters have %s", ref), detail: fmt.Sprintf(
		"The resource that is moved had it in one cluster, but its state does not say in which. Replace the moved block by a removed block "+
			"with destroy = false for that resource, and import the object by the ID of its cluster:\n\n  %s", strings.Join(ids, "\n  "))}
}

// explainNotEverywhere says by which id to import an object that only some of the named clusters have.
func explainNotEverywhere(ref airm.Ref, where, named []string) diagnosticText {
	missing := withoutNames(named, where)
	return diagnosticText{summary: fmt.Sprintf("%s is not in every cluster that its ID names", ref), detail: fmt.Sprintf(
		"It is missing in %s. Import it by this ID, and set clusters to the same names:\n\n  %s\n\n"+
			"To create it in the other clusters too, add them to clusters afterwards.", strings.Join(missing, ", "), importIDIn(ref, where))}
}

// byContent groups copies that an import takes for the same, in the order of their clusters.
func (cs objectCopies) byContent() []objectCopies {
	return groupBy(cs, func(a, b *objectCopy) bool { return len(eso.ContentDifferences(a.live.Object, b.live.Object)) == 0 })
}
