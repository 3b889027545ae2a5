// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
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

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// Several runs work on one organization secret at once, on a real API server. A scheduler lets
// exactly one of them go one step at a time, and kills some. Time is simulated: a run that waits for
// another one lets it pass.
//
// Without AIRM_INTERLEAVINGS only a few are played. With 1 it is some hundreds, for a few minutes; above
// it multiplies the random ones, and a run that is killed is followed by every other operation.
// AIRM_INTERLEAVINGS_SEED plays a single random one, and AIRM_INTERLEAVINGS_BOUND [1] is how many times
// one run may interrupt another one where all orders are played.

// world is one organization secret with those who work on it.
type world struct {
	*fixture
	secret string
	time   *simulatedTime
	actors []*workspaceRun
	events chan event
	ticks  int
	trace  []string
	stalls bool // a run may be asleep for longer than its lease

	definedBefore  bool
	assignedBefore []string
	lost           string // the project whose object another user had deleted
}

// workspaceRun is a run of Terraform in a workspace of its own: some operations, one after the other.
type workspaceRun struct {
	name     string
	registry *Registry
	work     []operation
	results  []operationResult

	killAt int // the number of the step at which it is killed, 0 for never
	steps  int
	killed bool
	at     string // the step that it is before; empty when it has finished
	turn   chan error
}

type operation struct {
	kind, project, content string
	owner                  string
	workspace              string // whose run it is
}

func (o operation) String() string {
	return strings.TrimSpace(o.kind + " " + o.project + o.content)
}

type operationResult struct {
	operation
	begin, end int
	err        error
}

func (r operationResult) succeeded() bool { return r.err == nil }

// may reports whether an operation may have had its will.
func (r operationResult) may() bool { return r.err == nil || errors.Is(r.err, errKilled) }

type event struct {
	actor *workspaceRun
	step  string
}

// simulatedTime is the clock, set forward by those who wait.
type simulatedTime struct{ ahead, jump atomic.Int64 }

// actorClock is what a run takes for the time of the API server, by the clock of its own machine; set forward with it.
type actorClock struct {
	*simulatedTime
	home *cluster.Cluster
}

func (c actorClock) now() time.Time { return c.home.Now().Add(time.Duration(c.ahead.Load())) }

func (s *simulatedTime) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

func (s *simulatedTime) sleep(ctx context.Context, _ time.Duration) error {
	s.ahead.Add(s.jump.Load())
	return ctx.Err()
}

