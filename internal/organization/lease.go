package organization

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

const (
	// assignLease is how long an assignment may be under way. It covers the few requests that make
	// the object, not the wait for its synchronization.
	assignLease = 30 * time.Second

	// leaseMargin is how much longer everybody else waits before a lease counts as over: their clock
	// may be ahead, and a request that was sent in time may take its time.
	leaseMargin = 5 * time.Second

	// lookAgain is how often a row that another run works on is read.
	lookAgain = time.Second

	// longestRemoval ends a removal that has no deadline.
	longestRemoval = 5 * time.Minute
)

// clock tells the time of leases and waits; tests have one of their own.
type clock interface {
	now() time.Time
	sleep(ctx context.Context, duration time.Duration) error
}

type systemClock struct{}

func (systemClock) now() time.Time { return time.Now() }

func (systemClock) sleep(ctx context.Context, duration time.Duration) error {
	select {
	case <-time.After(duration):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// busy tells whether another run works on a row, as far as anybody can know.
func (r *Registry) busy(row *Row) bool {
	switch {
	case row.Phase == secrets.Assigned:
		return false
	case row.Phase == secrets.Unassigning && row.LastError != "":
		return false // it has failed, and said so
	}
	return r.clock.now().Before(row.Until.Add(leaseMargin))
}

// wait gives another run time to finish what it does with a row. Where there is no more time, the
// error says who is at it.
func (r *Registry) wait(ctx context.Context, row *Row) error {
	for {
		if err := r.step(ctx, "wait for another run"); err != nil {
			return err
		}
		_ = r.clock.sleep(ctx, lookAgain) // whether time is up is seen below: it may also be while the row is read
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
	if row.Phase == secrets.Unassigning {
		doing = "takes the secret away"
	}
	return "A run" + ofOwner(row.Owner) + " " + doing + ", until " + at(row.Until) + " at the latest; if it was killed, that has to pass. Apply again then."
}

// noTime is the end of what is not under way.
var noTime time.Time

func at(moment time.Time) string { return moment.UTC().Format(time.RFC3339) }

// sameClaim tells whether a row that was read again is still held by who held it: nobody else has
// taken it over, marked it, or removed it and made it anew.
func (r *Row) sameClaim(again *Row) bool {
	return again.UID() == r.UID() && again.Phase == r.Phase && again.Until.Equal(r.Until)
}

// unclear tells whether a write that failed may have been done all the same: the API server did not say.
func unclear(err error) bool {
	var several *Error
	if errors.As(err, &several) && len(several.causes) > 0 {
		return slices.ContainsFunc(several.causes, unclear)
	}
	return errors.Is(err, context.Canceled) || isAway(err)
}

// untilDeadline gives a removal an end, and says when that is.
func (r *Registry) untilDeadline(ctx context.Context) (context.Context, context.CancelFunc, time.Time) {
	if deadline, ok := ctx.Deadline(); ok {
		return ctx, func() {}, deadline
	}
	deadline := r.clock.now().Add(longestRemoval)
	ctx, cancel := context.WithDeadline(ctx, deadline)
	return ctx, cancel, deadline
}
