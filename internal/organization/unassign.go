// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// remover removes organization secrets from projects.
type remover struct {
	*leases
	*locator
	notices *notices
}

// Unassign removes an organization secret from a project. When it returns, object and Kubernetes Secret are gone from every cluster
// that the row names, and then the row is deleted. It is no error that the row is gone already; copies that it left are deleted. A
// failure is recorded in the row. Nothing is done if a copy is in a cluster that is not configured, nor with another run's row:
// ErrAnotherRecord.
func (r *remover) Unassign(ctx context.Context, secret, project string, known Known) error {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	return r.unassign(ctx, airm.Assignment{Secret: secret, Project: project, OwnerID: known.OwnerID}, known, nil)
}

// unassign is Unassign for one of many that share lists; with is nil for one by itself.
func (r *remover) unassign(ctx context.Context, a airm.Assignment, known Known, with *sharedLists) error {
	row, err := r.markRow(ctx, a.Secret, a.Project, known, with)
	if cluster.IsNotFound(err) {
		return r.removeUnrecorded(ctx, a, known, with)
	}
	if err != nil {
		return err
	}
	return r.remove(ctx, row, with)
}

// markRow records that the row is being removed, so that no run makes its object again. It waits for a run that assigns: if that were
// killed after the row is gone, its object would stay. It joins a run that removes. A row that was listed is marked as it was: if it
// has changed, that is a conflict, and it is read. The mark names all copies, also those that the row did not.
func (r *remover) markRow(ctx context.Context, secret, project string, known Known, with *sharedLists) (*Row, error) {
	for row := with.row(project); ; row = nil {
		var err error
		if row == nil {
			row, err = r.Row(ctx, secret, project)
		}
		if err == nil {
			err = known.checkRow(row)
		}
		if err != nil {
			return nil, err
		}
		if r.isBeingAssigned(row) {
			if err := r.wait(ctx, row); err != nil {
				return nil, err
			}
			continue
		}
		if err := r.locateCopies(ctx, row).refuseUnknown(row); err != nil {
			return nil, err
		}
		if err := r.noteUnrecorded(ctx, row, with, r.organization); err != nil {
			return nil, err
		}
		if err := with.do(r.home, func() error { return r.mark(ctx, row) }); !cluster.IsConflict(err) {
			return row, err
		}
	}
}

// isBeingAssigned reports whether another run holds a row to assign it.
func (r *remover) isBeingAssigned(row *Row) bool { return row.Phase == airm.Assigning && r.busy(row) }

// remove does what a marked row says. With is nil for a removal by itself.
func (r *remover) remove(ctx context.Context, row *Row, with *sharedLists) error {
	located := r.locateCopies(ctx, row)
	organization := sync.OnceValues(func() (string, error) { return r.organization(ctx) })
	marked := *row
	stop := r.renewing(ctx, func(ctx context.Context) error { return r.renewMark(ctx, &marked) })
	failed := r.inEach(located.targets, func(t target) error {
		return r.removeObject(ctx, r.removal(assignmentTarget{t, row}, organization, with))
	})
	stop()
	joined := row.joined
	row = &marked
	maps.Copy(failed, located.unavailable)
	for _, err := range failed {
		if errors.Is(err, errRemoved) {
			return nil
		}
	}
	if len(failed) > 0 {
		why := joinErrors(fmt.Sprintf("Assignment %s is not removed everywhere", row.ID()), failed)
		return r.record(ctx, row, why, func(left *airm.Assignment) {
			left.LastError = jsonvalue.Sanitize(cluster.ErrorText(why))
			if !joined { // otherwise the other run may be about to delete the object
				left.Until = noTime
			}
			for _, t := range located.targets {
				if failed[t.id] == nil {
					delete(left.Copies, t.id)
				}
			}
		})
	}
	return with.do(r.home, func() error { return r.deleteRow(ctx, row) })
}

// removal is the removal of a copy from one cluster.
type removal struct {
	assignmentTarget
	organization func() (string, error) // read only if the copy has to be looked for
	held         lease
	live         *unstructured.Unstructured // the copy, if it was listed before the row was marked
	with         *sharedLists
}

func (r *remover) removal(t assignmentTarget, organization func() (string, error), with *sharedLists) removal {
	m := removal{assignmentTarget: t, organization: organization, held: r.whileMarked(t.row), with: with}
	if live := with.copyOf(t); t.isRecorded(live) {
		m.live, m.held = live, r.sinceMarked(t.row)
	}
	return m
}

// removeObject deletes the object of a row in one cluster, in the foreground, and waits until it is gone. An object that is not the
// copy stays. The row is checked after the object was found: if another run had finished the removal and a third one assigned the
// secret anew, this would be the new object.
func (r *remover) removeObject(ctx context.Context, m removal) error {
	if err := r.step(ctx, "unassign: find object"); err != nil {
		return err
	}
	live := m.live
	if live == nil {
		organization, err := m.organization()
		if err != nil {
			return err
		}
		if live, err = m.findCopy(ctx, organization); live == nil || err != nil {
			return err
		}
	}
	request := func(ctx context.Context) error {
		return m.with.do(m.Cluster, func() error { return r.deleteObject(ctx, m, live) })
	}
	err := objects.Removal{Cluster: m.Cluster, Live: live, Request: request, OneOfMany: m.with != nil}.Do(ctx)
	if err == nil {
		r.notices.noteRemoved(m.Cluster, live)
	}
	return err
}

// deleteObject sends the request while the lease holds: later another run may have assigned the object again.
func (r *remover) deleteObject(ctx context.Context, m removal, live *unstructured.Unstructured) error {
	for {
		if err := r.step(ctx, "unassign: check mark"); err != nil {
			return err
		}
		until, err := m.held(ctx)
		if err != nil {
			return err
		}
		if err := r.step(ctx, "unassign: delete object"); err != nil {
			return err
		}
		left := until.Sub(r.clock.now())
		if left <= 0 {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, left)
		err = m.Delete(limited, m.row.Ref(), live.GetUID())
		cancel()
		return err
	}
}
