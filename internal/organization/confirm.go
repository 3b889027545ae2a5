// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// Confirm records that creates of assignments have ended, so that a state knows of them: from then on they are not taken for what a
// killed create left behind. If that fails they still may be. If the run was interrupted, it is unknown whether a state has them,
// and nothing is recorded.
func (a *assigner) Confirm(ctx context.Context, rows ...*Row) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	cluster.ForEach(a.parallel, rows, func(row *Row) {
		for row != nil && row.Unconfirmed {
			confirmed := row.Assignment
			confirmed.Unconfirmed = false
			if err := a.saveRow(ctx, row, confirmed); !cluster.IsConflict(err) {
				return
			}
			current, err := a.Row(ctx, row.Secret, row.Project)
			if err != nil || current.UID() != row.UID() {
				return
			}
			*row = *current
		}
	})
}

// ConfirmDefinition is Confirm for an organization secret. It also puts back the labels of the record.
func (u *updater) ConfirmDefinition(ctx context.Context, d *Definition) {
	if d.Unconfirmed || !d.isLabelled() {
		confirmed := d.OrganizationSecret
		confirmed.Unconfirmed = false
		_ = u.saveDefinition(ctx, d, confirmed)
	}
}
