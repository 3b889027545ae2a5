// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// deleter deletes organization secrets.
type deleter struct {
	*leases
	*locator
	remover *remover
}

// Delete deletes an organization secret. While it is assigned anywhere that is refused, with the projects and their owners. It is no
// error that it is gone already. Another run's record of that name is left alone: ErrAnotherRecord.
func (d *deleter) Delete(ctx context.Context, name string, known Known) error {
	return deletion{deleter: d}.run(ctx, name, known)
}

// ForceDelete is Delete for a secret that may be assigned: it is unassigned everywhere first.
func (d *deleter) ForceDelete(ctx context.Context, name string, known Known) error {
	return deletion{deleter: d, forced: true}.run(ctx, name, known)
}

// deletion is the deletion of one organization secret.
type deletion struct {
	*deleter
	forced bool // unassign it everywhere first; otherwise refuse while it is assigned
}

func (d deletion) run(ctx context.Context, name string, known Known) error {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	definition, err := d.Definition(ctx, name)
	if cluster.IsNotFound(err) {
		return d.CheckHome(ctx, known)
	}
	if err != nil {
		return err
	}
	if err := known.checkDefinition(definition); err != nil {
		return err
	}
	if !d.forced { // refused before anything is written, so that a kill leaves nothing behind
		if err := d.checkUnassigned(ctx, definition); err != nil {
			return err
		}
	}
	begun := definition
	for {
		// Other runs may have written it meanwhile: only what was read first may be deleted.
		switch {
		case cluster.IsNotFound(err) || err == nil && definition.UID() != begun.UID():
			return nil
		case err != nil:
			return err
		case definition.Revision != begun.Revision:
			return refuse(fmt.Sprintf("Organization secret %q was changed at the same time", name), "Another run%s changed it while this run was deleting it. To delete it nevertheless, destroy it again.", ofOwner(definition.Owner))
		}
		err = d.deleteAsRead(ctx, definition)
		if !cluster.IsConflict(err) && !cluster.IsNotFound(err) {
			return err
		}
		definition, err = d.Definition(ctx, name)
	}
}

// deleteAsRead deletes a definition as it was read; the error satisfies cluster.IsConflict if another run has changed it.
func (d deletion) deleteAsRead(ctx context.Context, definition *Definition) error {
	if err := d.markDefinition(ctx, definition); err != nil {
		return err
	}
	marked := *definition
	stop := d.renewing(ctx, func(ctx context.Context) error { return d.renewDefinition(ctx, &marked) })
	err := d.removeAssignments(ctx, definition)
	stop()
	var failed notRemoved
	switch {
	case errors.As(err, &failed):
		return d.deletionFailed(ctx, &marked, Failures(failed))
	case err != nil: // nothing was deleted
		return errors.Join(err, d.clearMark(ctx, &marked))
	}
	if err := d.step(ctx, "delete: delete definition"); err != nil {
		return err
	}
	return d.store.Delete(ctx, marked.record)
}

// checkUnassigned refuses a deletion that is not forced while a project has the secret. Assignments whose project is gone do not count.
func (d deletion) checkUnassigned(ctx context.Context, definition *Definition) error {
	for {
		if err := d.step(ctx, "delete: look for assignments"); err != nil {
			return err
		}
		rows, err := d.Rows(ctx, definition.Name)
		if err != nil {
			return err
		}
		if _, err := d.lostRows(ctx, definition, rows); err != nil {
			return err
		}
		if again, err := d.removeOrphans(ctx, definition); err != nil || !again {
			return err
		}
	}
}

// notRemoved are the projects that still have the secret.
type notRemoved Failures

func (n notRemoved) Error() string { return Failures(n).String() }