// newWorld makes the organization secret as it is at the beginning: undefined, or defined and
// assigned to some projects.
func newWorld(f *fixture, pool []*cluster.Clusters, secret string, defined bool, assigned ...string) (*world, error) {
	w := &world{fixture: f, secret: secret, time: &simulatedTime{}, events: make(chan event), definedBefore: defined, assignedBefore: assigned}
	registry := w.registry(pool[0])
	ctx := context.Background()
	if !defined {
		return w, nil
	}
	if _, err := registry.Define(ctx, newDefinition(secret, "c0")); err != nil {
		return nil, err
	}
	for _, project := range assigned {
		if _, _, err := registry.assign(ctx, newAssignment(secret, project, "before")); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *world) registry(c *cluster.Clusters) *Registry {
	r, _ := New(c, w.platform, false)
	r.clock, r.parallel, r.waiting = actorClock{w.time, r.home}, 1, 1
	r.renewEvery = time.Hour // by real time; and a run that was killed renews nothing
	return r
}

func (w *world) add(c *cluster.Clusters, work ...operation) *workspaceRun {
	a := &workspaceRun{name: string(rune('A' + len(w.actors))), registry: w.registry(c), work: work, turn: make(chan error)}
	a.registry.beforeStep = func(_ context.Context, step string) error {
		if a.killed {
			return errKilled
		}
		w.events <- event{a, step}
		return <-a.turn
	}
	w.actors = append(w.actors, a)
	return a
}

func (a *workspaceRun) run(w *world) {
	for _, o := range a.work {
		if err := a.registry.step(context.Background(), "begin "+o.String()); err != nil {
			break
		}
		o.workspace = a.name
		began := w.ticks
		err := o.do(w, a.registry)
		if a.killed {
			err = errKilled // whatever it would have said
		}
		a.results = append(a.results, operationResult{operation: o, begin: began, end: w.ticks, err: err})
	}
	w.events <- event{a, ""}
}

func (o operation) do(w *world, r *Registry) error {
	ctx := context.Background()
	wanted, defined := newAssignment(w.secret, o.project, o.owner), newDefinition(w.secret, o.content)
	wanted.Owner, defined.Owner = "acme/"+o.workspace, "acme/"+o.workspace
	var err error
	switch o.kind {
	case "define":
		_, err = r.Define(ctx, defined)
	case "assign":
		_, _, err = r.assign(ctx, wanted)
	case "reassign":
		_, _, err = r.reassign(ctx, wanted)
	case "unassign":
		err = r.Unassign(ctx, w.secret, o.project, Known{})
	case "update":
		_, err = r.Update(ctx, defined, Known{}, FanOut{})
	case "delete":
		err = r.Delete(ctx, w.secret, Known{}, false)
	case "delete forced":
		err = r.Delete(ctx, w.secret, Known{}, true)
	}
	return err
}

const waitStep = "wait for another run"

// choice picks who goes next of those who can; last is who went before, nil if that one cannot.
type choice func(able []*workspaceRun, last *workspaceRun) *workspaceRun

// play lets the actors go, step by step, and checks after each that nothing is there unrecorded.
func (w *world) play(choose choice) error {
	for _, a := range w.actors {
		go a.run(w)
		w.await()
	}
	var last *workspaceRun
	for {
		able := w.able()
		if len(able) == 0 {
			return nil
		}
		if !slices.Contains(able, last) {
			last = nil
		}
		last = choose(able, last)
		w.ticks++
		step := last.at
		if err := w.let(last); err != nil {
			return err
		}
		if orphan := w.orphan(step); orphan != "" {
			return fmt.Errorf("%s is there without a record", orphan)
		}
		if w.ticks > 2000 {
			return errors.New("it never ends")
		}
	}
}

// able lists who can go on. Those who wait go on when all others wait too, or, with stalls, a few
// times before: then a run oversleeps its lease.
func (w *world) able() []*workspaceRun {
	var moving, all []*workspaceRun
	for _, a := range w.actors {
		if a.at == "" {
			continue
		}
		all = append(all, a)
		if a.at != waitStep {
			moving = append(moving, a)
		}
	}
	const longer = assignLease + leaseMargin + time.Second
	w.time.jump.Store(int64(longer))
	if len(moving) == 0 || w.stalls && time.Duration(w.time.ahead.Load()) < 3*longer {
		return all
	}
	return moving
}

// let lets an actor do one step, or kills it there: then it must not write any more.
func (w *world) let(a *workspaceRun) error {
	a.steps++
	w.trace = append(w.trace, a.name+" "+a.at)
	if a.steps != a.killAt {
		a.turn <- nil
		w.await()
		return nil
	}
	w.trace = append(w.trace, a.name+" is killed")
	before := w.versions()
	a.killed = true
	a.turn <- errKilled
	w.await()
	if a.at != "" {
		return fmt.Errorf("%s goes on after it was killed", a.name)
	}
	if after := w.versions(); after != before {
		return fmt.Errorf("%s wrote after it was killed: %s became %s", a.name, before, after)
	}
	return nil
}

func (w *world) await() {
	e := <-w.events
	e.actor.at = e.step
}

func (w *world) rows() []unstructured.Unstructured {
	return w.list(w.platform, "configmaps", airm.AssignmentSelector(w.secret))
}

func (w *world) objects() []unstructured.Unstructured {
	all := w.list("", esoResource, airm.CarriedSelector(w.secret))
	if w.east != nil {
		all = append(all, w.east.list("", esoResource, airm.CarriedSelector(w.secret))...)
	}
	return all
}

// records are all that belong to the organization secret.
func (w *world) records() []unstructured.Unstructured {
	return w.list(w.platform, "configmaps", airm.CarriedSelector(w.secret))
}

// versions returns what the runs have written. External Secrets Operator and the garbage collector write to the
// objects too, when it suits them: their status, their finalizers, defaults in the spec, and the end of one that is
// being deleted.
func (w *world) versions() string {
	var all []string
	for _, record := range w.records() {
		all = append(all, record.GetName()+"@"+record.GetResourceVersion())
	}
	for _, object := range w.objects() {
		if object.GetDeletionTimestamp() == nil {
			all = append(all, fmt.Sprintf("%s/%s %v %q %s",
				object.GetNamespace(), object.GetUID(), object.GetLabels(), contentOf(&object), lastWrite(&object)))
		}
	}
	return strings.Join(all, "\n")
}

// lastWrite is when the provider last changed an object, in seconds. What it owns in it says nothing: External Secrets
// Operator takes fields over.
func lastWrite(object *unstructured.Unstructured) string {
	for _, entry := range object.GetManagedFields() {
		if entry.Manager == airm.FieldManager {
			return entry.Time.String()
		}
	}
	return ""
}

// left names what is there still.
func (w *world) left() string {
	var all []string
	for _, item := range append(w.objects(), w.records()...) {
		all = append(all, item.GetNamespace()+"/"+item.GetName())
	}
	return strings.Join(all, ", ")
}

// orphan finds an object without a record, after a step that may have made one.
func (w *world) orphan(step string) string {
	if step != "assign: make object" && step != "assign: take row back" && step != "unassign: delete row" {
		return ""
	}
	objects := w.objects()
	if len(objects) == 0 {
		return ""
	}
	recorded := map[string]bool{}
	for _, row := range w.rows() {
		recorded[row.GetName()] = true
	}
	for _, object := range objects {
		if !recorded[airm.AssignmentRecordName(w.secret, object.GetNamespace())] {
			return object.GetNamespace() + "/" + object.GetName()
		}
	}
	return ""
}

// results are those of all actors; a killed operation counts as one.
func (w *world) results() []operationResult {
	var all []operationResult
	for _, a := range w.actors {
		all = append(all, a.results...)
	}
	return all
}

// check tests what must hold when no run is active any more and what was killed has been run again.
func (w *world) check(r *Registry) error {
	ctx := context.Background()
	for _, result := range w.results() {
		if !isExpected(result.err) {
			return fmt.Errorf("%s failed: %w", result.operation, result.err)
		}
	}
	defined, err := r.Definition(ctx, w.secret)
	if err != nil && !cluster.IsNotFound(err) {
		return err
	}
	rows, err := r.Rows(ctx, w.secret)
	if err != nil {
		return err
	}
	if objects := w.objects(); defined == nil && len(rows)+len(objects) > 0 {
		return fmt.Errorf("%d rows and %d objects are left without a definition", len(rows), len(objects))
	}
	if defined == nil {
		return w.checkContent("")
	}
	if defined.BeingDeleted() {
		return errors.New("it is marked as being deleted, and no run deletes it")
	}
	present := map[string]bool{}
	organization, err := r.store.Namespace(ctx, false)
	if err != nil {
		return err
	}
	for _, row := range rows {
		for _, where := range w.clustersOf(row.Project) {
			if err := w.checkCopy(where, row, defined, organization); err != nil {
				return fmt.Errorf("%s in %s %w", row.Project, where.name, err)
			}
		}
		present[row.Project] = true
	}
	for _, project := range w.projects {
		if err := w.checkPresence(project, present[project]); err != nil {
			return err
		}
	}
	key := defined.Definition.Spec["data"].([]any)[0].(map[string]any)["remoteRef"].(map[string]any)["key"]
	return w.checkContent(key.(string))
}

// checkCopy tests what must hold of an assignment in one cluster.
func (w *world) checkCopy(where *fixture, row *Row, defined *Definition, organization string) error {
	object := where.get(row.Project, esoResource, w.secret)
	again := w.succeeded("assign", row.Project)+w.succeeded("reassign", row.Project) > 0
	switch {
	case row.Phase != airm.Assigned:
		return fmt.Errorf("has a row that is left as %s (%s)", row.Phase, row.LastError)
	case row.LastError+where.copy(row).Error != "":
		return fmt.Errorf("has failed: %s", row.LastError+where.copy(row).Error)
	case object == nil && row.Project == w.lost && where == w.fixture && (!again || w.succeeded("unassign", row.Project) > 0):
		return nil // no run had to make it again; if one had to, checkPresence is of no help
	case object == nil || object.GetDeletionTimestamp() != nil:
		return errors.New("is recorded as assigned, but has no object")
	case where.copy(row).UID != string(object.GetUID()):
		return errors.New("has a row of another object")
	}
	if drift := eso.Drift(eso.AssignedObject(defined.OrganizationSecret, row.Assignment, organization), object.Object); len(drift) > 0 {
		return fmt.Errorf("is not as the definition says: %s", drift)
	}
	if object.GetLabels()["by"] != row.OwnerID {
		return fmt.Errorf("is of owner %s, its row of %s", object.GetLabels()["by"], row.OwnerID)
	}
	return nil
}

// succeeded counts the operations of a kind that succeeded.
func (w *world) succeeded(kind, project string) int {
	count := 0
	for _, r := range w.results() {
		if r.kind == kind && r.project == project && r.succeeded() {
			count++
		}
	}
	return count
}

// isExpected reports whether an error is a refusal, which the game allows, and no failure.
func isExpected(err error) bool {
	var refused *Error
	return err == nil || errors.Is(err, errKilled) || errors.Is(err, ErrAssigned) || cluster.IsAlreadyExists(err) || errors.As(err, &refused)
}

// start stands for what was there before everything else.
var start = operationResult{operation: operation{kind: "start"}, begin: -1, end: -1}

// checkPresence tests that a project has the secret only if a run assigned it, and no run has
// unassigned it since; and the other way round.
func (w *world) checkPresence(project string, present bool) error {
	gives, takes := []operationResult{}, []operationResult{}
	if slices.Contains(w.assignedBefore, project) {
		gives = append(gives, start)
	} else {
		takes = append(takes, start)
	}
	for _, r := range w.results() {
		switch {
		case (r.kind == "assign" || r.kind == "reassign") && r.project == project && r.may():
			gives = append(gives, r)
		case r.kind == "unassign" && r.project == project, r.kind == "delete forced":
			takes = append(takes, r)
		}
	}
	if w.succeeded("assign", project) > len(takes) {
		return fmt.Errorf("two runs reported that they had assigned %s", project)
	}
	if present && !latest(gives, takes) {
		return fmt.Errorf("%s was unassigned, and has it again", project)
	}
	if !present && !latest(takes, gives) {
		return fmt.Errorf("%s was assigned, and has lost it", project)
	}
	return nil
}

// latest reports whether one of these may have been the last to have its will: no other one that
// succeeded began after its end.
func latest(these, others []operationResult) bool {
	return slices.ContainsFunc(these, func(this operationResult) bool {
		return !slices.ContainsFunc(others, func(other operationResult) bool { return other.succeeded() && other.begin > this.end })
	})
}

// checkContent tests that the definition is one that no run has replaced since; empty: there is none.
func (w *world) checkContent(content string) error {
	var these, others []operationResult
	sort := func(r operationResult, itsContent string) {
		if itsContent == content {
			these = append(these, r)
		} else {
			others = append(others, r)
		}
	}
	if w.definedBefore {
		sort(start, "c0")
	} else {
		sort(start, "")
	}
	for _, r := range w.results() {
		switch r.kind {
		case "define", "update":
			sort(r, r.content)
		case "delete", "delete forced":
			sort(r, "")
		}
	}
	if !latest(these, others) {
		return fmt.Errorf("the definition is %q, which a run has replaced", content)
	}
	return nil
}

// rerun does again what was killed, or reported a failure that it recorded, as the next run of that
// workspace would, and then what the next
// run of the organization secret's own workspace does: it brings all objects to the definition.
// If no run was killed, nothing needs to be done.
func (w *world) rerun(c *cluster.Clusters) error {
	r := w.registry(c)
	anyRerun := false
	for _, a := range w.actors {
		if len(a.results) == 0 {
			continue
		}
		last := a.results[len(a.results)-1]
		if !a.killed && (last.kind != "reassign" || last.err == nil) {
			continue
		}
		anyRerun = true
		o := last.operation
		w.ticks++
		began := w.ticks
		err := o.do(w, r)
		w.ticks++
		w.trace = append(w.trace, fmt.Sprintf("again: %s: %v", o, err))
		a.results = append(a.results, operationResult{operation: o, begin: began, end: w.ticks, err: err})
	}
	if !anyRerun {
		return nil
	}
	ctx := context.Background()
	defined, err := r.Definition(ctx, w.secret)
	if cluster.IsNotFound(err) {
		return nil
	}
	if err == nil {
		_, err = r.Update(ctx, defined.OrganizationSecret, Known{}, FanOut{})
	}
	return err
}

// destroy removes everything, as the workspaces would, and tests that nothing is left. Without a
// definition, the assignments are destroyed.
func (w *world) destroy(c *cluster.Clusters) error {
	r := w.registry(c)
	ctx := context.Background()
	_, err := r.Definition(ctx, w.secret)
	if cluster.IsNotFound(err) {
		for _, project := range w.projects {
			if err := r.Unassign(ctx, w.secret, project, Known{}); err != nil {
				return err
			}
		}
	}
	if err := r.Delete(ctx, w.secret, Known{}, true); err != nil {
		return err
	}
	if left := w.left(); left != "" {
		return fmt.Errorf("after everything was destroyed there is still %s", left)
	}
	return nil
}

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
