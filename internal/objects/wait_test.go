// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package objects

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// observed is a cluster without a network, whose clock is that of the test.
type observed struct {
	requests *int      // of syncs, where the test counts them
	answers  time.Time // when ESO records an event
}

func (observed) Name() string   { return "east" }
func (observed) Now() time.Time { return time.Now() }
func (o observed) RequestSync(context.Context, airm.Ref) (time.Time, error) {
	if o.requests != nil {
		*o.requests++
	}
	return time.Now(), nil
}
func (observed) Cause(context.Context, *unstructured.Unstructured) (string, error) {
	return "", nil
}
func (o observed) Answered(_ context.Context, _ *unstructured.Unstructured, since time.Time) (bool, error) {
	return !o.answers.Before(since) && !o.answers.After(time.Now()), nil
}
func (observed) Reason(_ context.Context, _ *unstructured.Unstructured, sync eso.Sync) string {
	return sync.Reason
}

// unchanged is the watch of an object that never changes: it is asked again only when a wait says so.
type unchanged struct{}

func (unchanged) Until(ctx context.Context, object *unstructured.Unstructured, done cluster.Condition) (*unstructured.Unstructured, error) {
	for {
		ended, again := done(object)
		if ended {
			return object, nil
		}
		if again <= 0 {
			again = time.Hour
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return object, context.Cause(ctx)
		}
	}
}

func waitFor(status StatusReader) Wait {
	return Wait{Cluster: observed{}, Watch: unchanged{}, Reader: status}
}

var testObject = &unstructured.Unstructured{Object: map[string]any{"kind": airm.KindExternalSecret}}

// Where the time of a wait is over, the status is read once more: only then has it been long enough to ask whether ESO runs.
func TestStatusWhenTheTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		result := waitFor(func(_ map[string]any, _, now time.Time) eso.Sync {
			if now.Sub(started) < time.Minute {
				return eso.Sync{Status: airm.Pending, Reason: "not yet"}
			}
			return eso.Sync{Status: airm.Pending, Reason: "check that ESO runs"}
		}).ForSync(ctx, testObject)
		if !errors.Is(result.Err, context.DeadlineExceeded) || result.Sync.Reason != "check that ESO runs" || result.Waited != time.Minute {
			t.Errorf("%v after %s: %+v", result.Err, result.Waited, result.Sync)
		}
	})
}

// A failure counts once it has lasted: ESO tries again after a second.
func TestFailureMustLast(t *testing.T) {
	for heals, want := range map[time.Duration]airm.Status{
		errorSettles - time.Second: airm.Synced, errorSettles + time.Second: airm.SyncedError,
	} {
		synctest.Test(t, func(t *testing.T) {
			started := time.Now()
			result := waitFor(func(_ map[string]any, _, now time.Time) eso.Sync {
				if now.Sub(started) < heals {
					return eso.Sync{Status: airm.SyncedError, Recheck: time.Second}
				}
				return eso.Sync{Status: airm.Synced}
			}).ForSync(t.Context(), testObject)
			if result.Err != nil || (want == airm.SyncedError) != (result.Sync.Status == airm.SyncedError) {
				t.Errorf("healed after %s: %+v", heals, result)
			}
		})
	}
}

// A wait requests a sync of what has failed, of nothing else, and not again if one was requested.
func TestRequestRetry(t *testing.T) {
	for name, test := range map[string]struct {
		is        airm.Status // until a sync is requested
		requested bool        // before the wait
		want      int
	}{
		"failed":               {is: airm.SyncedError, want: 1},
		"failed and requested": {is: airm.SyncedError, requested: true, want: 1},
		"synced":               {is: airm.Synced},
		"pending":              {is: airm.Pending},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				requests := 0
				wait := Wait{Cluster: observed{requests: &requests}, Watch: unchanged{}}
				wait.Reader = func(_ map[string]any, requestedAt, _ time.Time) eso.Sync {
					if !requestedAt.IsZero() {
						return eso.Sync{Status: airm.Synced}
					}
					return eso.Sync{Status: test.is}
				}
				if test.requested {
					_ = wait.RequestSync(ctx, airm.Ref{})
				}
				result := wait.ForSync(ctx, testObject)
				if synced := result.Sync.Status == airm.Synced; requests != test.want || synced == (test.is == airm.Pending) {
					t.Errorf("%d requests, %+v", requests, result)
				}
			})
		})
	}
}

// A wait for a status ends at that one, and at one that does not change by itself.
func TestForStatus(t *testing.T) {
	for _, test := range []struct{ is, wanted airm.Status }{
		{airm.Deleting, airm.Deleting}, {airm.SyncedError, airm.Synced}, {airm.Synced, airm.Pending},
	} {
		wait := waitFor(func(_ map[string]any, _, _ time.Time) eso.Sync { return eso.Sync{Status: test.is} })
		result := wait.ForStatus(t.Context(), testObject, test.wanted)
		if result.Err != nil || result.Sync.Status != test.is {
			t.Errorf("%+v: %+v", test, result)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wait := waitFor(func(_ map[string]any, _, _ time.Time) eso.Sync { return eso.Sync{Status: airm.Pending} })
	result := wait.ForStatus(ctx, testObject, airm.Synced)
	if !errors.Is(result.Err, context.Canceled) {
		t.Errorf("it did not wait: %+v", result)
	}
}

// Where a condition stays as it was, only an event shows that ESO has looked at the object; it may come a little later.
func TestUnanswered(t *testing.T) {
	for answersAfter, told := range map[time.Duration]bool{-time.Second: true, 0: false, 2 * time.Second: false, time.Minute: true} {
		synctest.Test(t, func(t *testing.T) {
			started := time.Now()
			wait := waitFor(func(map[string]any, time.Time, time.Time) eso.Sync {
				return eso.Sync{Status: airm.Synced, Reason: "As it was.", UnansweredSince: started}
			})
			wait.Cluster = observed{answers: started.Add(answersAfter)}
			got := wait.ForSync(t.Context(), testObject).Sync
			if got.Status != airm.Synced || strings.HasPrefix(got.Reason, "As it was. This is what ESO reported before") != told {
				t.Errorf("answered after %s: %+v", answersAfter, got)
			}
		})
	}
}
