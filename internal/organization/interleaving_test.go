// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// Several runs work on one organization secret at once, on a real API server. A scheduler lets
// exactly one of them go one step at a time, and kills some. Time is simulated: a run that waits for
// another one lets it pass.
//
// Without AIRM_INTERLEAVINGS only a few are played. With 1 it is some hundreds, for a few minutes; above
// it multiplies the random ones, and a run that is killed is followed by every other operation.
// AIRM_INTERLEAVINGS_SEED plays a single random one, and AIRM_INTERLEAVINGS_BOUND [1] is how many times
// one run may interrupt another one where all orders are played.

// arena is where interleavings are played, several at a time.
type arena struct {
	*fixture
	workers int
	played  atomic.Int64
	killed  atomic.Int64
	number  atomic.Int64
	failed  atomic.Bool
}

func newArena(t *testing.T) *arena {
	a := &arena{fixture: newFixture(t, 3), workers: 4}
	if !a.withEast(a.projects[0], a.projects[2]) {
		t.Log("in one cluster only: KUBECONFIG has no context east")
	}
	began := time.Now()
	t.Cleanup(func() {
		t.Logf("%d interleavings, %d of them with a kill, in %s", a.played.Load(), a.killed.Load(), time.Since(began).Round(time.Second))
	})
	return a
}

// clusters are what the actors of one worker connect with, each for itself, and each with a clock of its own that is wrong.
func (a *arena) clusters() []*cluster.Clusters {
	var pool []*cluster.Clusters
	for _, skew := range []time.Duration{0, -10 * time.Minute, 7 * time.Minute, 90 * time.Second} {
		pool = append(pool, a.registryAt(func() time.Time { return time.Now().Add(skew) }).Reader.clusters)
	}
	return pool
}

// name is that of no other organization secret in the cluster: objects are looked for everywhere.
func (a *arena) name() string { return fmt.Sprintf("%s-%d", a.platform, a.number.Add(1)) }

// game is one world with what happens in it.
type game struct {
	what     string
	defined  bool
	assigned []int
	work     [][]operation
	stalls   bool
	lost     bool // the object of the first project that is assigned was deleted by another user
	kill     int  // the actor to kill, counted from 1
	killAt   int
	onlyTidy bool // what was killed is not run again: everything is destroyed at once
}

func (g game) String() string { return g.what }

// play plays a game and tests its end.
func (a *arena) play(g game, pool []*cluster.Clusters, choose choice) {
	if a.failed.Load() {
		return
	}
	var assigned []string
	for _, i := range g.assigned {
		assigned = append(assigned, a.projects[i])
	}
	w, err := newWorld(a.fixture, pool, a.name(), g.defined, assigned...)
	if err == nil && g.lost && len(assigned) > 0 {
		w.lost = assigned[0]
		w.remove(w.lost, esoResource, w.secret)
	}
	if err == nil {
		w.stalls = g.stalls
		for i, work := range g.work {
			actor := w.add(pool[1+i], work...)
			if g.kill == i+1 {
				actor.killAt = g.killAt
			}
		}
		err = w.play(choose)
	}
	if err == nil && !g.onlyTidy {
		if err = w.rerun(pool[0]); err == nil {
			err = w.check(w.registry(pool[0]))
		}
	}
	if err == nil {
		err = w.destroy(pool[0])
	}
	a.played.Add(1)
	for _, actor := range w.actors {
		if actor.killed {
			a.killed.Add(1)
		}
	}
	if err != nil {
		a.failed.Store(true)
		a.t.Errorf("%s: %s\n\n%s\n%s", g, err, w.outcome(), strings.Join(w.trace, "\n"))
	}
}

