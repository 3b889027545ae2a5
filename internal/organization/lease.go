// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

const (
	// assignLease is how long an assignment may be under way. It covers the few requests that make
	// the object, not the wait for its synchronization.
	assignLease = 30 * time.Second

	// removalLease is how long a removal counts as under way without being renewed: a run that was killed blocks others
	// for that long, however much time it had.
	removalLease = 30 * time.Second

	// leaseMargin is how much longer other runs wait before a lease counts as over: a request that was sent in time may
	// take long, and the clock of an API server has whole seconds.
	leaseMargin = 5 * time.Second

	// pollInterval is how often a row that another run works on is read.
	pollInterval = time.Second

	// longestRemoval ends a removal that has no deadline.
	longestRemoval = 5 * time.Minute
)

// leases writes the records, each only as it was read. Rows change in the order that the protocol demands: only the run that holds a
// row's lease, or its mark, writes it, and other runs wait.
type leases struct {
	*stepper
	*recordReader
}

// createRow writes a new row; the error satisfies cluster.IsAlreadyExists if there is one.
func (l *leases) createRow(ctx context.Context, wanted airm.Assignment) (*Row, error) {
	record, err := l.store.Create(ctx, wanted.ConfigMap(l.namespace))
	if err != nil {
		return nil, err
	}
	return parseRow(record)
}

// saveRow replaces a row as it was read; the error satisfies cluster.IsConflict if another run has changed it.
func (l *leases) saveRow(ctx context.Context, row *Row, changed airm.Assignment) error {
	record, err := l.store.Replace(ctx, row.record, changed.ConfigMap(l.namespace))
	if err != nil {
		return err
	}
	slog.DebugContext(ctx, "The row of assignment "+changed.ID()+" is "+string(changed.Phase), logging.KeySecret, changed.Secret,
		logging.KeyProject, changed.Project, logging.KeyUntil, changed.Until, "failed", changed.LastError != "")
	saved, err := parseRow(record)
	*row = *saved
	return err
}

// saveDefinition replaces a definition as it was read; the error satisfies cluster.IsConflict if another run has changed it.
func (l *leases) saveDefinition(ctx context.Context, d *Definition, changed airm.OrganizationSecret) error {
	record, err := l.store.Replace(ctx, d.record, changed.ConfigMap(l.namespace))
	if err != nil {
		return err
	}
	saved, err := parseDefinition(record)
	*d = *saved
	return err
}

// relabel returns rows, as they were listed, and those that the list has missed although there are copies of them. It puts back the
// labels of rows, so that the next list has them all.
func (l *leases) relabel(ctx context.Context, rows []*Row, copies []airm.Assignment) ([]*Row, error) {
	all, err := l.withUnlisted(ctx, rows, copies)
	if err != nil {
		return nil, err
	}
	kept := cluster.Gather(l.parallel, all, func(row *Row) (*Row, error) { return l.relabelOne(ctx, row) })
	all = nil
	for _, done := range kept {
		if done.Err != nil && !cluster.IsNotFound(done.Err) {
			return nil, done.Err
		}
		if done.Err == nil {
			all = append(all, done.Value)
		}
	}
	return all, nil
}

// relabelOne puts the labels of one row back, whichever run holds it: nothing else is changed.
func (l *leases) relabelOne(ctx context.Context, row *Row) (*Row, error) {
	for !row.isLabelled() {
		if err := l.step(ctx, "put labels back"); err != nil {
			return nil, err
		}
		err := l.saveRow(ctx, row, row.Assignment)
		if !cluster.IsConflict(err) {
			return row, err
		}
		if row, err = l.Row(ctx, row.Secret, row.Project); err != nil {
			return nil, err
		}
	}
	return row, nil
}

