// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

func TestAccLeaseOverslept(t *testing.T) {
	f, _ := newOrganization(t, 3, 0)
	slow := func(step string, meanwhile func()) (*Registry, error) {
		r := f.registry()
		asleep := &simulatedTime{}
		r.clock = asleep
		_, _, err := r.before(step, func() {
			asleep.ahead.Add(int64(assignLease + leaseMargin + time.Second))
			meanwhile()
		}).assign(t.Context(), newAssignment("s", f.projects[0], "slow"))
		return r, err
	}
	r, err := slow("assign: make object", func() {})
	says(t, err, "Cannot assign s/"+f.projects[0], `This run did not get to cluster "home" within 30s`, "Apply again")
	f.nothing(r, f.projects[0])

	// The object was made too late: a request that took its time, or a computer that was asleep.
	r, err = slow("assign: read row again", func() {
		f.remove(f.platform, "configmaps", airm.AssignmentRecordName("s", f.projects[0]))
	})
	says(t, err, "was revoked", "were deleted", "Plan again")
	f.nothing(r, f.projects[0])

	_, err = slow("assign: read row again", func() {
		_, _, err := afterLeases(f.registry()).assign(t.Context(), newAssignment("s", f.projects[0], "quick"))
		f.ok(err)
	})
	says(t, err, "was taken over", "(by acme/quick)")
	if object := f.get(f.projects[0], esoResource, "s"); object == nil || object.GetLabels()["by"] != "quick" {
		t.Errorf("the object of who took it over: %v", object)
	}
}

func TestAccInterrupted(t *testing.T) {
	f, r := newOrganization(t, 1, 0)
	project := f.projects[0]
	interrupted := func(step string) error {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		_, _, err := f.registry().before(step, interrupt).assign(ctx, newAssignment("s", project, "w1"))
		return err
	}
	if err := interrupted("assign: write row"); err == nil {
		t.Error("interrupted before the first write, and no error")
	}
	f.nothing(r, project)

	says(t, interrupted("assign: make object"), "run was interrupted")
	if row := f.row(r, project); row == nil || !strings.Contains(row.LastError, "interrupted") {
		t.Errorf("what may have been made is not recorded: %v", row)
	}
	f.status(r, airm.Failed, true, "interrupted")
	f.ok(afterLeases(f.registry()).Unassign(t.Context(), "s", project, Known{}))

	f.ok(interrupted("assign: read row again")) // what is made is completed
	f.status(r, airm.Pending, true)

	ctx, interrupt := context.WithCancel(t.Context())
	err := f.registry().before("unassign: delete object", interrupt).Unassign(ctx, "s", project, Known{})
	says(t, err, "run was interrupted")
	f.status(r, airm.DeleteFailed, true, "interrupted")
	f.ok(r.Unassign(t.Context(), "s", project, Known{}))
	f.nothing(r, project)
}

// Where the records are gone altogether there is no row to withdraw with: that is said at once.
func TestAccRecordsGoneWhileAssigning(t *testing.T) {
	f, _ := newOrganization(t, 1, 0)
	project, tries := f.projects[0], 0
	r := f.registry()
	r.beforeStep = func(_ context.Context, step string) error {
		switch step {
		case "assign: read row again":
			f.remove(f.platform, "configmaps", airm.AssignmentRecordName("s", project))
			f.RemoveNamespaceAtOnce(f.platform)
		case "assign: write row to withdraw":
			tries++
		}
		return nil
	}
	_, _, err := r.assign(t.Context(), newAssignment("s", project, "w0"))
	says(t, err, "Assignment s/"+project+" has no record", f.platform, "ExternalSecret "+project+"/s", "home", "not deleted")
	if tries != 1 {
		t.Errorf("it tried %d times", tries)
	}
}
