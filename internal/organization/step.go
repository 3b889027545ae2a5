// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"log/slog"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// stepper takes the steps of a run, and keeps its time.
type stepper struct {
	clock      clock
	parallel   int           // how many assignments are worked on at once
	waiting    int           // how many removals wait at once until their objects are gone
	renewEvery time.Duration // of the leases of removals

	// beforeStep is called before every step that others can see, with its name; an error ends the
	// operation on the spot, as a kill would. Only tests set it.
	beforeStep func(ctx context.Context, step string) error
}

// step comes before what other runs can see. It does not check whether the context has ended: the next request fails then, and cleanup
// is still done.
func (s *stepper) step(ctx context.Context, name string) error {
	slog.DebugContext(ctx, "Step: "+name)
	if s.beforeStep == nil {
		return nil
	}
	return s.beforeStep(ctx, name)
}

// clock is the time of leases and waits: the API server's, since the clocks of two machines may differ. Tests have clocks of their
// own.
type clock interface {
	now() time.Time
	sleep(ctx context.Context, duration time.Duration) error
}

type serverClock struct{ home *cluster.Cluster }

func (c serverClock) now() time.Time { return c.home.Now() }

func (serverClock) sleep(ctx context.Context, duration time.Duration) error {
	select {
	case <-time.After(duration):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// busy reports whether another run works on a row, as far as the row shows.
func (s *stepper) busy(row *Row) bool {
	return row.Phase != airm.Assigned && s.clock.now().Before(row.Until.Add(leaseMargin))
}

// until limits requests to the end of a lease, which is a time of the API server's clock.
func (s *stepper) until(ctx context.Context, end time.Time) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, end.Sub(s.clock.now()))
}

// renewing renews a lease every third of its time, until stop is called or until that fails for good: then the run that holds it
// notices before the next write.
func (s *stepper) renewing(ctx context.Context, renew func(context.Context) error) (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(s.renewEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ended: // a request under way comes to its end: whether it was done has to be known
				return
			case <-ctx.Done():
				return
			case <-ticker.C:
				if err := renew(ctx); err != nil && !unclear(err) {
					return
				}
			}
		}
	}()
	return func() { close(ended); <-done }
}
