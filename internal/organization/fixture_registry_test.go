// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// newOrganization makes an organization with the secret "s", assigned to the first few projects.
func newOrganization(t *testing.T, projects, assigned int) (*fixture, *Registry) {
	t.Helper()
	t.Parallel()
	f := newFixture(t, projects)
	r := f.registry()
	_, err := r.Define(t.Context(), newDefinition("s", "c0"))
	f.ok(err)
	for _, project := range f.projects[:assigned] {
		_, _, err := r.assign(t.Context(), newAssignment("s", project, "w0"))
		f.ok(err)
	}
	return f, r
}

// row reads a row, nil where there is none.
func (f *fixture) row(r *Registry, project string) *Row {
	f.t.Helper()
	row, err := r.Row(context.Background(), "s", project)
	if cluster.IsNotFound(err) {
		return nil
	}
	f.ok(err)
	return row
}

// nothing makes sure that a project has neither row nor object.
func (f *fixture) nothing(r *Registry, project string) {
	f.t.Helper()
	if row := f.row(r, project); row != nil {
		f.t.Errorf("a row is left: %+v", row.Assignment)
	}
	if f.get(project, esoResource, "s") != nil {
		f.t.Error("an object is left")
	}
}

func (f *fixture) status(r *Registry, status airm.Status, upToDate bool, reasons ...string) *SecretStatus {
	f.t.Helper()
	secret, err := r.Status(context.Background(), "s")
	f.ok(err)
	if secret.Status != status || secret.UpToDate != upToDate {
		f.t.Errorf("status %s, up to date %t; expected %s, %t", secret.Status, secret.UpToDate, status, upToDate)
	}
	all := ""
	for _, its := range secret.Copies() {
		all += its.Sync.Reason + "\n"
	}
	for _, reason := range reasons {
		if !strings.Contains(all, reason) {
			f.t.Errorf("the reasons do not say %q: %s", reason, all)
		}
	}
	return secret
}

// afterLeases is a run after all leases that stand now.
func afterLeases(r *Registry) *Registry {
	ahead := &simulatedTime{}
	ahead.ahead.Store(int64(assignLease + leaseMargin + longestRemoval))
	ahead.jump.Store(int64(time.Minute))
	r.clock = ahead
	return r
}

// atTheEnd is a run that has no time left after its first sleep.
func atTheEnd(r *Registry) (context.Context, *Registry) {
	ctx, cancel := context.WithCancel(context.Background())
	r.clock = lastSleep{serverClock{r.home}, cancel}
	return ctx, r
}

type lastSleep struct {
	serverClock
	end context.CancelFunc
}

func (s lastSleep) sleep(context.Context, time.Duration) error {
	s.end()
	return nil
}

// before has something happen when an operation comes to a step, once.
func (r *Registry) before(step string, happen func()) *Registry {
	var happened atomic.Bool // removals from many projects take their steps at the same time
	r.beforeStep = func(_ context.Context, name string) error {
		if name == step && !happened.Swap(true) {
			happen()
		}
		return nil
	}
	return r
}

// synced makes an organization whose secret "s" ESO fetches, in all projects.
func synced(t *testing.T, projects int) (*fixture, *Registry, string) {
	t.Helper()
	t.Parallel()
	f := newFixture(t, projects)
	r := f.registry()
	store := "values-" + rand.String(8)
	_, err := r.Define(t.Context(), definitionOf("s", store, "key"))
	f.ok(err)
	for _, project := range f.projects {
		f.values(project, store)
		_, _, err := r.assign(t.Context(), newAssignment("s", project, "w0"))
		f.ok(err)
	}
	f.eventually("all are synced", func() bool {
		secret, err := r.Status(t.Context(), "s")
		return err == nil && secret.Status == airm.Synced
	})
	return f, r, store
}
