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

// narrowAdopted narrows a resource to those clusters where its object is, with one content. What differs between clusters is
// refused, with the ids to import it by; so is an id that names a cluster without the object. It returns the copies to keep.
func (o *objectRead) narrowAdopted() objectCopies {
	m, all, kept := o.m, o.all, o.thatAgree()
	switch {
	case o.imported && len(kept) < len(all.succeeded()):
		o.diags.AddError(explainDifference(m.ref(), all.succeeded()).text())
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

// thatAgree returns the copies with the content that the arguments are to have: that of the first one after an import, that
// which was declared after a move. Where all were changed since, it is all of them.
func (o *objectRead) thatAgree() objectCopies {
	all := o.all.succeeded()
	kept := slices.DeleteFunc(slices.Clone(all), func(c *objectCopy) bool {
		if o.imported {
			return len(eso.ContentDifferences(all[0].live.Object, c.live.Object)) > 0
		}
		return len(eso.Drift(o.m.render(eso.Stamp{}, c.settings), c.live.Object)) > 0
	})
	if len(kept) == 0 {
		return all
	}
	return kept
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
