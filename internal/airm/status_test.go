// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"fmt"
	"slices"
	"testing"
)

func TestAggregate(t *testing.T) {
	for _, test := range []struct {
		statuses []Status
		deleting bool
		want     Status
	}{
		{nil, false, Unassigned},
		{nil, true, Deleting},
		{[]Status{Failed, DeleteFailed}, true, DeleteFailed},
		{[]Status{Failed, Synced}, true, Deleting},
		{[]Status{Failed, DeleteFailed, Synced}, false, DeleteFailed},
		{[]Status{Failed, SyncedError}, false, Failed},
		{[]Status{Synced, SyncedError}, false, SyncedError},
		{[]Status{Synced, Synced}, false, Synced},
		{[]Status{Synced, Pending}, false, PartiallySynced},
		{[]Status{Synced, Deleting}, false, PartiallySynced},
		{[]Status{PartiallySynced, Pending}, false, PartiallySynced},
		{[]Status{Pending, Pending}, false, Pending},
		{[]Status{Deleting}, false, Deleting},
		{[]Status{Pending, Deleting}, false, Pending},
		{[]Status{"?"}, false, SyncedError},
	} {
		if got := aggregate(test.deleting)(test.statuses); got != test.want {
			t.Errorf("%v, deleting %v: %s, want %s", test.statuses, test.deleting, got, test.want)
		}
	}
}

func aggregate(deleting bool) func([]Status) Status {
	if deleting {
		return AggregateDeleting
	}
	return Aggregate
}

// The statuses that AIRM has for a row, and this provider has not: both are SyncedError here.
const (
	rowUnknown Status = "Unknown"
	rowDeleted Status = "Deleted"
)

// removed stands for an organization secret that AIRM has deleted.
const removed Status = "removed"

// statusInAIRM is the status that AIRM shows for an organization secret with such rows.
func statusInAIRM(rows []Status, deleting bool) Status {
	none := len(rows) == 0
	has := func(s Status) bool { return slices.Contains(rows, s) }
	only := func(s Status) bool {
		return !slices.ContainsFunc(rows, func(row Status) bool { return row != s })
	}
	rules := []struct {
		applies bool
		status  Status
	}{
		{deleting && none, removed},
		{deleting && has(DeleteFailed), DeleteFailed},
		{deleting, Deleting},
		{none, Unassigned},
		{has(DeleteFailed), DeleteFailed},
		{has(Failed), Failed},
		{has(SyncedError) || has(rowUnknown) || has(rowDeleted), SyncedError},
		{only(Synced), Synced},
		{has(Synced), PartiallySynced},
		{only(Pending), Pending},
	}
	for _, rule := range rules {
		if rule.applies {
			return rule.status
		}
	}
	return SyncedError
}

// Over all combinations of rows the status is AIRM's, with three exceptions.
func TestAggregateAgreesWithAIRM(t *testing.T) {
	exceptions := map[string]struct{ ours, inAIRM Status }{
		// until the record is gone
		"[] being deleted": {Deleting, removed},
		// nothing has failed
		"[Deleting]":         {Deleting, SyncedError},
		"[Pending Deleting]": {Pending, SyncedError},
	}
	all := []Status{Synced, Pending, SyncedError, Failed, Deleting, DeleteFailed, rowUnknown, rowDeleted}
	for chosen := range 1 << len(all) {
		for _, deleting := range []bool{false, true} {
			var rows, ours []Status
			for i, status := range all {
				if chosen&(1<<i) == 0 {
					continue
				}
				rows = append(rows, status)
				if status == rowUnknown || status == rowDeleted {
					status = SyncedError
				}
				ours = append(ours, status)
			}
			name := combination(rows, deleting)
			got, want := aggregate(deleting)(ours), statusInAIRM(rows, deleting)
			exception, named := exceptions[name]
			delete(exceptions, name)
			switch {
			case named && (got != exception.ours || want != exception.inAIRM):
				t.Errorf("%s: %s here and %s in AIRM, not %v", name, got, want, exception)
			case !named && got != want:
				t.Errorf("%s: %s here and %s in AIRM", name, got, want)
			}
			if reversed := slices.Clone(ours); len(ours) > 1 {
				slices.Reverse(reversed)
				if other := aggregate(deleting)(append(reversed, ours...)); other != got {
					t.Errorf("%s: %s, and %s of more rows in another order", name, got, other)
				}
			}
		}
	}
	for name := range exceptions {
		t.Errorf("%s is no combination", name)
	}
}

func combination(rows []Status, deleting bool) string {
	text := fmt.Sprint(rows)
	if deleting {
		text += " being deleted"
	}
	return text
}
