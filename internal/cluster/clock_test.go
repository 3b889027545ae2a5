// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"net/http"
	"testing"
	"time"
)

// Whatever the clock of this machine says, the time is that of the API server; each answer narrows it down.
func TestServerClock(t *testing.T) {
	t.Parallel()
	const ahead, roundTripTime = 7*time.Minute + 300*time.Millisecond, 40 * time.Millisecond
	local := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := newServerClock(func() time.Time { return local })
	if !clock.now().Equal(local) {
		t.Errorf("before any answer it is %s", clock.now())
	}
	answers := measured{clock: clock, next: roundTrip(func(*http.Request) (*http.Response, error) {
		local = local.Add(roundTripTime / 2)
		date := local.Add(ahead).UTC().Format(http.TimeFormat)
		local = local.Add(roundTripTime / 2)
		return newResponse(http.StatusOK, "", "Date", date, "Audit-Id", "a"), nil
	})}
	for i, most := range []int64{520, 450, 380, 310, 240, 170, 100, 60} { // milliseconds
		_, _ = answers.RoundTrip(nil)
		if wrong := clock.now().Sub(local.Add(ahead)).Abs(); wrong.Milliseconds() > most {
			t.Errorf("after %d answers it is wrong by %s", i+1, wrong)
		}
		local = local.Add(90 * time.Millisecond)
	}
}

// An API server with another clock replaces what was known; a proxy does not.
func TestServerClockOfAnother(t *testing.T) {
	t.Parallel()
	local := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := newServerClock(func() time.Time { return local })
	for _, test := range []struct {
		ahead   time.Duration
		headers []string
		want    time.Duration
	}{
		{time.Hour, []string{"Audit-Id", "a"}, time.Hour},
		{-time.Hour, []string{"Audit-Id", "a"}, -time.Hour},
		{2 * time.Hour, nil, -time.Hour},
	} {
		headers := append([]string{"Date", local.Add(test.ahead).Format(http.TimeFormat)}, test.headers...)
		answer := func(*http.Request) (*http.Response, error) { return newResponse(http.StatusOK, "", headers...), nil }
		_, _ = measured{clock: clock, next: roundTrip(answer)}.RoundTrip(nil)
		if wrong := clock.now().Sub(local.Add(test.want)).Abs(); wrong > 500*time.Millisecond {
			t.Errorf("it is %s, not %s", clock.now(), local.Add(test.want))
		}
	}
}
