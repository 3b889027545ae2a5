// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// This file is about assignments whose project is gone, or whose project's name belongs to another project now. The record keeps
// AIRM's ID of the project that it was made for.

// isAnotherProject reports whether two ids of projects differ. An empty one is none.
func isAnotherProject(one, other string) bool { return one != "" && other != "" && one != other }

func anotherProject(a airm.Assignment, expected, found string) error {
	return refuse(fmt.Sprintf("%q is the name of another project now", a.Project),
		"Assignment %s is for the project with the ID %s. The namespace of that name now belongs to the project with the ID %s, which may be another team's, so nothing was written there. Plan again. If the plan shows the change of the project ID, apply it to assign the secret to this project; if not, select the clusters of the intended project with the argument clusters. If this project must not have the secret, remove the assignment.", a.ID(), expected, found)
}

// explainGone adds, to the error of an assignment whose project is gone, how to end it.
func explainGone(a airm.Assignment, err error) error {
	if !errors.Is(err, cluster.ErrNoProject) || errors.Is(err, cluster.ErrNotSelected) {
		return err
	}
	var failed *cluster.Error
	if !errors.As(err, &failed) {
		return err
	}
	return &Error{Summary: failed.Summary, causes: []error{err}, Detail: failed.Detail + fmt.Sprintf(
		" If the project no longer exists, remove assignment %s: the destroy works without the project.", a.ID())}
}

// lostProject returns why an assignment has no copy any more: its project is gone. It is empty if that is not certain: each cluster that
// had a copy must say now that the namespace is gone. An assignment that was never placed has lost nothing.
func (l *locator) lostProject(ctx context.Context, row *Row) string {
	if !row.HasCopy() {
		return ""
	}
	located := l.locateCopies(ctx, row)
	if len(located.unavailable) > 0 || len(located.unconfigured) > 0 || l.waitsElsewhere(row) {
		return ""
	}
	var where []string
	for _, c := range l.clusters.All() { // it may have come to another one
		had := slices.ContainsFunc(located.targets, func(t target) bool { return t.Cluster == c })
		if !had && !row.wants(ctx, c) {
			continue
		}
		if gone, err := c.NamespaceGone(ctx, row.Project); err != nil || !gone {
			return ""
		}
		if had {
			where = append(where, c.Name())
		}
	}
	return fmt.Sprintf("Project %q does not exist any more: its namespace was deleted (cluster %s), and the secret with it. Applying the assignment fails until a project of that name exists; destroying it works.", row.Project, strings.Join(where, ", "))
}

// waitsElsewhere reports whether the assignment is still to be placed in a cluster that is not configured here.
func (l *locator) waitsElsewhere(row *Row) bool {
	for name := range row.Waiting {
		if l.clusters.Named(name) == nil {
			return true
		}
	}
	return false
}

// wants reports whether an assignment belongs into a cluster that holds its project. A cluster whose identity cannot be read counts
// by its name.
func (r *Row) wants(ctx context.Context, c *cluster.Cluster) bool {
	id, err := c.ID(ctx)
	if _, named := r.Only[c.Name()]; named && (err != nil || id == "") {
		return true
	}
	return r.Includes(id, c.Name())
}

// choosesClusters reports whether an assignment is for other clusters than its row. That says which project is meant if several have
// the name.
func choosesClusters(wanted, row airm.Assignment) bool {
	names := func(only map[string]string) []string { return slices.Sorted(maps.Keys(only)) }
	return len(wanted.Only) > 0 && !slices.Equal(names(wanted.Only), names(row.Only)) // all clusters is no choice
}