// wait waits until another run has finished what it does with a row. If the context ends first, the error says which run that is.
func (l *leases) wait(ctx context.Context, row *Row) error {
	slog.DebugContext(ctx, "Waiting for another run, which holds the row of "+row.ID(), logging.KeySecret, row.Secret,
		logging.KeyProject, row.Project, logging.KeyOwner, row.Owner, logging.KeyUntil, row.Until)
	for {
		if err := l.step(ctx, "wait for another run"); err != nil {
			return err
		}
		_ = l.clock.sleep(ctx, pollInterval) // whether time is up is seen below: it may also be while the row is read
		again, err := l.Row(ctx, row.Secret, row.Project)
		switch {
		case ctx.Err() != nil:
			return refuse("Another run works on assignment "+row.ID(), "%s", underWay(row))
		case cluster.IsNotFound(err):
			return nil
		case err != nil:
			return err
		case again.Phase != row.Phase || !l.busy(again):
			return nil
		}
		row = again
	}
}

// underWay describes what another run does with a row, and until when.
func underWay(row *Row) string {
	doing := "is assigning the secret"
	if row.Phase == airm.Unassigning {
		doing = "is removing the secret"
	}
	return "A run" + ofOwner(row.Owner) + " " + doing + ", until " + formatTime(row.Until) + " at the latest. Apply again after that time; the lease lasts until then even if that run was killed."
}

// noTime is the end of what is not under way.
var noTime time.Time

func formatTime(moment time.Time) string { return moment.UTC().Format(time.RFC3339) }

// sameClaim reports whether a row that was read again is still held by the same run: no other one has taken it over, marked it, or
// deleted and created it.
func (r *Row) sameClaim(again *Row) bool {
	return again.UID() == r.UID() && again.Phase == r.Phase && again.Until.Equal(r.Until)
}

// unclear reports whether a failed write may have been done all the same, because the API server did not say.
func unclear(err error) bool {
	var several *Error
	if errors.As(err, &several) && len(several.causes) > 0 {
		return slices.ContainsFunc(several.causes, unclear)
	}
	if cluster.IsUnansweredWebhook(err) {
		return false
	}
	return errors.Is(err, context.Canceled) || cluster.IsUnavailable(err)
}

// withDeadline limits a removal that has no deadline.
func withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, limited := ctx.Deadline(); limited {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, longestRemoval)
}

// renew extends a lease to its full time again, if another assignment of the batch had to wait for long.
func (l *leases) renew(ctx context.Context, row *Row) error {
	if row.Until.Sub(l.clock.now()) > assignLease/2 {
		return nil
	}
	renewed := row.Assignment
	renewed.Until = l.clock.now().Add(assignLease)
	if err := l.step(ctx, "assign: renew lease"); err != nil {
		return err
	}
	return l.saveRow(ctx, row, renewed)
}

// releaseRow records a failure of the run that holds the lease. A project that had the secret still has it, so that the next run need
// not wait, unless an object may still be made.
func (l *leases) releaseRow(ctx context.Context, row *Row, why error) error {
	return l.record(ctx, row, why, func(failed *airm.Assignment) {
		failed.LastError = jsonvalue.Sanitize(cluster.ErrorText(why))
		if failed.HasCopy() && !unclear(why) {
			failed.Phase, failed.Until = airm.Assigned, noTime
		}
	})
}

// whileOurs is the lease of a run that assigns.
func (l *leases) whileOurs(row *Row) lease {
	return func(ctx context.Context) (time.Time, error) {
		current, err := l.Row(ctx, row.Secret, row.Project)
		if cluster.IsNotFound(err) || err == nil && !row.sameClaim(current) {
			return time.Time{}, errRemoved // the run that has taken it over decides
		}
		if err == nil && !l.clock.now().Before(row.Until) {
			err = refuse(fmt.Sprintf("%s is not removed yet", row.Ref()), "This run timed out after %s. Apply again.", assignLease)
		}
		return row.Until, err
	}
}

