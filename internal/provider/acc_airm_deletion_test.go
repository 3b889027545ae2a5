// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// AIRM's scenario "Delete project with secrets": the organization secret stays, and becomes Unassigned.
func TestAccAIRMProjectIsDeleted(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	p := o.projects[0]
	a := o.startAIRM()
	w := o.platform.newWorkspace()
	w.configure(o.hcl(shared("") + assignmentBlock(0, "") + p.secret(plain)))
	w.apply()
	a.row(p, "db")

	a.ok(a.DeleteProject(t.Context(), p.name))
	if rows := a.Rows(p.name); len(rows) > 0 {
		t.Errorf("AIRM still lists %+v", rows)
	}
	o.elsewhere(hasStatus(airm.Unassigned))
	w.configure(o.hcl(shared("")))
	w.apply()
	w.plansNothing()
	o.elsewhere(hasStatus(airm.Unassigned))
	w.destroy()
	o.leavesNothing()
}