func (w *world) outcome() string {
	var lines []string
	for _, a := range w.actors {
		for _, r := range a.results {
			lines = append(lines, fmt.Sprintf("%s: %s from %d to %d: %v", a.name, r.operation, r.begin, r.end, r.err))
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// each has the workers do all that comes from the channel.
func (a *arena) each(work func(pool []*cluster.Clusters)) {
	var group sync.WaitGroup
	for range a.workers {
		group.Go(func() { work(a.clusters()) })
	}
	group.Wait()
}

// randomGame makes up who does what at once, and who is killed.
func randomGame(f *fixture, seed uint64) (game, choice) {
	random := rand.New(rand.NewPCG(seed, 0))
	one := func(of ...string) string { return of[random.IntN(len(of))] }
	g := game{what: fmt.Sprintf("seed %d", seed), defined: random.IntN(8) > 0, stalls: random.IntN(3) == 0}
	projects := 1 + random.IntN(3)
	for i := range projects {
		if g.defined && random.IntN(2) == 0 {
			g.assigned = append(g.assigned, i)
		}
	}
	g.lost = random.IntN(4) == 0
	content := 0
	for actor := range 2 + random.IntN(2) {
		var work []operation
		for range 1 + random.IntN(2) {
			content++
			o := operation{kind: one(
				"assign", "assign", "unassign", "unassign", "reassign", "update", "update", "delete", "delete forced", "define",
			)}
			switch o.kind {
			case "assign", "reassign", "unassign":
				o.project, o.owner = f.projects[random.IntN(projects)], fmt.Sprintf("w%d", actor)
			case "update", "define":
				o.content = fmt.Sprintf("c%d", content)
			}
			work = append(work, o)
		}
		g.work = append(g.work, work)
	}
	if random.IntN(3) > 0 {
		g.kill, g.killAt, g.onlyTidy = 1+random.IntN(len(g.work)), 1+random.IntN(12), random.IntN(3) == 0
	}
	switching := []float64{0.1, 0.3, 1}[random.IntN(3)]
	return g, func(able []*workspaceRun, last *workspaceRun) *workspaceRun {
		if last != nil && random.Float64() >= switching {
			return last
		}
		return able[random.IntN(len(able))]
	}
}

func TestAccRandomInterleavings(t *testing.T) {
	a := newArena(t)
	first, last := 0, max(30, 120*setting(t, "AIRM_INTERLEAVINGS", 0))
	if seed := setting(t, "AIRM_INTERLEAVINGS_SEED", -1); seed >= 0 {
		first, last = seed, seed+1
	}
	next := atomic.Int64{}
	next.Store(int64(first))
	a.each(func(pool []*cluster.Clusters) {
		for seed := next.Add(1) - 1; seed < int64(last); seed = next.Add(1) - 1 {
			g, choose := randomGame(a.fixture, uint64(seed))
			a.play(g, pool, choose)
		}
	})
}

// TestAccAllInterleavings plays two runs in every order of their steps that takes either of them
// over at most so many times.
func TestAccAllInterleavings(t *testing.T) {
	a := newArena(t)
	first, second := a.projects[0], a.projects[1]
	assign := operation{kind: "assign", project: first, owner: "w1"}
	reassign := operation{kind: "reassign", project: first, owner: "w2"}
	unassign := operation{kind: "unassign", project: first}
	updateOne, another := operation{kind: "update", content: "c1"}, operation{kind: "update", content: "c2"}
	remove, force := operation{kind: "delete"}, operation{kind: "delete forced"}
	define := operation{kind: "define", content: "c3"}
	alone := func(operations ...operation) []operation { return operations }
	elsewhere := operation{kind: "assign", project: second, owner: "w3"}

	games := []game{
		{defined: true, work: [][]operation{alone(assign), alone(force)}},
		{defined: true, work: [][]operation{alone(assign), alone(remove)}},
		{defined: true, work: [][]operation{alone(assign), alone(unassign)}},
		{defined: true, work: [][]operation{alone(assign), alone(unassign)}, stalls: true},
		{defined: true, work: [][]operation{alone(assign), alone(assign)}, stalls: true},
		{defined: true, work: [][]operation{alone(assign), alone(force, define)}, stalls: true},
		{defined: true, work: [][]operation{alone(assign), alone(updateOne)}},
		{defined: true, assigned: []int{0}, work: [][]operation{alone(updateOne), alone(unassign)}},
		{defined: true, assigned: []int{0}, work: [][]operation{alone(updateOne), alone(unassign, assign)}},
		{defined: true, assigned: []int{0}, work: [][]operation{alone(updateOne), alone(another)}},
		{defined: true, assigned: []int{0}, work: [][]operation{alone(updateOne), alone(reassign)}},
		{defined: true, assigned: []int{0}, work: [][]operation{alone(reassign), alone(unassign)}, stalls: true},
		{defined: true, assigned: []int{0}, work: [][]operation{alone(reassign), alone(force)}},
		{defined: true, assigned: []int{0}, work: [][]operation{alone(unassign), alone(unassign, assign)}},
		{defined: true, assigned: []int{0}, work: [][]operation{alone(force), alone(remove)}},
		{defined: true, assigned: []int{0}, work: [][]operation{alone(force), alone(elsewhere)}},
		{defined: true, work: [][]operation{alone(remove), alone(force, define)}},
		{defined: true, work: [][]operation{alone(remove), alone(updateOne)}},
	}
	bound := setting(t, "AIRM_INTERLEAVINGS_BOUND", min(1, setting(t, "AIRM_INTERLEAVINGS", 0)))
	open := newQueue()
	for i := range games {
		games[i].what = fmt.Sprintf("game %d %v", i, games[i].work)
		open.add(line{game: games[i]})
	}
	a.each(func(pool []*cluster.Clusters) {
		for next, ok := open.take(); ok; next, ok = open.take() {
			taken := &next
			a.play(next.game, pool, taken.choose(bound))
			open.done(taken.branches()...)
		}
	})
}

// line is one order of steps: the choices that it was given, and from there on each actor goes as
// far as it can.
type line struct {
	game
	given   []int
	options []int // how many there were at each step
	taken   int   // interruptions so far
}

func (l *line) choose(bound int) choice {
	return func(able []*workspaceRun, last *workspaceRun) *workspaceRun {
		if last != nil {
			// To go on is the first choice.
			others := slices.DeleteFunc(slices.Clone(able), func(a *workspaceRun) bool { return a == last })
			able = append([]*workspaceRun{last}, others...)
			if l.taken >= bound {
				able = able[:1]
			}
		}
		picked := able[0]
		if i := len(l.options); i < len(l.given) {
			picked = able[l.given[i]]
		}
		l.options = append(l.options, len(able))
		if last != nil && picked != last {
			l.taken++
		}
		return picked
	}
}

// branches are the lines that leave this one after the choices that it was given.
func (l *line) branches() []line {
	var all []line
	for i := len(l.given); i < len(l.options); i++ {
		for other := 1; other < l.options[i]; other++ {
			choices := make([]int, i+1)
			copy(choices, l.given)
			choices[i] = other
			all = append(all, line{game: l.game, given: choices})
		}
	}
	return all
}

// queue holds what is still to be played. It is empty only when nothing can be added to it any more.
type queue struct {
	mu      sync.Mutex
	changed *sync.Cond
	lines   []line
	busy    int
}

func newQueue() *queue {
	q := &queue{}
	q.changed = sync.NewCond(&q.mu)
	return q
}

func (q *queue) add(lines ...line) { q.lines = append(q.lines, lines...) }

func (q *queue) take() (line, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.lines) == 0 && q.busy > 0 {
		q.changed.Wait()
	}
	if len(q.lines) == 0 {
		return line{}, false
	}
	last := len(q.lines) - 1
	next := q.lines[last]
	q.lines = q.lines[:last]
	q.busy++
	return next, true
}

func (q *queue) done(more ...line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy--
	q.add(more...)
	q.changed.Broadcast()
}

// TestAccKilledAfterEveryStep kills every operation before and after each of its steps, and lets
// another run go on: the same one again, one that destroys everything, or one that does something else.
func TestAccKilledAfterEveryStep(t *testing.T) {
	a := newArena(t)
	project := a.projects[0]
	killed := []struct {
		operation
		defined  bool
		assigned []int
		steps    int
	}{
		{operation{kind: "define", content: "c1"}, false, nil, 2},
		{operation{kind: "assign", project: project, owner: "w1"}, true, nil, 7},
		{operation{kind: "reassign", project: project, owner: "w1"}, true, []int{0}, 7},
		{operation{kind: "unassign", project: project}, true, []int{0}, 9},
		{operation{kind: "update", content: "c1"}, true, []int{0, 1}, 8},
		{operation{kind: "delete"}, true, []int{0}, 4},
		{operation{kind: "delete forced"}, true, []int{0, 1}, 18},
	}
	next := [][]operation{
		nil,
		{{kind: "unassign", project: project}},
		{{kind: "assign", project: project, owner: "w2"}},
		{{kind: "update", content: "c2"}},
		{{kind: "delete forced"}},
	}
	var games []game
	thorough := setting(t, "AIRM_INTERLEAVINGS", 0)
	for _, k := range killed {
		for at := 1; at <= k.steps+1; at++ {
			for i, others := range next {
				if others != nil && (thorough == 0 || thorough == 1 && at%(len(next)-1) != i-1) {
					continue
				}
				g := game{what: fmt.Sprintf("%s, killed at %d, then %v", k.operation, at, others), defined: k.defined, assigned: k.assigned,
					work: [][]operation{{k.operation}, others}, kill: 1, killAt: at}
				games = append(games, g)
				if others == nil {
					g.onlyTidy = true
					games = append(games, g)
				}
			}
		}
	}
	inTurn := func(able []*workspaceRun, _ *workspaceRun) *workspaceRun { return able[0] }
	number := atomic.Int64{}
	a.each(func(pool []*cluster.Clusters) {
		for i := number.Add(1) - 1; i < int64(len(games)); i = number.Add(1) - 1 {
			a.play(games[i], pool, inTurn)
		}
	})
}

// TestAccKilledAfterInterruption has one run interrupted by a whole other one, and killed some steps later.
func TestAccKilledAfterInterruption(t *testing.T) {
	a := newArena(t)
	project := a.projects[0]
	assign := operation{kind: "assign", project: project, owner: "w1"}
	reassign := operation{kind: "reassign", project: project, owner: "w1"}
	unassign, force := operation{kind: "unassign", project: project}, operation{kind: "delete forced"}
	anew := operation{kind: "assign", project: project, owner: "w2"}
	updateOnce, updateAgain := operation{kind: "update", content: "c1"}, operation{kind: "update", content: "c2"}
	pairs := []game{
		{defined: true, work: [][]operation{{assign}, {unassign}}},
		{defined: true, work: [][]operation{{assign}, {force}}},
		{defined: true, assigned: []int{0}, lost: true, work: [][]operation{{reassign}, {unassign}}},
		{defined: true, assigned: []int{0}, work: [][]operation{{reassign}, {unassign, anew}}},
		{defined: true, assigned: []int{0}, work: [][]operation{{unassign}, {unassign, anew}}},
		{defined: true, assigned: []int{0, 1}, work: [][]operation{{force}, {unassign}}},
		{defined: true, assigned: []int{0}, work: [][]operation{{updateOnce}, {unassign, anew}}},
		{defined: true, assigned: []int{0}, work: [][]operation{{updateOnce}, {updateAgain}}},
	}
	later := 2
	if setting(t, "AIRM_INTERLEAVINGS", 0) == 0 {
		pairs, later = pairs[:3], 1
	}
	var games []game
	var interruptions []int
	for _, g := range pairs {
		for at := 1; at <= 6; at++ {
			for kill := at + 1; kill <= at+later; kill++ {
				g.what = fmt.Sprintf("%s, interrupted after step %d by %s, killed at %d", g.work[0], at, g.work[1], kill)
				g.kill, g.killAt = 1, kill
				games, interruptions = append(games, g), append(interruptions, at)
			}
		}
	}
	number := atomic.Int64{}
	a.each(func(pool []*cluster.Clusters) {
		for i := number.Add(1) - 1; i < int64(len(games)); i = number.Add(1) - 1 {
			a.play(games[i], pool, func(able []*workspaceRun, _ *workspaceRun) *workspaceRun {
				first := able[0]
				if first.name == "A" && first.steps >= interruptions[i] {
					return able[len(able)-1]
				}
				return first
			})
		}
	})
}

func setting(t *testing.T, variable string, otherwise int) int {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	value, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %s", variable, err)
	}
	return value
}
