// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// runTarget is a cluster where the object of an assignment is to be made.
type runTarget struct {
	*assignRun
	target
}

// assignmentTarget returns the target as checkTarget and write take it.
func (t runTarget) assignmentTarget() assignmentTarget { return assignmentTarget{t.target, t.row} }

// runTargets returns the targets of all runs.
func runTargets(runs []*assignRun) []runTarget {
	var all []runTarget
	for _, run := range runs {
		for _, t := range run.targets {
			all = append(all, runTarget{run, t})
		}
	}
	return all
}

// makeObjects makes the objects that rows stand for, within their leases: later, other runs may delete the rows or take them over. A
// run for which no object could be made ends with the reasons.
func (a *assigner) makeObjects(ctx context.Context, runs []*assignRun, organization string) {
	if len(runs) == 0 {
		return
	}
	definition, err := a.definitionToAssign(ctx, runs)
	if err != nil {
		endAll(runs, err)
		return
	}
	failsIn := sync.OnceValue(func() string { return a.updater.rollout(definition, organization, FanOut{}).failsIn(ctx) })
	for _, run := range runs {
		run.sent = eso.AssignedObject(definition.OrganizationSecret, run.row.Assignment, organization)
		run.objects, run.failed = map[string]*unstructured.Unstructured{}, map[string]error{}
		run.unseen, run.held = map[string]string{}, map[string]string{}
		run.failsIn = failsIn
	}
	targets := runTargets(runs)
	taken := listTakenNames(ctx, definition.Definition.Spec, targets)
	results := cluster.Gather(a.parallel, targets, func(t runTarget) (made madeObject, err error) {
		made.object, made.unseen, err = a.makeObject(ctx, t, definition, taken, organization)
		return made, err
	})
	for _, done := range results {
		done.Item.noteMade(done.Value, done.Err)
	}
	for _, run := range runs {
		if len(run.objects) == 0 {
			run.err = joinErrors("Cannot assign "+run.row.ID(), run.failed)
		}
	}
}

// madeObject is an object that was made. Unseen is the target Secret if the user was not allowed to check for it.
type madeObject struct {
	object *unstructured.Unstructured
	unseen string
}

// noteMade records the outcome for one target.
func (t runTarget) noteMade(made madeObject, err error) {
	var held *heldBack
	switch {
	case errors.As(err, &held):
		t.objects[t.id], t.held[t.id] = held.live, held.Error()
	case err != nil:
		t.failed[t.id] = err
	default:
		t.objects[t.id], t.unseen[t.id] = made.object, made.unseen
	}
}

func (a *assigner) definitionToAssign(ctx context.Context, runs []*assignRun) (*Definition, error) {
	ctx, cancel := a.until(ctx, runs[0].row.Until)
	defer cancel()
	if err := a.step(ctx, "assign: read definition"); err != nil {
		return nil, err
	}
	return a.usableDefinition(ctx, runs[0].row.Secret)
}

// makeObject makes one object. It returns the target Secret as unseen if the user was not allowed to check for it.
func (a *assigner) makeObject(
	ctx context.Context, t runTarget, definition *Definition, taken takenNames, organization string,
) (*unstructured.Unstructured, string, error) {
	ctx, cancel := a.until(ctx, t.row.Until)
	defer cancel()
	if err := a.step(ctx, "assign: make object"); err != nil {
		return nil, "", err
	}
	if err := a.checkLease(t); err != nil {
		return nil, "", err
	}
	if t.again { // it is there, most likely
		live, err := t.Get(ctx, t.row.Ref())
		if err == nil {
			return a.rewrite(ctx, t, live, taken, organization)
		}
		if !cluster.IsNotFound(err) {
			return nil, "", err
		}
	}
	unseen, err := t.assignmentTarget().checkTarget(ctx, definition.Definition.Spec, nil, taken)
	if err != nil { // unless it is that of the object itself, from an earlier run
		if live, getErr := t.Get(ctx, t.row.Ref()); getErr == nil {
			return a.rewrite(ctx, t, live, taken, organization)
		}
		return nil, "", err
	}
	write := a.writer.objectWrite(t.assignmentTarget(), nil, t.sent)
	write.Reclaim = func(ctx context.Context, w *objects.Write) error {
		live, err := t.Get(ctx, t.row.Ref())
		if err != nil {
			return nil //nolint:nilerr // the error is that it exists, then
		}
		w.Live = live
		unseen, err = a.reclaim(ctx, t, live, taken, organization)
		return err
	}
	written, err := write.Do(ctx)
	return written.Object, unseen, err
}

// checkLease refuses to write after the end of the lease: another run may have taken the row over.
func (a *assigner) checkLease(t runTarget) error {
	if !a.clock.now().After(t.row.Until) {
		return nil
	}
	return refuse(fmt.Sprintf("Cannot assign %s", t.row.ID()),
		"Cluster %q did not answer within %s, so nothing was created. Apply again.", t.Name(), assignLease)
}

// rewrite writes to an existing object, if it may be reclaimed.
func (a *assigner) rewrite(
	ctx context.Context, t runTarget, live *unstructured.Unstructured, taken takenNames, organization string,
) (*unstructured.Unstructured, string, error) {
	unseen, err := a.reclaim(ctx, t, live, taken, organization)
	if err != nil {
		return nil, "", err
	}
	written, err := a.writer.objectWrite(t.assignmentTarget(), live, t.sent).Do(ctx)
	return written.Object, unseen, err
}

// reclaim refuses an existing object, unless an earlier run of this very assignment made it. It returns the target Secret as
// unseen if the user was not allowed to check for it.
func (a *assigner) reclaim(
	ctx context.Context, t runTarget, live *unstructured.Unstructured, taken takenNames, organization string,
) (unseen string, err error) {
	if !t.row.IsCopy(live.Object, t.id, organization) {
		return "", refuse(fmt.Sprintf("%s already exists", t.row.Ref()),
			"Project %q in cluster %q has an ExternalSecret of that name that does not belong to the organization secret. It was not changed, and nothing was assigned. Delete it, or give the organization secret another name.", t.row.Project, t.Name())
	}
	if live.GetDeletionTimestamp() != nil {
		return "", refuse(fmt.Sprintf("%s is still being deleted", t.row.Ref()),
			"In cluster %q, the project's earlier copy is not deleted yet. %s Apply again after the deletion.", t.Name(), t.ExplainDeletion(ctx, live))
	}
	desired, _ := t.sent["spec"].(map[string]any)
	if t.again && len(eso.SpecDifferences(airm.KindExternalSecret, desired, nestedMap(live, "spec"))) > 0 {
		if project := t.failsIn(); project != "" {
			return "", &heldBack{live: live, project: project}
		}
	}
	return t.assignmentTarget().checkTarget(ctx, desired, live, taken)
}

// heldBack means that a copy stays as it is, because the definition fails where it was tried.
type heldBack struct {
	live    *unstructured.Unstructured
	project string
}

func (h *heldBack) Error() string {
	return fmt.Sprintf("The copy was not changed: the new definition of the organization secret fails in project %q, where it was applied first. Correct the organization secret and apply it.", h.project)
}

func nestedMap(object *unstructured.Unstructured, field string) map[string]any {
	below, _ := object.Object[field].(map[string]any)
	return below
}
