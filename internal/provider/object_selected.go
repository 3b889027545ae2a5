// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// Whether an object belongs into a cluster: only where the project is, and only a clear answer removes it.

// inSeveral reports whether the object belongs to a project that may be in several clusters.
func (r *objectResource) inSeveral(c *objectCopy) bool {
	return c.m.ref().Project != "" && len(r.settings.clusters.All()) > 1
}

// checkSelected warns where the namespace of a copy is no project at the moment. Only the cluster's own word that it is gone,
// or clusters, removes a copy.
func (r *objectResource) checkSelected(ctx context.Context, c *objectCopy) {
	if !r.inSeveral(c) || !c.wanted {
		return
	}
	if _, err := c.cluster.ListedProject(ctx, c.m.ref().Project); errors.Is(err, cluster.ErrNoProject) {
		c.leaveUnselected()
	}
}

// leaveUnselected leaves a copy as it is, and says so.
func (c *objectCopy) leaveUnselected() {
	c.unselected = true
	c.diags.AddWarning(fmt.Sprintf("%s is left as it is in cluster %q", c.m.ref(), c.cluster.Name()),
		fmt.Sprintf("The provider's project_selector does not select namespace %q there, perhaps because a label is missing. Until it does, the object is neither changed nor deleted in this cluster. Restore the label; or, to delete the object there, exclude the cluster with clusters.", c.m.ref().Project))
}

// findWanted finds out whether the object belongs into one of several clusters that has no copy: if it holds the project.
func (r *objectResource) findWanted(ctx context.Context, c *objectCopy) {
	project := c.m.ref().Project
	if !r.inSeveral(c) || c.unavailable != nil {
		return
	}
	_, err := c.cluster.ListedProject(ctx, project)
	switch {
	case errors.Is(err, cluster.ErrNoProject):
		c.wanted = false
	case err != nil:
		c.unavailable = err
	}
}

// excludeCopy decides what becomes of a copy in a cluster that is none of those that hold the project. Only clusters, which the plan
// shows, has it removed there; and it is forgotten where the cluster itself says that the namespace is gone.
func (r *objectResource) excludeCopy(ctx context.Context, c *objectCopy, diags *diag.Diagnostics) {
	candidates, err := r.settings.clusters.Select(c.m.only())
	if err != nil {
		addError(diags, err)
		return
	}
	if c.wanted = slices.Contains(candidates, c.cluster); !c.wanted {
		return
	}
	switch gone, err := c.cluster.NamespaceGone(ctx, c.m.ref().Project); {
	case err != nil:
		c.unavailable = err
	case gone:
		c.known = nil
	default:
		c.leaveUnselected()
		diags.Append(c.diags...)
		c.diags = nil
	}
}
