// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// world is one organization secret with the runs that work on it.
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
	r, _ := New(c, w.platform, Options{})
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
		err = r.Delete(ctx, w.secret, Known{})
	case "delete forced":
		err = r.ForceDelete(ctx, w.secret, Known{})
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
