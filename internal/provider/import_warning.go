// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// warnMadeByAIRM warns of what destroying an imported object does in AIRM, where AIRM's API made it.
func warnMadeByAIRM(all objectCopies) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range all.succeeded() {
		ref, object := c.m.ref(), c.live.Object
		switch {
		case airm.MadeBy(object) != airm.MadeByAIRM:
			continue
		case airm.Scope(object) == airm.ScopeOrganization:
			diags.AddWarning(fmt.Sprintf("%s is a copy of an organization secret of AIRM", ref), fmt.Sprintf(
				"AIRM's API created it in cluster %q for project %s (its ID in AIRM is %s). Destroying the resource deletes the copy without AIRM's knowledge: AIRM then shows the whole organization secret as \"Sync Failed\" (\"deleted unexpectedly\"), and storages of the project that use it fail. If AIRM removes the secret from the project, this object is deleted too. To leave it to AIRM, use `state rm` or a removed block. To manage it here, first remove it from the project in AIRM, and declare an airm_organization_secret with an airm_secret_assignment.",
				c.cluster.Name(), ref.Project, airm.ProjectSecretID(object)))
		default:
			diags.AddWarning(fmt.Sprintf("%s is a secret of AIRM", ref), fmt.Sprintf(
				"AIRM's API created it in cluster %q (its ID in AIRM is %s), and users of AIRM see it. Destroying the resource deletes it in AIRM too; if it is deleted in AIRM, the next plan creates it again. To leave it to AIRM, remove it from the state with `state rm` or a removed block.",
				c.cluster.Name(), airm.ProjectSecretID(object)))
		}
		return diags
	}
	return diags
}
