// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"errors"
	"testing"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// A destroy that is refused writes nothing, so that a kill leaves nothing behind; and one that was killed blocks others for
// a short lease, however long its timeout was.
func TestAccKilledDestroyBlocksShortly(t *testing.T) {
	f, r := newOrganization(t, 2, 1)
	before := f.get(f.platform, "configmaps", airm.DefinitionRecordName("s")).GetResourceVersion()
	says(t, r.Delete(t.Context(), "s", Known{}), "is still assigned")
	if after := f.get(f.platform, "configmaps", airm.DefinitionRecordName("s")).GetResourceVersion(); after != before {
		t.Error("a destroy that is refused wrote the record")
	}
	if err := f.registry().killAt("delete: list rows").ForceDelete(t.Context(), "s", Known{}); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	killed, err := r.Definition(t.Context(), "s")
	f.ok(err)
	if left := time.Until(killed.DeletingUntil); left > removalLease+time.Second {
		t.Errorf("it blocks for %s", left)
	}
	soon := f.registry()
	simulated := &simulatedTime{}
	simulated.ahead.Store(int64(removalLease + time.Second))
	soon.clock = simulated
	_, err = soon.Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	f.status(r, airm.Pending, true)
}

// A removal that takes longer than its lease renews it, so that no other run takes it for abandoned.
func TestAccRemovalRenewsItsLease(t *testing.T) {
	f, _ := newOrganization(t, 1, 1)
	project := f.projects[0]
	f.patch(project, esoResource, "s", `{"metadata":{"finalizers":["example.com/stays"]}}`)
	r := f.registry()
	r.renewEvery = 50 * time.Millisecond
	done := make(chan error, 1)
	go func() { done <- r.Unassign(t.Context(), "s", project, Known{}) }()
	var first time.Time
	f.eventually("the lease is renewed", func() bool {
		row := f.row(f.registry(), project)
		if row == nil || row.Phase != airm.Unassigning {
			return false
		}
		if first.IsZero() {
			first = row.Until
		}
		return row.Until.After(first)
	})
	f.patch(project, esoResource, "s", `{"metadata":{"finalizers":null}}`)
	f.ok(<-done)
	f.nothing(f.registry(), project)
}

// The clocks of two machines are an hour apart: a lease counts by the API server's.
func TestAccLeaseByServerTime(t *testing.T) {
	f, _ := newOrganization(t, 1, 0)
	project := f.projects[0]
	slow := f.registryAt(func() time.Time { return time.Now().Add(-time.Hour) })
	_, _, err := slow.killAt("assign: read row again").assign(t.Context(), newAssignment("s", project, "w1"))
	if !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	row := f.row(f.registry(), project)
	if left := time.Until(row.Until); left < assignLease/2 || left > assignLease+5*time.Second {
		t.Errorf("by the API server's clock the lease ends in %s", left)
	}
	fast := f.registryAt(func() time.Time { return time.Now().Add(time.Hour) })
	if _, err := fast.Definition(t.Context(), "s"); err != nil || !fast.busy(row) {
		t.Errorf("a run with a fast clock takes the lease for over (%v)", err)
	}
}
