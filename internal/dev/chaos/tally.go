// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import "fmt"

// tally counts what happened in all rounds.
type tally struct {
	rounds, restored, late, imported int
	hits, missed                     map[string]int // by kind of disturbance
	applies                          [maxApplies + 1]int
}

func newTally() tally { return tally{hits: map[string]int{}, missed: map[string]int{}} }

func (t *tally) add(disturbances []*disturbance, applies int) {
	t.rounds++
	t.applies[applies]++
	for _, d := range disturbances {
		if d.hit || d.kind == undisturbed {
			t.hits[d.kind]++
		} else {
			t.missed[d.kind]++
		}
	}
}

func (t *tally) print() {
	fmt.Printf("\n%d rounds.", t.rounds)
	for _, kind := range allKinds {
		fmt.Printf(" %s: %d", kind, t.hits[kind])
		if t.missed[kind] > 0 {
			fmt.Printf(" (and %d too late)", t.missed[kind])
		}
		fmt.Print(".")
	}
	fmt.Print("\nConverged after more applies:")
	for applies, rounds := range t.applies {
		fmt.Printf(" %d in %d rounds.", applies, rounds)
	}
	fmt.Printf("\nChecks that were right only after a while: %d. States that a kill damaged: %d. Imports: %d.\n", t.late, t.restored, t.imported)
}
