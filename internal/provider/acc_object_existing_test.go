// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import "testing"

// A create cannot know that what it finds is what it replaces, but it says what to do then.
func TestAccTaintedCreateBeforeDestroy(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.secret(plain + "lifecycle { create_before_destroy = true }"))
	w.apply()
	w.run("taint", "airm_project_secret.test")
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), p.hcl("ExternalSecret $project/db already exists"),
		"the resource is tainted, and create_before_destroy is set", "terraform untaint airm_project_secret.NAME")
	w.run("untaint", "airm_project_secret.test")
	w.plansNothing()
	w.destroy()
}
