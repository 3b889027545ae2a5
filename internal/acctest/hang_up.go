// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package acctest

import (
	"net"
	"testing"
	"time"
)

// Refusing is a server that closes every connection, as one that restarts does, and notes when.
type Refusing struct {
	Address  string
	listener net.Listener
	calls    chan time.Time
	t        testing.TB
}

// HangUp starts a server that closes every connection, at an address such as "127.0.0.1:0".
func HangUp(t testing.TB, address string) *Refusing {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	OK(t, err)
	r := &Refusing{Address: listener.Addr().String(), listener: listener, calls: make(chan time.Time, 1000), t: t}
	t.Cleanup(r.Close)
	go func() {
		defer close(r.calls)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
			r.calls <- time.Now()
		}
	}()
	return r
}

// Await waits until it has hung up so many times more.
func (r *Refusing) Await(times int) {
	r.t.Helper()
	for range times {
		if _, ok := r.next(); !ok {
			return
		}
	}
}

// AwaitLasting waits until it has hung up on two calls more that are so long apart, or longer.
func (r *Refusing) AwaitLasting(outage time.Duration) {
	r.t.Helper()
	first, ok := r.next()
	for last := first; ok && last.Sub(first) < outage; {
		last, ok = r.next()
	}
}

func (r *Refusing) next() (time.Time, bool) {
	r.t.Helper()
	select {
	case at, ok := <-r.calls:
		return at, ok
	case <-time.After(Patience):
		r.t.Errorf("no client has called %s for %s", r.Address, Patience)
		return time.Time{}, false
	}
}

// Close stops it, so that the address is free again.
func (r *Refusing) Close() { _ = r.listener.Close() }
