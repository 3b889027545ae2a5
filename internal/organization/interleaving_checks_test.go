// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// results returns those of all runs; a killed operation counts as one.
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
	organization, err := r.store.Namespace(ctx)
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
	if err := r.ForceDelete(ctx, w.secret, Known{}); err != nil {
		return err
	}
	if left := w.left(); left != "" {
		return fmt.Errorf("after everything was destroyed there is still %s", left)
	}
	return nil
}
