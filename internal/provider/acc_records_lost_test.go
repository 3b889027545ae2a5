// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// While it cannot be seen which projects have a secret, its set of assignments stays in the state.
func TestAccSetStaysWhileRowsCannotBeRead(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	w := o.platform.newWorkspace()
	w.configure(o.declared().asSet(0).String())
	w.apply()
	row, definition := airm.AssignmentRecordName("shared", o.projects[0].name), airm.DefinitionRecordName("shared")
	o.platform.removeNow("ConfigMap", definition)
	o.platform.patch("ConfigMap", row, `{"data":{"phase":"x"}}`)
	contains(t, w.fails("apply", "-refresh-only", "-auto-approve", "-no-color"), row)
	contains(t, w.run("state", "list"), setAddress)
	o.platform.patch("ConfigMap", row, `{"data":{"phase":"assigned"}}`)
	w.run("apply", "-refresh-only", "-auto-approve", "-no-color")
	contains(t, w.run("state", "list"), setAddress)
	w.apply()
	w.destroy()
	o.leavesNothing()
}

// Records that are gone with their namespace leave the state with a warning, as the copies of all projects stay.
func TestAccPlatformNamespaceGone(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	w := o.platform.newWorkspace()
	w.configure(o.declared(0).String())
	w.apply()
	o.platform.RemoveNamespaceAtOnce(o.platform.name)
	contains(t, w.run("plan", "-no-color"), "The record of airm_organization_secret shared is gone with its platform namespace", "restore the ConfigMaps")
	o.projects[0].expect("ExternalSecret shared", true)()
}
