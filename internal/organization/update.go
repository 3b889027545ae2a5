// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"fmt"
	"reflect"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// FanOut is how all assignments are updated.
type FanOut struct {
	Wait    bool // until every one is synced again
	Request bool // a sync, even where nothing changed
}

// updater writes definitions, and brings the copies to them.
type updater struct {
	*leases
	*locator
	notices *notices
	writer  *copyWriter
}

// Update changes the definition, if it differs, and then brings every existing object to it, in place. Missing objects are not made:
// that is up to their assignments. A canary, an assignment that is synced, goes first; if it does not become synced again the
// others are left as they are. The definition is returned if it is as wanted, whatever became of the objects. If another run has
// the record, nothing is written: ErrAnotherRecord.
func (u *updater) Update(ctx context.Context, wanted airm.OrganizationSecret, known Known, how FanOut) (*Definition, error) {
	if err := u.clusters.CheckDistinct(ctx); err != nil {
		return nil, err
	}
	organization, err := u.store.Namespace(ctx)
	if err != nil {
		return nil, err
	}
	definition, err := u.redefine(ctx, wanted, known, organization)
	if err != nil {
		return nil, err
	}
	if err := u.rollout(definition, organization, how).run(ctx); err != nil {
		return definition, err
	}
	return definition, u.stillDefined(ctx, definition)
}

func (u *updater) redefine(ctx context.Context, wanted airm.OrganizationSecret, known Known, organization string) (*Definition, error) {
	definition, err := u.Definition(ctx, wanted.Name)
	if err != nil {
		return nil, Missing(wanted.Name, err)
	}
	if err := known.checkDefinition(definition); err != nil {
		return nil, err
	}
	if definition.BeingDeleted() && u.clock.now().Before(definition.DeletingUntil) {
		return nil, refuse(fmt.Sprintf("Organization secret %q is being deleted", wanted.Name),
			"Another run%s is deleting it, until %s at the latest. Apply again after that time.", ofOwner(definition.Owner), formatTime(definition.DeletingUntil))
	}
	if err := u.check(ctx, wanted, organization); err != nil {
		return nil, err
	}
	wanted.Revision, wanted.Unconfirmed = definition.Revision, definition.Unconfirmed
	if reflect.DeepEqual(wanted.ConfigMap(u.namespace), definition.ConfigMap(u.namespace)) {
		u.ConfirmDefinition(ctx, definition)
		return definition, nil
	}
	wanted.Revision, wanted.Unconfirmed = wanted.Revision+1, false
	if err := u.step(ctx, "update: write definition"); err != nil {
		return nil, err
	}
	err = u.saveDefinition(ctx, definition, wanted)
	if cluster.IsConflict(err) || cluster.IsNotFound(err) {
		return nil, changedMeanwhile(wanted.Name)
	}
	return definition, err
}

// stillDefined makes sure that no success is reported which another run has overwritten.
func (u *updater) stillDefined(ctx context.Context, definition *Definition) error {
	if err := u.step(ctx, "update: read definition again"); err != nil {
		return err
	}
	current, err := u.Definition(ctx, definition.Name)
	if cluster.IsNotFound(err) || err == nil && (current.UID() != definition.UID() || current.Revision != definition.Revision) {
		return changedMeanwhile(definition.Name)
	}
	return err
}

func changedMeanwhile(name string) error {
	return refuse(fmt.Sprintf("Organization secret %q was changed at the same time", name), "Another run changed or deleted it. Plan again to see its current definition.")
}

// FanOutError means that an update did not reach every copy. It wraps an Error.
type FanOutError struct {
	Failed Failures
	Canary bool // the definition was tried on some copies, and no further
	// Unrequested: a sync was to be requested of every copy, and was not of some.
	Unrequested bool

	message *Error
}

func (e *FanOutError) Error() string { return e.message.Error() }

// Unwrap returns the message for users.
func (e *FanOutError) Unwrap() error { return e.message }

// notUpToDate is the error of an update that failed for some copies.
func notUpToDate(secret string, total int, failed Failures) *FanOutError {
	verb := "are"
	if len(failed) == 1 {
		verb = "is"
	}
	summary := fmt.Sprintf("%d of %d copies of %q %s not up to date", len(failed), total, secret, verb)
	return &FanOutError{Failed: failed, message: refuse(summary, fanOutDetail, failed)}
}

// stoppedAtCanary is the error of an update that stopped after the copies that it tried first.
func stoppedAtCanary(secret string, tried, total int, failed Failures) *FanOutError {
	summary := fmt.Sprintf("The new definition of %q was applied to %d of %d copies first, and none became synced, so the others (%d) were not changed",
		secret, tried, total, total-tried)
	return &FanOutError{Failed: failed, Canary: true, message: refuse(summary, fanOutDetail, failed)}
}

// fanOutDetail is the detail of both, with what failed.
const fanOutDetail = "%s\n\nThe definition was written, and the successful changes are kept. The next apply retries the rest."
