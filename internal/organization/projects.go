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

// What becomes of assignments whose project is gone, or whose name is another project's now. The record keeps AIRM's id of the
// project that it was made for.

// isAnotherProject reports whether two ids of projects differ. An empty one is none.
func isAnotherProject(one, other string) bool { return one != "" && other != "" && one != other }

func anotherProject(a airm.Assignment, expected, found string) error {
	return refuse(fmt.Sprintf("%q is the name of another project now", a.Project),
		"Assignment %s is for the project with the id %s. The namespace of that name belongs to the project with the id %s, perhaps another team's, so nothing was written there. "+
			"Plan again: the plan shows the change of the project's id, and applying that gives the secret to this project; where it shows none, name in clusters those of the project that is meant. "+
			"If it is not to have it, remove the assignment.", a.ID(), expected, found)
}

// explainGone adds to the error of an assignment that exists, and whose project does not, how to end it.
func explainGone(a airm.Assignment, err error) error {
	if !errors.Is(err, cluster.ErrNoProject) || errors.Is(err, cluster.ErrNotSelected) {
		return err
	}
	var failed *cluster.Error
	if !errors.As(err, &failed) {
		return err
	}
	return &Error{Summary: failed.Summary, causes: []error{err}, Detail: failed.Detail + fmt.Sprintf(
		" If it is gone for good, remove assignment %s: destroying it needs no project.", a.ID())}
}

// lostProject says why an assignment has no copy any more: its project is gone. It is empty where that is not certain: each
// cluster that had a copy must say itself, now, that the namespace is gone. One that was never placed has lost nothing.
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
	return fmt.Sprintf("Project %q is gone: its namespace does not exist any more (cluster %s), and the secret went with it. "+
		"Applying the assignment fails until there is a project of that name; destroying it works.", row.Project, strings.Join(where, ", "))
}

// waitsElsewhere reports whether the assignment is still to come to a cluster that is not configured here.
func (l *locator) waitsElsewhere(row *Row) bool {
	for name := range row.Waiting {
		if l.clusters.Named(name) == nil {
			return true
		}
	}
	return false
}

// wants reports whether an assignment belongs into a cluster that holds its project. One that does not say who it is counts by
// its name.
func (r *Row) wants(ctx context.Context, c *cluster.Cluster) bool {
	id, err := c.ID(ctx)
	if _, named := r.Only[c.Name()]; named && (err != nil || id == "") {
		return true
	}
	return r.Includes(id, c.Name())
}

// choosesClusters reports whether an assignment is for other clusters than its row, which says which project is meant where a
// name is that of several.
func choosesClusters(wanted, row airm.Assignment) bool {
	names := func(only map[string]string) []string { return slices.Sorted(maps.Keys(only)) }
	return len(wanted.Only) > 0 && !slices.Equal(names(wanted.Only), names(row.Only)) // all clusters is no choice
}

// noteProject notes which project has the name now.
func (a *AssignmentStatus) noteProject(ctx context.Context, s *statusReader, holds cluster.ProjectClusters) {
	a.ProjectNow = holds.ProjectID(func(c *cluster.Cluster) bool { return a.wants(ctx, c) })
	if !isAnotherProject(a.ProjectID, a.ProjectNow) {
		return
	}
	a.UpToDate, a.Lost = false, a.HasCopy() && !s.reader.waitsElsewhere(a.Row)
	for _, its := range a.Copies {
		if its.Object != nil || its.In == nil { // a cluster that cannot be asked may have it still
			a.Lost = false
			continue
		}
		its.Sync = eso.Sync{Status: airm.SyncedError, Reason: fmt.Sprintf(
			"The secret was assigned to the project with the id %s, and is not here. %q is now the name of the project with the id %s, perhaps another team's. "+
				"Applying the assignment gives the secret to this project, which the plan shows.", a.ProjectID, a.Project, a.ProjectNow)}
	}
}

// concludeNowhere is for an assignment of which no cluster has a copy: its project may be nowhere, or another one.
func (a *AssignmentStatus) summarizeMissing(ctx context.Context, s *statusReader) {
	holds, err := s.find(ctx, a.Row)
	if err == nil {
		a.noteProject(ctx, s, holds)
		return
	}
	if isUnavailable(err) {
		return
	}
	nowhere := &CopyStatus{Project: a.Project, Sync: eso.Sync{Status: airm.Failed, Reason: errorText(err)}}
	if len(s.states) == 1 {
		nowhere.Cluster = s.states[0].Name()
	}
	if why := s.reader.lostProject(ctx, a.Row); why != "" {
		a.Lost, a.ProjectGone, nowhere.Sync.Reason = true, true, why
	}
	a.Copies = []*CopyStatus{nowhere}
}

// concludeRemoval is for a removal that failed: it is done, but for the record, where the project is gone.
func (a *AssignmentStatus) summarizeRemoval(ctx context.Context, s *statusReader) {
	open := func(its *CopyStatus) bool {
		return its.In == nil || its.Object != nil || its.Sync.Status != airm.DeleteFailed
	}
	if a.Phase == airm.Unassigning && !slices.ContainsFunc(a.Copies, open) && s.reader.lostProject(ctx, a.Row) != "" {
		a.Lost, a.ProjectGone = true, true
	}
}

// lostRows returns the assignments that have lost their project. Where there are others, the secret is still assigned.
func (d *deleter) lostRows(ctx context.Context, definition *Definition, rows []*Row) ([]*Row, error) {
	var lost, assigned []*Row
	for _, row := range rows {
		if d.lostProject(ctx, row) != "" {
			lost = append(lost, row)
		} else {
			assigned = append(assigned, row)
		}
	}
	if len(assigned) > 0 {
		return nil, stillAssigned(definition, assigned)
	}
	return lost, nil
}

// deleteRowOfGoneProject removes the record of an assignment whose project is gone. Nothing is deleted in any project: one that came back
// before the record was marked keeps the secret.
func (d *deleter) deleteRowOfGoneProject(ctx context.Context, definition *Definition, row *Row) error {
	marked, err := d.remover.markRow(ctx, row.Secret, row.Project, Known{})
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
