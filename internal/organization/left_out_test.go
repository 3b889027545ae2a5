// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"errors"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// A cluster that is left out while it is unavailable keeps its copy for now, and that is said until an apply has removed it, also where
// another workspace has recorded the cluster by another name.
func TestAccClustersLeftOutWhileUnavailable(t *testing.T) {
	for _, recorded := range []string{"east", "ost"} {
		t.Run(recorded, func(t *testing.T) {
			f, r := twoClusters(t, 1)
			ctx, project := t.Context(), f.projects[0]
			f.ok(f.seenAs(map[string]cluster.Config{recorded: f.east.config()}).Assign(ctx, newAssignment("s", project, "w0")).Err)
			assigned := f.withoutEast().Reassign(ctx, narrowed(project, "home"), Known{})
			f.ok(assigned.Err)
			says(t, errors.New(assigned.Waiting().String()), "cluster east", "was not removed", "cannot be reached")
			f.has(f.east, "c0")
			f.stands(r, false, "east Pending, home Pending")
			unavailable, err := f.withoutEast().AssignmentStatus(ctx, "s", project)
			if f.ok(err); unavailable.UpToDate {
				t.Error("it is up to date although a copy is left")
			}
			assigned = f.registry().Reassign(ctx, narrowed(project, "home"), Known{})
			if f.ok(assigned.Err); len(assigned.Waiting()) > 0 {
				t.Error(assigned.Waiting())
			}
			f.has(f.east, "")
			f.recordedIn(f.row(r, project), "home")
			f.stands(f.registry(), true, "home Pending")
		})
	}
}
