// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"fmt"
	"slices"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// The statuses that AIRM has for a row, and this provider has not: both are SyncedError here.
const (
	rowUnknown airm.Status = "Unknown"
	rowDeleted airm.Status = "Deleted"
)

// removed stands for an organization secret that AIRM has deleted.
const removed airm.Status = "removed"

// statusInAIRM is the status that AIRM gives an organization secret from those of its rows.
func statusInAIRM(rows []airm.Status, deleting bool) airm.Status {
	none := len(rows) == 0
	has := func(s airm.Status) bool { return slices.Contains(rows, s) }
	only := func(s airm.Status) bool {
		return !slices.ContainsFunc(rows, func(row airm.Status) bool { return row != s })
	}
	rules := []struct {
		applies bool
		status  airm.Status
	}{
		{deleting && none, removed},
		{deleting && has(airm.DeleteFailed), airm.DeleteFailed},
		{deleting, airm.Deleting},
		{none, airm.Unassigned},
		{has(airm.DeleteFailed), airm.DeleteFailed},
		{has(airm.Failed), airm.Failed},
		{has(airm.SyncedError) || has(rowUnknown) || has(rowDeleted), airm.SyncedError},
		{only(airm.Synced), airm.Synced},
		{has(airm.Synced), airm.PartiallySynced},
		{only(airm.Pending), airm.Pending},
	}
	for _, rule := range rules {
		if rule.applies {
			return rule.status
		}
	}
	return airm.SyncedError
}

// Over all combinations of rows the status is AIRM's, with three exceptions.
func TestAggregateAgreesWithAIRM(t *testing.T) {
	exceptions := map[string]struct{ ours, inAIRM airm.Status }{
		// until the record is gone
		"[] being deleted": {airm.Deleting, removed},
		// nothing has failed
		"[Deleting]":         {airm.Deleting, airm.SyncedError},
		"[Pending Deleting]": {airm.Pending, airm.SyncedError},
	}
	all := []airm.Status{airm.Synced, airm.Pending, airm.SyncedError, airm.Failed, airm.Deleting, airm.DeleteFailed, rowUnknown, rowDeleted}
	for chosen := range 1 << len(all) {
		for _, deleting := range []bool{false, true} {
			var rows, ours []airm.Status
			for i, status := range all {
				if chosen&(1<<i) == 0 {
					continue
				}
				rows = append(rows, status)
				if status == rowUnknown || status == rowDeleted {
					status = airm.SyncedError
				}
				ours = append(ours, status)
			}
			name := combination(rows, deleting)
			got, want := airm.Aggregate(ours, deleting), statusInAIRM(rows, deleting)
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
				if other := airm.Aggregate(append(reversed, ours...), deleting); other != got {
					t.Errorf("%s: %s, and %s of more rows in another order", name, got, other)
				}
			}
		}
	}
	for name := range exceptions {
		t.Errorf("%s is no combination", name)
	}
}

func combination(rows []airm.Status, deleting bool) string {
	text := fmt.Sprint(rows)
	if deleting {
		text += " being deleted"
	}
	return text
}
