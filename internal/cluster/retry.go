// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// The first pause before a request is repeated, and the longest: each is twice the one before.
	shortestWait = 250 * time.Millisecond
	longestWait  = 5 * time.Second

	// maxRetries is how often a request is repeated that failed for a moment: after 250 ms, 500 ms and 1 s.
	maxRetries = 3

	// dialPatience is for how long a connection is tried again: five times within 4 s (at 0, 250 ms, 750 ms,
	// 1.75 s and 3.75 s), which is what an API server needs to restart. A connection that times out
	// (dialTimeout) is not tried again.
	dialPatience = 4 * time.Second

	// webhookPatience is for how long a write is repeated that an admission webhook could not answer:
	// right after an installation ESO's own webhook is not served yet.
	webhookPatience     = 20 * time.Second
	shortestWebhookWait = 500 * time.Millisecond

	// maxThrottled is how often a request is repeated whose answer says when to come back: as often as client-go would.
	maxThrottled = 10

	// maxStatusSize bounds what is read of an answer to look for the reason of a failure.
	maxStatusSize = 1 << 20
)

// retrying repeats what failed for a moment, by one rule for each cause.
func retrying(next http.RoundTripper) http.RoundTripper {
	for _, rule := range []retryRule{isUnsent, isTransient, isThrottled, isWebhookFailure} {
		next = repeat{next: next, rule: rule}
	}
	return withoutRetryAfter{next: next}
}

// retryRule reports whether a request may be repeated after an attempt, and after which pause.
type retryRule func(trial) (wait time.Duration, again bool)

// trial is one of several attempts at a request, and how it ended.
type trial struct {
	request *http.Request
	before  int           // how many attempts there were before it
	since   time.Duration // since the first one began
	answer  *http.Response
	err     error
}

func (a trial) pause(shortest time.Duration) time.Duration {
	return min(shortest<<min(a.before, 10), longestWait)
}

// isOnce reports whether the request may not be done twice: a POST would find its own object the second
// time, and a PUT that another client was faster.
func (a trial) isOnce() bool {
	return a.request.Method == http.MethodPost || a.request.Method == http.MethodPut
}

// isUnsent holds where no connection was made.
func isUnsent(a trial) (time.Duration, bool) {
	wait := a.pause(shortestWait)
	return wait, notConnected(a.err) && a.since+wait <= dialPatience
}

// isTransient holds where the same request may succeed in a moment. A 429 or 503 that says when to come
// back is left to isThrottled, which waits for that.
func isTransient(a trial) (time.Duration, bool) {
	wait := a.pause(shortestWait)
	if a.isOnce() || a.before >= maxRetries || notConnected(a.err) {
		return 0, false
	}
	if a.err != nil {
		again, _ := retryablehttp.DefaultRetryPolicy(a.request.Context(), nil, a.err)
		return wait, again
	}
	switch a.answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return wait, a.answer.Header.Get("Retry-After") == ""
	}
	return 0, false
}

// flowSchema is a header by which the API server's priority and fairness signs its answers: what it
// throttles has not been looked at yet. A proxy's 429 may come after the write.
const flowSchema = "X-Kubernetes-Pf-Flowschema-Uid"

// isThrottled holds where the answer says when to come back; for a POST or PUT only if priority and fairness rejected it. Where
// that is after the operation has to end, the answer says more than that time was up.
func isThrottled(a trial) (time.Duration, bool) {
	if a.err != nil || a.before >= maxThrottled {
		return 0, false
	}
	seconds, err := strconv.Atoi(a.answer.Header.Get("Retry-After"))
	throttled := a.answer.StatusCode == http.StatusTooManyRequests
	switch {
	case a.isOnce() && (!throttled || a.answer.Header.Get(flowSchema) == ""):
		return 0, false
	case a.isOnce() && err != nil:
		seconds = 1
	case err != nil, !throttled && a.answer.StatusCode < http.StatusInternalServerError:
		return 0, false
	}
	wait := time.Duration(seconds) * time.Second
	return wait, a.hasTimeFor(wait)
}

// hasTimeFor reports whether there can be another attempt after a pause.
func (a trial) hasTimeFor(wait time.Duration) bool {
	deadline, limited := a.request.Context().Deadline()
	return !limited || time.Until(deadline) > wait
}

// unansweredWebhook is what the API server says of a write that admission could not decide: it has not
// reached storage, so that even a POST may be repeated.
const unansweredWebhook = "failed calling webhook"

// isWebhookFailure holds until webhookPatience is over. Where the operation has to end before that, its answer says more than
// that time was up.
func isWebhookFailure(a trial) (time.Duration, bool) {
	wait := a.pause(shortestWebhookWait)
	if a.err != nil || a.answer.StatusCode != http.StatusInternalServerError || a.since+wait > webhookPatience {
		return 0, false
	}
	if !a.hasTimeFor(wait) || a.request.Context().Value(askedOnce{}) != nil {
		return 0, false
	}
	var status metav1.Status
	return wait, json.Unmarshal(peek(a.answer), &status) == nil && strings.Contains(status.Message, unansweredWebhook)
}

// askedOnce is the key of a context whose requests are not repeated for a webhook: to find out whether it can be called.
type askedOnce struct{}

// peek reads the body of an answer and puts it back.
func peek(answer *http.Response) []byte {
	body := answer.Body
	content, err := io.ReadAll(io.LimitReader(body, maxStatusSize))
	var rest io.Reader = body
	if err != nil {
		rest = failingReader{err}
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(content), rest), body}
	return content
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

// repeat sends a request again for as long as a rule says so.
type repeat struct {
	next http.RoundTripper
	rule retryRule
}

func (r repeat) RoundTrip(request *http.Request) (*http.Response, error) {
	content, err := takeBody(request)
	if err != nil {
		return nil, err
	}
	ctx, started := request.Context(), time.Now()
	for before := 0; ; before++ {
		sent := request.Clone(ctx)
		if content != nil {
			sent.Body = io.NopCloser(bytes.NewReader(content))
		}
		answer, err := r.next.RoundTrip(sent)
		if err != nil && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		wait, again := r.rule(trial{request: request, before: before, since: time.Since(started), answer: answer, err: err})
		if !again {
			return answer, err
		}
		discard(answer)
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// takeBody reads and closes the body of a request; nil where it has none.
func takeBody(request *http.Request) ([]byte, error) {
	if request.Body == nil || request.Body == http.NoBody {
		return nil, nil
	}
	content, err := io.ReadAll(request.Body)
	if closeErr := request.Body.Close(); err == nil {
		err = closeErr
	}
	return content, err
}

// discard reads an answer to its end, so that its connection serves again.
func discard(answer *http.Response) {
	if answer != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxStatusSize))
		_ = answer.Body.Close()
	}
}

// pause waits, and lets another request have the slot of this one meanwhile.
func pause(ctx context.Context, wait time.Duration) error {
	its, limited := ctx.Value(slotKey{}).(*slot)
	if limited {
		its.release()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if limited {
		return its.take(ctx)
	}
	return nil
}

// withoutRetryAfter keeps client-go from repeating a request: it does so wherever an answer says when to come back, whether
// the request was done or not, and would give each attempt a timeout of its own.
type withoutRetryAfter struct{ next http.RoundTripper }

func (w withoutRetryAfter) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := w.next.RoundTrip(request)
	if err == nil {
		answer.Header.Del("Retry-After")
	}
	return answer, err
}