func (l *leases) mark(ctx context.Context, row *Row) error {
	joined := row.Phase == airm.Unassigning && l.busy(row)
	marked := row.Assignment
	marked.Phase, marked.LastError = airm.Unassigning, ""
	marked.Until = l.clock.now().Add(removalLease)
	if err := l.step(ctx, "unassign: mark row"); err != nil {
		return err
	}
	err := l.saveRow(ctx, row, marked)
	row.joined = joined
	return err
}

// errRemoved means that another run has finished the removal.
var errRemoved = errors.New("removed already")

func (l *leases) deleteRow(ctx context.Context, row *Row) error {
	for {
		if err := l.step(ctx, "unassign: delete row"); err != nil {
			return err
		}
		err := l.store.Delete(ctx, row.record)
		if !cluster.IsConflict(err) {
			return err
		}
		row, err = l.stillMarked(ctx, row)
		if errors.Is(err, errRemoved) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// stillMarked reads a marked row again. A new row in its place is a new assignment, which must not be removed.
func (l *leases) stillMarked(ctx context.Context, row *Row) (*Row, error) {
	current, err := l.Row(ctx, row.Secret, row.Project)
	switch {
	case cluster.IsNotFound(err) || err == nil && current.UID() != row.UID():
		return nil, errRemoved
	case err != nil:
		return nil, err
	case current.Phase != airm.Unassigning:
		return nil, refuse(fmt.Sprintf("Assignment %s was assigned again", row.ID()),
			"Another run%s assigned the secret while this run was removing it, so the assignment was kept. Plan again to see the current assignments.", ofOwner(current.Owner))
	}
	return current, nil
}

// renewMark extends a mark to its full time again.
func (l *leases) renewMark(ctx context.Context, row *Row) error {
	for {
		renewed := row.Assignment
		renewed.Until = l.clock.now().Add(removalLease)
		err := l.saveRow(ctx, row, renewed)
		if !cluster.IsConflict(err) && !cluster.IsNotFound(err) {
			return err
		}
		current, err := l.stillMarked(ctx, row)
		if err != nil {
			return err
		}
		*row = *current
	}
}

// lease returns until when a run holds what it needs to delete an object, or an error if it does not hold it any more.
type lease func(ctx context.Context) (until time.Time, err error)

// whileMarked is the mark of a row as a lease. It is renewed if the run was asleep.
func (l *leases) whileMarked(row *Row) lease {
	return func(ctx context.Context) (time.Time, error) {
		current, err := l.stillMarked(ctx, row)
		if err != nil {
			return time.Time{}, err
		}
		if current.Until.Sub(l.clock.now()) < removalLease/2 {
			err = l.renewMark(ctx, current)
		}
		return current.Until, err
	}
}

// sinceMarked is whileMarked for an object that was listed before its row was marked. For that very object the mark itself is enough,
// as long as it is fresh: until it is over no run assigns the object again, and one that is made anew has another UID.
func (l *leases) sinceMarked(row *Row) lease {
	until, read := row.Until, l.whileMarked(row)
	return func(ctx context.Context) (time.Time, error) {
		if until.Sub(l.clock.now()) < removalLease/2 {
			return read(ctx)
		}
		return until, nil
	}
}

// record writes a failure into the row, and returns it. If another run has taken the row over meanwhile, it is left as it is.
func (l *leases) record(ctx context.Context, row *Row, why error, change func(*airm.Assignment)) error {
	ctx = context.WithoutCancel(ctx)
	for {
		failed := row.Assignment
		failed.Copies = maps.Clone(failed.Copies)
		change(&failed)
		if err := l.step(ctx, "record failure"); err != nil {
			return err
		}
		err := l.saveRow(ctx, row, failed)
		if err == nil || cluster.IsNotFound(err) {
			return why
		}
		if !cluster.IsConflict(err) {
			return errors.Join(why, err)
		}
		current, err := l.Row(ctx, row.Secret, row.Project)
		if err != nil || !row.sameClaim(current) {
			return why
		}
		row = current
	}
}
