package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
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

	// A request that is safe to repeat is repeated so often, after 250 ms, 500 ms and 1 s, or when the
	// server's Retry-After says.
	maxRetries   = 3
	shortestWait = 250 * time.Millisecond
	longestWait  = 5 * time.Second

	// awayFor is how long a cluster that could not be reached is taken to be away, so that a run does
	// not wait for it anew with every resource.
	awayFor = 10 * time.Second
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
	limited := inFlightLimit{next: next, slots: make(chan struct{}, maxInFlight)}
	return &outage{next: retries{
		repeatable: retrying(limited, isTransient),
		others:     retrying(limited, isUnsent),
	}}
}

// retries repeats what failed for a moment. A POST is only repeated where it cannot have arrived: it
// would find its own object the second time.
type retries struct{ repeatable, others http.RoundTripper }

func (r retries) RoundTrip(request *http.Request) (*http.Response, error) {
	switch request.Method {
	case http.MethodPost, http.MethodPut:
		return r.others.RoundTrip(request)
	}
	return r.repeatable.RoundTrip(request)
}

func retrying(next http.RoundTripper, again retryablehttp.CheckRetry) http.RoundTripper {
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: next, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	client.Logger = nil
	client.RetryMax, client.RetryWaitMin, client.RetryWaitMax = maxRetries, shortestWait, longestWait
	client.CheckRetry = again
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler // client-go explains it
	return &retryablehttp.RoundTripper{Client: client}
}

// isTransient tells whether the same request may succeed in a moment. A 429 or 503 that says when to
// come back is left to client-go, which waits for that.
func isTransient(ctx context.Context, answer *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if err != nil {
		return retryablehttp.DefaultRetryPolicy(ctx, answer, err)
	}
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return answer.Header.Get("Retry-After") == "", nil
	}
	return false, nil
}

// isUnsent tells that no connection was made.
func isUnsent(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return notConnected(err), nil
}

func notConnected(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "dial"
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
// operation that it was for did.
func (o *outage) note(err, ended error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	timedOut := errors.Is(ended, errTimedOut)
	switch {
	case err == nil:
		o.answered = now
	case ended != nil && !timedOut:
	case notConnected(err), timedOut && now.Sub(o.answered) > requestTimeout:
		o.until, o.err = now.Add(awayFor), err
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
