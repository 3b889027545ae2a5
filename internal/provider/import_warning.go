// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// warnMadeByAIRM warns of what destroying an imported object does in AIRM, where AIRM's API made it.
func warnMadeByAIRM(all copies) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range all.succeeded() {
		ref, object := c.m.ref(), c.live.Object
		switch {
		case airm.MadeBy(object) != airm.MadeByAIRM:
			continue
		case airm.Scope(object) == airm.ScopeOrganization:
			diags.AddWarning(fmt.Sprintf("%s is a copy of an organization secret of AIRM", ref), fmt.Sprintf(
				"AIRM's API made it in cluster %q for project %s (its id there is %s). Destroying the resource deletes the copy behind AIRM's back: "+
					"AIRM then shows the whole organization secret as \"Sync Failed\" (\"deleted unexpectedly\"), and storages of the project that use it fail. "+
					"Taking it from the project in AIRM deletes it here. Leave it to AIRM, with `state rm` or a removed block; "+
					"to manage it here, remove it from the project in AIRM first and declare an airm_organization_secret with an airm_secret_assignment.",
				c.cluster.Name(), ref.Project, airm.ProjectSecretID(object)))
		default:
			diags.AddWarning(fmt.Sprintf("%s is a secret of AIRM", ref), fmt.Sprintf(
				"AIRM's API made it in cluster %q (its id there is %s), and its users see it. Destroying the resource deletes it in AIRM too; "+
					"if it is deleted in AIRM, the next plan creates it again. To leave it to AIRM, take it out of the state with `state rm` or a removed block.",
				c.cluster.Name(), airm.ProjectSecretID(object)))
		}
		return diags
	}
	return diags
}
