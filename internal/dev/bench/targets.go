// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"time"
)

// The targets of BENCHMARKS.md. Each is an upper limit.
const (
	maxPlanOfFramework   = 0.75 // of 1 000 secrets, against the framework as shipped
	maxPlanOfPassthrough = 1.1
	maxPlanRequests      = 10
	maxPlanOneRequests   = 6
	maxCreateOfFloor     = 1.5 // against the bare client and the framework
	maxCreateRequests    = 3   // for each object
	maxUpdateOfBare      = 1.3 // of an organization secret in 1 000 projects
	maxRemovalOfBare     = 1.3 // from 1 000 projects, also against a bare client that keeps records
	maxAssignRequests    = 3.1 // for each project: the intent, the object, the outcome, and a share of what is read once for all
	maxUpdateRequests    = 2.1
	maxRemovalRequests   = 4.1
	maxMemory            = 300 // MiB, with 10 000 secrets
	maxStartOfEmpty      = 2
)

// target is a limit, and what a run has reached.
type target struct {
	what           string
	limit, reached float64
	unit           string
}

func (t target) isMet() bool { return t.reached <= t.limit }

// aim remembers what has been reached of a target, for the table at the end.
func (b *bench) aim(what string, limit, reached float64, unit string) {
	b.targets = append(b.targets, target{what, limit, reached, unit})
}

// aimAtPlan compares plans of so many secrets with their targets. The results are ours, Terraform's alone, that of the
// pass-through and, unless it was left out, that of the framework.
func (b *bench) aimAtPlan(count int, results []measured) {
	ours, what := results[0], fmt.Sprintf("plan of %d secrets: ", count)
	if count >= 1000 {
		b.aim(what+"against the pass-through", maxPlanOfPassthrough, timesLonger(ours.wall, results[2].wall), " ×")
		b.aim(what+"CPU time against the pass-through", maxPlanOfPassthrough, timesLonger(ours.cpu, results[2].cpu), " ×")
	}
	switch count {
	case 1:
		b.aim(what+"requests", maxPlanOneRequests, float64(ours.requests), "")
	case 1000:
		b.aim(what+"requests", maxPlanRequests, float64(ours.requests), "")
		if len(results) == 4 {
			b.aim(what+"against the framework, as shipped", maxPlanOfFramework, timesLonger(ours.wall, results[3].wall), " ×")
		}
	case 10_000:
		b.aim(what+"memory", maxMemory, float64(ours.provider.memory)/(1<<20), " MiB")
	}
}

// aimAtFanOut compares an organization secret in so many projects with its targets: assigned, updated and unassigned. Recorded is the
// removal by a bare client that keeps records.
func (b *bench) aimAtFanOut(count int, bare [3]measured, recorded measured, ours [4]measured) {
	for i, its := range []struct {
		what           string
		requests, time float64 // time 0: no target
	}{
		{"assign to", maxAssignRequests, 0},
		{"update in", maxUpdateRequests, maxUpdateOfBare},
		{"unassign from", maxRemovalRequests, maxRemovalOfBare},
	} {
		what := fmt.Sprintf("%s %d projects: ", its.what, count)
		b.aim(what+"requests for each", its.requests, float64(ours[i].requests)/float64(count), "")
		if its.time > 0 {
			b.aim(what+"against the bare client", its.time, timesLonger(ours[i].wall, bare[i].wall), " ×")
		}
	}
	b.aim(fmt.Sprintf("unassign from %d projects: against a bare client that keeps records", count), maxRemovalOfBare,
		timesLonger(ours[2].wall, recorded.wall), " ×")
}

// printTargets prints which targets of what was measured are met.
func (b *bench) printTargets() {
	if len(b.targets) == 0 {
		return
	}
	printHead("Targets", "at most", "reached", "")
	for _, t := range b.targets {
		verdict := "met"
		if !t.isMet() {
			verdict = "MISSED"
		}
		printRow(t.what, fmt.Sprintf("%.4g%s", t.limit, t.unit), fmt.Sprintf("%.2f%s", t.reached, t.unit), verdict)
	}
}

func timesLonger(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }
