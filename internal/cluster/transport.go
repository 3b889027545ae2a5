package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// maxInFlight bounds the requests under way in one cluster. There is no other client-side
	// rate limit: the API server has priority and fairness of its own.
	maxInFlight = 32

	// requestTimeout bounds every request that is not a watch, so that a cluster that hangs is
	// told from a slow one while the others go on.
	requestTimeout = 30 * time.Second

	// dialTimeout bounds the making of a connection.
	dialTimeout = 10 * time.Second

	// outageTTL is how long a cluster that could not be reached is taken to be unavailable, so that a run
	// does not wait for it anew with every resource. It is short: with dialPatience before it, an API server
	// that restarts within 4 s fails nothing, and one that takes longer fails what is asked within 3 s of
	// the last attempt. A cluster that stays down costs a run 4 s of every 7, whatever the number of resources.
	outageTTL = 3 * time.Second
)

var (
	// errTimedOut ends a request that was not answered within requestTimeout.
	errTimedOut = fmt.Errorf("no answer within %s: %w", requestTimeout, context.DeadlineExceeded)

	// errNoTimeLeft marks the error of a request that had less time than that, because the operation
	// that it was for had to end.
	errNoTimeLeft = errors.New("the time of the operation was up")
)

// within runs one request with the timeout of a request.
func within[T any](ctx context.Context, request func(context.Context) (T, error)) (T, error) {
	limited, cancel := context.WithTimeoutCause(ctx, requestTimeout, errTimedOut)
	defer cancel()
	answer, err := request(limited)
	return answer, markNoTimeLeft(ctx, err)
}

// markNoTimeLeft tells the end of an operation from a cluster that does not answer.
func markNoTimeLeft(operation context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && operation.Err() != nil {
		return fmt.Errorf("%w: %w", errNoTimeLeft, err)
	}
	return err
}

// transport adds to the way to a cluster what holds for every request: outside in, the memory of an
// outage, retries, and the limit of requests in flight.
func transport(next http.RoundTripper) http.RoundTripper {
	return &outage{next: retrying(inFlightLimit{next: next, slots: make(chan struct{}, maxInFlight)})}
}

func notConnected(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && (operation.Op == "dial" || operation.Op == "proxyconnect")
}

// outage remembers for a while that a cluster could not be reached.
type outage struct {
	next http.RoundTripper

	mu       sync.Mutex
	until    time.Time
	err      error
	answered time.Time // when the cluster last answered anything
}

func (o *outage) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := o.present(); err != nil {
		return nil, err
	}
	answer, err := o.next.RoundTrip(request)
	o.note(err, context.Cause(request.Context()))
	return answer, err
}

func (o *outage) present() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Now().Before(o.until) {
		return o.err
	}
	return nil
}

// note begins an outage where no connection was made, or where nothing was answered for as long as a
// request may take. One slow answer among others is none; nor is a request that ended because the
// operation that it was for did. Any answer ends it.
func (o *outage) note(err, ended error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	timedOut := errors.Is(ended, errTimedOut)
	switch {
	case err == nil:
		o.answered, o.until = now, time.Time{}
	case ended != nil && !timedOut:
	case notConnected(err), timedOut && now.Sub(o.answered) > requestTimeout:
		o.until, o.err = now.Add(outageTTL), err
	}
}

// inFlightLimit lets a bounded number of requests wait for their answer at once. A watch holds its
// place only until the server starts to answer.
type inFlightLimit struct {
	next  http.RoundTripper
	slots chan struct{}
}

func (l inFlightLimit) RoundTrip(request *http.Request) (*http.Response, error) {
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
		return l.next.RoundTrip(request)
	case <-request.Context().Done():
		return nil, context.Cause(request.Context())
	}
}