// noteProject records which project has the name now.
func (a *AssignmentStatus) noteProject(ctx context.Context, s *statusReader, holds cluster.ProjectClusters) {
	a.ProjectNow = holds.ProjectID(func(c *cluster.Cluster) bool { return a.wants(ctx, c) })
	if !isAnotherProject(a.ProjectID, a.ProjectNow) {
		return
	}
	a.UpToDate, a.Lost = false, a.HasCopy() && !s.reader.waitsElsewhere(a.Row)
	for _, copied := range a.Copies {
		if copied.Object != nil || copied.In == nil { // an unavailable cluster may still have it
			a.Lost = false
			continue
		}
		copied.Sync = eso.Sync{Status: airm.SyncedError, Reason: fmt.Sprintf(
			"The secret was assigned to the project with the ID %s, and this project does not have it. %q is now the name of the project with the ID %s, which may be another team's. The plan shows the change; applying the assignment gives the secret to this project.", a.ProjectID, a.Project, a.ProjectNow)}
	}
}

// summarizeMissing is for an assignment of which no cluster has a copy: its project may be gone, or another one has the name.
func (a *AssignmentStatus) summarizeMissing(ctx context.Context, s *statusReader) {
	holds, err := s.findWanted(ctx, a.Row)
	if err == nil {
		a.noteProject(ctx, s, holds)
		return
	}
	if cluster.IsUnavailable(err) || cluster.IsUnconfigured(err) {
		a.addUnknownProject(err)
		return
	}
	nowhere := &CopyStatus{Project: a.Project, Sync: eso.Sync{Status: airm.Failed, Reason: cluster.ErrorText(err)}}
	if len(s.states) == 1 {
		nowhere.Cluster = s.states[0].Name()
	}
	if why := s.reader.lostProject(ctx, a.Row); why != "" {
		a.Lost, a.ProjectGone, nowhere.Sync.Reason = true, true, why
	}
	a.Copies = []*CopyStatus{nowhere}
}

// addUnknownProject is for an assignment that has no copy in a cluster that answers, while others may have the project now.
func (a *AssignmentStatus) addUnknownProject(err error) {
	if len(a.Copies) > 0 {
		return
	}
	a.Unavailable = true
	a.Copies = []*CopyStatus{{Project: a.Project, Sync: eso.Sync{Status: airm.SyncedError, Reason: fmt.Sprintf(
		"Project %q is in none of the clusters that are available, and it is unknown whether another one has it. %s", a.Project, cluster.ErrorText(err))}}}
}

// summarizeRemoval is for a removal that failed: if the project is gone, only the record is left to delete.
func (a *AssignmentStatus) summarizeRemoval(ctx context.Context, s *statusReader) {
	open := func(copied *CopyStatus) bool {
		return copied.In == nil || copied.Object != nil || copied.Sync.Status != airm.DeleteFailed
	}
	if a.Phase == airm.Unassigning && !slices.ContainsFunc(a.Copies, open) && s.reader.lostProject(ctx, a.Row) != "" {
		a.Lost, a.ProjectGone = true, true
	}
}

// lostRows returns the assignments that have lost their project. It is an error that there are others: the secret is still assigned.
func (d *deleter) lostRows(ctx context.Context, definition *Definition, rows []*Row) ([]*Row, error) {
	var lost, assigned []*Row
	for _, asked := range cluster.Gather(d.parallel, rows, func(row *Row) (bool, error) { return d.lostProject(ctx, row) != "", nil }) {
		if asked.Value {
			lost = append(lost, asked.Item)
		} else {
			assigned = append(assigned, asked.Item)
		}
	}
	if ctx.Err() != nil { // not all were asked
		return nil, ctx.Err()
	}
	if len(assigned) > 0 {
		return nil, stillAssigned(definition, assigned)
	}
	return lost, nil
}

// deleteRowOfGoneProject deletes the record of an assignment whose project is gone. No object is deleted: a project that came back
// before the record was marked keeps the secret.
func (d *deleter) deleteRowOfGoneProject(ctx context.Context, definition *Definition, row *Row) error {
	marked, err := d.remover.markRow(ctx, row.Secret, row.Project, Known{}, nil)
	if cluster.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if d.lostProject(ctx, marked) != "" {
		return d.deleteRow(ctx, marked)
	}
	return d.record(ctx, marked, stillAssigned(definition, []*Row{marked}), func(kept *airm.Assignment) {
		if row.Phase != airm.Unassigning {
			kept.Phase, kept.Until = airm.Assigned, noTime
		}
	})
}
