// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
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
		return d.runWithoutRecord(ctx, name, known)
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
	return d.delete(ctx, definition)
}

// runWithoutRecord is run for a definition that is gone: all is done, unless its record was deleted by hand, and projects still have the
// secret. Then a definition stands in for it that is marked as being deleted, so that no run assigns the secret, or defines it anew,
// meanwhile. The resource that deletes it owns this one too.
func (d deletion) runWithoutRecord(ctx context.Context, name string, known Known) error {
	if err := d.CheckHome(ctx, known); err != nil {
		return err
	}
	if _, err := d.organization(ctx); cluster.IsNotFound(err) {
		return nil // the platform namespace is gone, so no object is known to be a copy
	}
	gone := &Definition{OrganizationSecret: airm.OrganizationSecret{Name: name, OwnerID: known.OwnerID}}
	if !d.forced {
		if err := d.checkUnassigned(ctx, gone); err != nil {
			return err
		}
	}
	if has, err := d.hasAssignments(ctx, name); err != nil || !has {
		return err
	}
	if err := d.step(ctx, "delete: write definition"); err != nil {
		return err
	}
	gone.DeletingUntil = d.clock.now().Add(removalLease)
	record, err := d.store.Create(ctx, gone.ConfigMap(d.namespace))
	if cluster.IsAlreadyExists(err) {
		return nil // another run has defined it anew, or deletes it too
	}
	if err == nil {
		gone, err = parseDefinition(record)
	}
	if err != nil {
		return err
	}
	return d.delete(ctx, gone)
}

// hasAssignments reports whether there are rows, or copies without a row.
func (d deletion) hasAssignments(ctx context.Context, name string) (bool, error) {
	rows, err := d.Rows(ctx, name)
	if err != nil || len(rows) > 0 {
		return true, err
	}
	found, err := d.orphans(ctx, name)
	return len(found) > 0, err
}

// delete deletes a definition. Other runs may write it meanwhile: only what was read first may be deleted.
func (d deletion) delete(ctx context.Context, begun *Definition) error {
	definition, name := begun, begun.Name
	var err error
	for {
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
		projects := projectsOf(rows, func(row *Row) string { return row.Project })
		if failed := d.remover.UnassignAll(ctx, definition.Name, projects, ""); len(failed) > 0 {
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
// starts again. A definition that only stands in for a lost one is deleted.
func (d *deleter) clearMark(ctx context.Context, definition *Definition) error {
	cleared := definition.OrganizationSecret
	cleared.DeletingUntil = noTime
	if err := d.step(ctx, "delete: clear mark"); err != nil {
		return err
	}
	var err error
	if ctx := context.WithoutCancel(ctx); definition.standsIn() {
		err = d.store.Delete(ctx, definition.record)
	} else {
		err = d.saveDefinition(ctx, definition, cleared)
	}
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
