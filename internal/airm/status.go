// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import "slices"

// Status says how a secret, an assignment or one ExternalSecret stands.
type Status string

// The statuses, as AIRM names them.
const (
	// Unassigned: no project has the organization secret.
	Unassigned Status = "Unassigned"
	// Pending: ESO has not answered yet to what was last written.
	Pending Status = "Pending"
	// Synced: the Secret holds what the definition says.
	Synced Status = "Synced"
	// PartiallySynced: some are synced, the others on their way.
	PartiallySynced Status = "PartiallySynced"
	// SyncedError: ESO tried and failed, or its answer cannot be had.
	SyncedError Status = "SyncedError"
	// Failed: creating or updating the ExternalSecret failed.
	Failed Status = "Failed"
	// Deleting: the deletion is under way.
	Deleting Status = "Deleting"
	// DeleteFailed: the deletion failed, or took too long.
	DeleteFailed Status = "DeleteFailed"
)

// Statuses lists all statuses, in the order of the documentation of AIRM.
func Statuses() []string {
	return []string{
		string(Unassigned), string(Pending), string(Synced), string(PartiallySynced),
		string(SyncedError), string(Failed), string(Deleting), string(DeleteFailed),
	}
}

// Aggregate returns the status of an organization secret from those of its assignments, and that of an assignment from
// those of its clusters; the first rule that matches wins. An assignment that is itself PartiallySynced counts as
// partly synced in the whole too. Of an organization secret that is being deleted it is AggregateDeleting.
func Aggregate(statuses []Status) Status {
	some := func(wanted ...Status) bool {
		return slices.ContainsFunc(statuses, func(s Status) bool { return slices.Contains(wanted, s) })
	}
	all := func(wanted Status) bool {
		return !slices.ContainsFunc(statuses, func(s Status) bool { return s != wanted })
	}
	switch {
	case len(statuses) == 0:
		return Unassigned
	case some(DeleteFailed):
		return DeleteFailed
	case some(Failed):
		return Failed
	case some(SyncedError):
		return SyncedError
	case all(Synced):
		return Synced
	case some(Synced, PartiallySynced):
		return PartiallySynced
	case all(Deleting):
		return Deleting
	case slices.ContainsFunc(statuses, func(s Status) bool { return s != Pending && s != Deleting }):
		return SyncedError // a status that is none
	}
	return Pending // nothing has failed: all are on their way
}

// AggregateDeleting returns the status of an organization secret that is being deleted from those of its assignments.
func AggregateDeleting(statuses []Status) Status {
	if slices.Contains(statuses, DeleteFailed) {
		return DeleteFailed
	}
	return Deleting
}
