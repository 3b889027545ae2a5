package organization

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

const (
	// assignLease is how long an assignment may be under way. It covers the few requests that make
	// the object, not the wait for its synchronization.
	assignLease = 30 * time.Second

	// removalLease is how long a removal counts as under way without being renewed: a run that was killed blocks others
	// for that long, however much time it had.
	removalLease = 30 * time.Second

	// leaseMargin is how much longer everybody else waits before a lease counts as over: a request
	// that was sent in time may take its time, and the clock of an API server has whole seconds.
	leaseMargin = 5 * time.Second

	// lookAgain is how often a row that another run works on is read.
	pollInterval = time.Second

	// longestRemoval ends a removal that has no deadline.
	longestRemoval = 5 * time.Minute
)

// clock tells the time of leases and waits, which is the API server's: the machines of two runs need not agree on the time.
// Tests have clocks of their own.
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

// busy reports whether another run works on a row, as far as anybody can know.
func (r *Registry) busy(row *Row) bool {
	switch {
	case row.Phase == airm.Assigned:
		return false
	case row.Phase == airm.Unassigning && row.LastError != "":
		return false // it has failed, and said so
	}
	return r.clock.now().Before(row.Until.Add(leaseMargin))
}

// wait returns another run time to finish what it does with a row. Where there is no more time, the
// error says who is at it.
func (r *Registry) wait(ctx context.Context, row *Row) error {
	slog.DebugContext(ctx, "Waiting for another run, which holds the row of "+row.ID(), logging.KeySecret, row.Secret, logging.KeyProject, row.Project,
		logging.KeyOwner, row.Owner, logging.KeyUntil, row.Until)
	for {
		if err := r.step(ctx, "wait for another run"); err != nil {
			return err
		}
		_ = r.clock.sleep(ctx, pollInterval) // whether time is up is seen below: it may also be while the row is read
		again, err := r.Row(ctx, row.Secret, row.Project)
		switch {
		case ctx.Err() != nil:
			return refuse("Another run works on assignment "+row.ID(), "%s", underWay(row))
		case cluster.IsNotFound(err):
			return nil
		case err != nil:
			return err
		case again.Phase != row.Phase || !r.busy(again):
			return nil
		}
		row = again
	}
}

// underWay says what another run does with a row, and until when.
func underWay(row *Row) string {
	doing := "assigns the secret"
	if row.Phase == airm.Unassigning {
		doing = "takes the secret away"
	}
	return "A run" + ofOwner(row.Owner) + " " + doing + ", until " + at(row.Until) + " at the latest; if it was killed, that has to pass. Apply again then."
}

// noTime is the end of what is not under way.
var noTime time.Time

func at(moment time.Time) string { return moment.UTC().Format(time.RFC3339) }

// sameClaim reports whether a row that was read again is still held by who held it: nobody else has
// taken it over, marked it, or removed it and made it anew.
func (r *Row) sameClaim(again *Row) bool {
	return again.UID() == r.UID() && again.Phase == r.Phase && again.Until.Equal(r.Until)
}

// unclear reports whether a write that failed may have been done all the same: the API server did not say.
func unclear(err error) bool {
	var several *Error
	if errors.As(err, &several) && len(several.causes) > 0 {
		return slices.ContainsFunc(several.causes, unclear)
	}
	if cluster.IsUnansweredWebhook(err) {
		return false
	}
	return errors.Is(err, context.Canceled) || isUnavailable(err)
}

// withDeadline bounds a removal that has no deadline.
func (r *Registry) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, limited := ctx.Deadline(); limited {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, longestRemoval)
}

// until bounds requests by the end of a lease, which is a time of the API server's clock.
func (r *Registry) until(ctx context.Context, end time.Time) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, end.Sub(r.clock.now()))
}

// renewing renews a lease every third of its time until stop is called, or until that fails for good: then the run that holds it
// notices before the next write.
func (r *Registry) renewing(ctx context.Context, renew func(context.Context) error) (stop func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(r.renewEvery)
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
