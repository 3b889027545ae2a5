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
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

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
		run.failsIn = failsIn
	}
	wanted := copiesOf(runs)
	taken := listTakenNames(ctx, definition.Definition.Spec, wanted)
	cluster.ForEachIn(a.parallel, wanted, func(c *runCopy) *cluster.Cluster { return c.Cluster }, func(c *runCopy) {
		object, unseen, err := a.makeObject(ctx, c, definition, taken, organization)
		var held *heldBack
		switch {
		case errors.As(err, &held):
			c.object, c.held = held.live, held.Error()
		case err != nil:
			c.failed = err
		default:
			c.object, c.unseen = object, unseen
		}
	})
	for _, run := range runs {
		if failed := run.failures(); len(failed) == len(run.copies) {
			run.err = joinErrors("Cannot assign "+run.row.ID(), failed)
		}
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
	ctx context.Context, c *runCopy, definition *Definition, taken takenNames, organization string,
) (*unstructured.Unstructured, string, error) {
	ctx, cancel := a.until(ctx, c.row.Until)
	defer cancel()
	if err := a.step(ctx, "assign: make object"); err != nil {
		return nil, "", err
	}
	if err := a.checkLease(c); err != nil {
		return nil, "", err
	}
	if c.again { // it is there, most likely
		live, err := c.Get(ctx, c.row.Ref())
		if err == nil {
			return a.rewrite(ctx, c, live, taken, organization)
		}
		if !cluster.IsNotFound(err) {
			return nil, "", err
		}
		c.mayExist = false
	}
	unseen, err := c.assignmentTarget().checkTarget(ctx, definition.Definition.Spec, nil, taken)
	if err != nil {
		return nil, "", err
	}
	write := a.writer.objectWrite(c.assignmentTarget(), nil, c.sent)
	write.Reclaim = func(ctx context.Context, w *objects.Write) error {
		before := c.mayExist
		c.mayExist = true
		live, err := c.Get(ctx, c.row.Ref())
		if err != nil {
			return nil //nolint:nilerr // the error is that it exists, then
		}
		c.mayExist, w.Live = before, live
		unseen, err = a.reclaim(ctx, c, live, taken, organization)
		return err
	}
	written, err := write.Do(ctx)
	return written.Object, unseen, err
}

// checkLease refuses to write after the end of the lease: another run may have taken the row over.
func (a *assigner) checkLease(c *runCopy) error {
	if !a.clock.now().After(c.row.Until) {
		return nil
	}
	return refuse(fmt.Sprintf("Cannot assign %s", c.row.ID()),
		"This run did not get to cluster %q within %s, so nothing was created there. Apply again.", c.Name(), assignLease)
}

// rewrite writes to an existing object, if it may be reclaimed.
func (a *assigner) rewrite(
	ctx context.Context, c *runCopy, live *unstructured.Unstructured, taken takenNames, organization string,
) (*unstructured.Unstructured, string, error) {
	unseen, err := a.reclaim(ctx, c, live, taken, organization)
	if err != nil {
		return nil, "", err
	}
	written, err := a.writer.objectWrite(c.assignmentTarget(), live, c.sent).Do(ctx)
	return written.Object, unseen, err
}

// reclaim refuses an existing object, unless an earlier run of this very assignment made it. It returns the target Secret as
// unseen if the user was not allowed to check for it.
func (a *assigner) reclaim(
	ctx context.Context, c *runCopy, live *unstructured.Unstructured, taken takenNames, organization string,
) (unseen string, err error) {
	isCopy := c.row.IsCopy(live.Object, c.id, organization)
	if others := c.assignmentTarget().refuseOthers(live, organization); !isCopy && others != nil {
		return "", others // unless an earlier run may have made it, and its annotation was edited, there is none of ours
	}
	c.mayExist = isCopy || airm.HasLabel(live.Object) || airm.HasMark(live.Object)
	if !isCopy {
		return "", refuse(fmt.Sprintf("%s already exists", c.row.Ref()),
			"Project %q in cluster %q has an ExternalSecret of that name that does not belong to the organization secret. It was not changed, and nothing was assigned. Delete it, or give the organization secret another name.", c.row.Project, c.Name())
	}
	if live.GetDeletionTimestamp() != nil {
		return "", refuse(fmt.Sprintf("%s is still being deleted", c.row.Ref()),
			"In cluster %q, the project's earlier copy is not deleted yet. %s Apply again after the deletion.", c.Name(), c.ExplainDeletion(ctx, live))
	}
	desired := jsonvalue.MapAt(c.sent, "spec")
	if c.again && len(eso.SpecDifferences(airm.KindExternalSecret, desired, jsonvalue.MapAt(live.Object, "spec"))) > 0 {
		if project := c.failsIn(); project != "" {
			return "", &heldBack{live: live, project: project}
		}
	}
	return c.assignmentTarget().checkTarget(ctx, desired, live, taken)
}

// heldBack means that a copy stays as it is, because the definition fails where it was tried.
type heldBack struct {
	live    *unstructured.Unstructured
	project string
}

func (h *heldBack) Error() string {
	return fmt.Sprintf("The copy was not changed: the new definition of the organization secret fails in project %q, where it was applied first. Correct the organization secret and apply it.", h.project)
}
