// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

const (
	// maxInFlight bounds the requests under way in one cluster. There is no other client-side
	// rate limit: the API server has priority and fairness of its own.
	maxInFlight = 32

	// requestTimeout bounds every request that is not a watch, so that a cluster that hangs is
	// distinguished from a slow one while the others go on.
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
	errNoTimeLeft = errors.New("the operation timed out")
)

// markNoTimeLeft distinguishes the end of an operation from a cluster that does not answer.
func markNoTimeLeft(operation context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && operation.Err() != nil {
		return fmt.Errorf("%w: %w", errNoTimeLeft, err)
	}
	return err
}

// transport adds to the way to a cluster what holds for every request: outside in, the limit of requests in flight, the timeout, the
// memory of an outage, retries, and the log of what is sent.
func transport(cluster string, next http.RoundTripper) http.RoundTripper {
	requests := logging.Requests()
	sent := retrying(loggedRequests{next: next, cluster: cluster, logger: requests})
	return newInFlightLimit(timeout{next: &outage{cluster: cluster, next: countAttempts{next: sent, logger: requests}}})
}

// timeout ends a request, with all its attempts and the reading of its answer, after requestTimeout. A watch has no end.
type timeout struct{ next http.RoundTripper }

func isWatch(request *http.Request) bool { return request.URL.Query().Has("watch") }

func (t timeout) RoundTrip(request *http.Request) (*http.Response, error) {
	if isWatch(request) {
		return t.next.RoundTrip(request)
	}
	operation := request.Context()
	ctx, cancel := context.WithTimeoutCause(operation, requestTimeout, errTimedOut)
	answer, err := t.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, markNoTimeLeft(operation, err)
	}
	answer.Body = &timedBody{ReadCloser: answer.Body, operation: operation, request: ctx, cancel: cancel}
	return answer, nil
}

// timedBody is an answer that is read within the timeout of its request.
type timedBody struct {
	io.ReadCloser
	operation, request context.Context
	cancel             context.CancelFunc
}

func (b *timedBody) Read(into []byte) (int, error) {
	n, err := b.ReadCloser.Read(into)
	if err != nil && !errors.Is(err, io.EOF) && b.request.Err() != nil {
		err = markNoTimeLeft(b.operation, context.Cause(b.request))
	}
	return n, err
}

func (b *timedBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

func notConnected(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && (operation.Op == "dial" || operation.Op == "proxyconnect")
}

// outage remembers for a while that a cluster could not be reached.
type outage struct {
	cluster string
	next    http.RoundTripper

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
	switch began, ended := o.note(err, context.Cause(request.Context())); {
	case began:
		slog.DebugContext(request.Context(), "Cluster is unavailable: requests fail at once for a while",
			logging.KeyCluster, o.cluster, logging.KeyDuration, outageTTL.Milliseconds(), logging.KeyError, logText(err))
	case ended:
		slog.DebugContext(request.Context(), "Cluster is available again", logging.KeyCluster, o.cluster)
	}
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
// operation that it was for did. Any answer ends it. It reports whether an outage began or ended.
func (o *outage) note(err, cause error) (began, ended bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now, before := time.Now(), !o.until.IsZero()
	timedOut := errors.Is(cause, errTimedOut)
	switch {
	case err == nil:
		o.answered, o.until = now, time.Time{}
		return false, before
	case cause != nil && !timedOut:
	case notConnected(err), timedOut && now.Sub(o.answered) > requestTimeout:
		o.until, o.err = now.Add(outageTTL), err
		return !before, false
	}
	return false, false
}

// inFlightLimit lets a bounded number of requests wait for their answer at once. It stands before the timeout: the time of a request
// begins when it has a slot, and the wait for one ends with the operation only. While a request pauses before another attempt, others
// have its slot. A watch needs none: it may wait for its answer without end.
type inFlightLimit struct {
	next  http.RoundTripper
	slots chan struct{}
	// front is held by the first of the new requests that wait. The others wait behind it, so that those that were sent before, and
	// whose time passes, need not.
	front chan struct{}
}

func newInFlightLimit(next http.RoundTripper) inFlightLimit {
	return inFlightLimit{next: next, slots: make(chan struct{}, maxInFlight), front: make(chan struct{}, 1)}
}

func (l inFlightLimit) RoundTrip(request *http.Request) (*http.Response, error) {
	if isWatch(request) {
		return l.next.RoundTrip(request)
	}
	ctx, its := request.Context(), &slot{of: l.slots}
	if err := l.enter(ctx, its); err != nil {
		return nil, markNoTimeLeft(ctx, err)
	}
	defer its.release()
	return l.next.RoundTrip(request.WithContext(context.WithValue(ctx, slotKey{}, its)))
}

func (l inFlightLimit) enter(ctx context.Context, its *slot) error {
	if err := send(ctx, l.front); err != nil {
		return err
	}
	defer func() { <-l.front }()
	return its.take(ctx)
}

func send(ctx context.Context, to chan struct{}) error {
	select {
	case to <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// slot is the place of a request among those in flight.
type slot struct {
	of   chan struct{}
	held bool
}

// slotKey is the key of a context: the slot of its request.
type slotKey struct{}

func (s *slot) take(ctx context.Context) error {
	err := send(ctx, s.of)
	s.held = err == nil
	return err
}

func (s *slot) release() {
	if s.held {
		s.held = false
		<-s.of
	}
}