// removeAssignments makes sure that no project has the secret. Forced, it unassigns all; otherwise it refuses, and removes only the
// records of assignments whose project is gone. The error is notRemoved if some projects still have it.
func (d deletion) removeAssignments(ctx context.Context, definition *Definition) error {
	for {
		if err := d.step(ctx, "delete: list rows"); err != nil {
			return err
		}
		rows, err := d.Rows(ctx, definition.Name)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			again, err := d.removeOrphans(ctx, definition)
			if err != nil || !again {
				return err
			}
			continue
		}
		if !d.forced {
			lost, err := d.lostRows(ctx, definition, rows)
			if err != nil {
				return err
			}
			deleted := cluster.Gather(d.parallel, lost, func(row *Row) (struct{}, error) {
				return struct{}{}, d.deleteRowOfGoneProject(ctx, definition, row)
			})
			for _, done := range deleted {
				if done.Err != nil {
					return done.Err
				}
			}
			continue
		}
		if err := d.refuseUnknown(ctx, rows); err != nil {
			return err
		}
		if failed := d.remover.UnassignAll(ctx, definition.Name, projectsOf(rows), ""); len(failed) > 0 {
			return notRemoved(failed)
		}
	}
}

// markDefinition records that the definition is being deleted. From then on no assignment is accepted: a run that assigns reads the
// definition after it has written the row.
func (d *deleter) markDefinition(ctx context.Context, definition *Definition) error {
	if err := d.step(ctx, "delete: mark definition"); err != nil {
		return err
	}
	return d.renewDefinition(ctx, definition)
}

// renewDefinition extends the mark to its full time; the error satisfies cluster.IsConflict if another run wrote the definition.
func (d *deleter) renewDefinition(ctx context.Context, definition *Definition) error {
	marked := definition.OrganizationSecret
	marked.DeletingUntil = d.clock.now().Add(removalLease)
	return d.saveDefinition(ctx, definition, marked)
}

func projectsOf(rows []*Row) []string {
	var all []string
	for _, row := range rows {
		all = append(all, row.Project)
	}
	return all
}

// refuseUnknown refuses, before anything is deleted, if an assignment has a copy in a cluster that is not configured.
func (d *deleter) refuseUnknown(ctx context.Context, rows []*Row) error {
	for _, row := range rows {
		if err := d.locateCopies(ctx, row).refuseUnknown(row); err != nil {
			return err
		}
	}
	return nil
}

// clearMark ends a deletion that did nothing. Another run that deletes the definition, forced, notices that the mark is gone and
// starts again.
func (d *deleter) clearMark(ctx context.Context, definition *Definition) error {
	cleared := definition.OrganizationSecret
	cleared.DeletingUntil = noTime
	if err := d.step(ctx, "delete: clear mark"); err != nil {
		return err
	}
	err := d.saveDefinition(context.WithoutCancel(ctx), definition, cleared)
	if cluster.IsConflict(err) || cluster.IsNotFound(err) {
		return nil
	}
	return err
}

// stillAssigned is the error that names the projects that have the secret.
func stillAssigned(definition *Definition, rows []*Row) error {
	return refuse(fmt.Sprintf("Organization secret %q is still assigned", definition.Name),
		"These projects have it: %s. Nothing was deleted. Remove the assignments first; or, to remove the secret from all of them, set force_destroy = true, apply, and then destroy.", Owners(rows))
}

// deletionFailed ends the mark at once, so that the status is DeleteFailed and the next run can go on.
func (d *deleter) deletionFailed(ctx context.Context, definition *Definition, failed Failures) error {
	ctx = context.WithoutCancel(ctx)
	ended := definition.OrganizationSecret
	ended.DeletingUntil = d.clock.now().Add(-time.Second)
	if err := d.step(ctx, "delete: record failure"); err != nil {
		return err
	}
	if err := d.saveDefinition(ctx, definition, ended); err != nil && !cluster.IsConflict(err) && !cluster.IsNotFound(err) {
		return err
	}
	return refuse(fmt.Sprintf("Organization secret %q could not be removed from every project", definition.Name),
		"The organization secret was not deleted, and new assignments are refused. Fix the causes and destroy it again; or, to keep it, apply it.\n%s", failed)
}
