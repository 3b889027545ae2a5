// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// The kinds of disturbances.
const (
	killProvider = "provider"
	killCLI      = "cli"
	stopServer   = "stop" // the API server hangs
	cutServer    = "cut"  // connections to the API server end, and are refused
	undisturbed  = "nothing"
)

var allKinds = []string{killProvider, killCLI, stopServer, cutServer, undisturbed}

// disturbance is what happens during the applies of a round.
type disturbance struct {
	kind   string
	target int           // the number of the workspace or of the cluster
	at     float64       // when, as a part of what an apply takes
	acting bool          // counted from the end of the plan, with half of that time
	lasts  time.Duration // for an API server
	did    string        // what came of it
	hit    bool
}

// drawDisturbances returns one, or two with different targets.
func drawDisturbances(r *rand.Rand, kinds []string) []*disturbance {
	target, count := r.IntN(2), 1+r.IntN(4)/3
	var drawn []*disturbance
	for i := range count {
		drawn = append(drawn, &disturbance{
			kind: kinds[r.IntN(len(kinds))], target: (target + i) % 2, at: r.Float64(), acting: r.IntN(3) > 0,
			lasts: time.Second + time.Duration(r.IntN(7001))*time.Millisecond,
		})
	}
	return drawn
}

// disturb waits for its moment and does it. It returns when it is over.
func (c *chaos) disturb(ctx context.Context, d *disturbance, commands []*cliCommand) error {
	command, w, server := commands[d.target], c.workspaces[d.target], c.clusters[d.target]
	d.did = "nothing"
	if d.kind == undisturbed {
		return nil
	}
	if err := d.wait(ctx, command, w.typical); err != nil {
		return err
	}
	after := time.Since(command.started).Seconds()
	var err error
	switch d.kind {
	case killProvider:
		d.did = fmt.Sprintf("provider of %s killed after %.1f s", w.workspace, after)
		d.hit = command.killProvider()
	case killCLI:
		d.did = fmt.Sprintf("CLI of %s killed after %.1f s", w.workspace, after)
		d.hit = command.kill() == nil
	case stopServer, cutServer:
		d.did = fmt.Sprintf("API server of %s: %s after %.1f s for %.1f s", server.name, d.kind, after, d.lasts.Seconds())
		d.hit = true
		err = server.takeDown(ctx, d.kind, d.lasts)
	}
	if !d.hit {
		d.did += " (too late)"
	}
	return err
}

// maxTypical keeps an apply that had to wait for a lease from delaying the next disturbances.
const maxTypical = 5 * time.Second

// wait waits for the moment. For the API servers the workspace of the same number sets the pace.
func (d *disturbance) wait(ctx context.Context, c *cliCommand, typical time.Duration) error {
	at := time.Duration(d.at * float64(min(typical, maxTypical)))
	if d.acting {
		at /= 2
		select {
		case <-c.output.planned:
		case <-c.ended:
		case <-ctx.Done():
		}
	}
	return pause(ctx, at)
}

// takeDown stops the API server, or cuts it off, for a time.
func (c *testCluster) takeDown(ctx context.Context, kind string, lasts time.Duration) error {
	take := c.stop
	if kind == cutServer {
		take = func() (func() error, error) { return c.proxy.cut(), nil }
	}
	resume, err := take()
	if err != nil {
		return err
	}
	_ = pause(ctx, lasts) // also after an interrupt: the server must run again
	return resume()
}

// describe says what was done.
func describe(disturbances []*disturbance) string {
	var did []string
	for _, d := range disturbances {
		did = append(did, d.did)
	}
	return strings.Join(did, "; ")
}
