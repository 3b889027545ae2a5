// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// What is said of an object that is being deleted.

// isTerminating reports whether the live object of a copy is being deleted.
func (c *objectCopy) isTerminating() bool {
	return c.live != nil && c.live.GetDeletionTimestamp() != nil
}

// explainDeletion says in which cluster the live object is being deleted, and what it waits for.
func (c *objectCopy) explainDeletion(ctx context.Context) string {
	return fmt.Sprintf("Cluster %q: %s", c.cluster.Name(), c.cluster.ExplainDeletion(ctx, c.live))
}

// warnTerminating warns of a live object that is being deleted.
func (c *objectCopy) warnTerminating(ctx context.Context) {
	if c.isTerminating() {
		c.diags.AddWarning(fmt.Sprintf("%s is being deleted", c.m.ref()), c.explainDeletion(ctx)+
			" Fix the cause, then destroy again. To keep the object, apply after the deletion, which creates it again.")
	}
}

// warnTerminating warns of copies of an organization secret that are being deleted.
func warnTerminating(ctx context.Context, what string, copies []*organization.CopyStatus, diags *diag.Diagnostics) {
	waiting, total := organization.Terminating(ctx, copies)
	if total == 0 {
		return
	}
	detail := waiting.String()
	if total > len(waiting) {
		detail += fmt.Sprintf("\n- and %d more", total-len(waiting))
	}
	diags.AddWarning(fmt.Sprintf("%s is being deleted", what), detail+"\n\nFix the causes, then destroy again. To keep the secret, apply after the deletion, which creates the objects again.")
}
