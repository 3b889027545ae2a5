// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"net/http"
	"sync"
	"time"
)

// Now returns the API server's time: leases and timestamps that the cluster wrote are compared with it, so
// that the clock of this machine does not matter. It is the local clock plus an offset that is measured
// from the Date of the API server's answers, or the local clock alone before there was any.
//
// A Date has whole seconds and was written at some moment between request and answer, so that one answer
// leaves an error of half a second and half of its round trip. Each further answer narrows that down; after
// a few, about a round trip remains. Where several API servers disagree, the one that answered last counts.
func (c *Cluster) Now() time.Time { return c.clock.now() }

// serverClock learns what to add to the local clock to have the API server's.
type serverClock struct {
	local func() time.Time

	mu          sync.Mutex
	known       bool
	least, most time.Duration // the offset is between these
}

func newServerClock(local func() time.Time) *serverClock {
	if local == nil {
		local = time.Now
	}
	return &serverClock{local: local}
}

func (s *serverClock) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.local().Round(0).Add((s.least + s.most) / 2) // without a monotonic reading, which would not know the offset
}

// learn uses the Date of an answer, and when its request was sent and the answer received. What
// contradicts everything before (a clock was set, or another API server answered) replaces it.
func (s *serverClock) learn(sent, received, date time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	least, most := date.Sub(received.Round(0)), date.Add(time.Second).Sub(sent.Round(0))
	if s.known && least <= s.most && most >= s.least {
		least, most = max(least, s.least), min(most, s.most)
	}
	s.known, s.least, s.most = true, least, most
}

// measured learns from all that comes through it.
type measured struct {
	next  http.RoundTripper
	clock *serverClock
}

// RoundTrip heeds only answers that the API server has signed with an audit id: a proxy that answers by
// itself has a clock of its own.
func (m measured) RoundTrip(request *http.Request) (*http.Response, error) {
	sent := m.clock.local()
	answer, err := m.next.RoundTrip(request)
	if err != nil || answer.Header.Get("Audit-Id") == "" {
		return answer, err
	}
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		m.clock.learn(sent, m.clock.local(), date)
	}
	return answer, nil
}
