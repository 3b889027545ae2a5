// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// statusReader computes the state of assignments from what the clusters have.
type statusReader struct {
	reader       *Reader
	organization string
	now          time.Time
	states       []clusterState
	where        projectLocator
}

func (r *Reader) statusReader(ctx context.Context, organization string, states []clusterState, rows int) *statusReader {
	s := &statusReader{reader: r, organization: organization, now: r.steps.clock.now(), states: states}
	if rows > 1 && len(r.clusters.All()) > 1 {
		s.where = r.clusters.ProjectLocator(ctx, nil)
	} else {
		s.where = func(ctx context.Context, project string) (cluster.ProjectClusters, error) {
			return r.clusters.LocateProjectCached(ctx, project, nil)
		}
	}
	return s
}

func (s *statusReader) readSecret(ctx context.Context, definition *Definition, rows []*Row) *SecretStatus {
	secret := &SecretStatus{Definition: definition, Health: Health{UpToDate: !definition.BeingDeleted() && definition.isLabelled()}}
	var statuses []airm.Status
	unknown := false
	for _, row := range rows {
		assignment := s.readAssignment(ctx, definition, row)
		unknown = unknown || assignment.Unknown
		secret.Assignments = append(secret.Assignments, assignment)
		secret.Unavailable = secret.Unavailable || assignment.Unavailable
		secret.UpToDate = secret.UpToDate && row.isLabelled()
		for _, copied := range assignment.Copies {
			secret.UpToDate = secret.UpToDate && (copied.current || copied.Object == nil || copied.isTerminating() || row.Phase == airm.Unassigning)
		}
		if !assignment.Unknown && !assignment.Lost {
			statuses = append(statuses, assignment.Status)
		}
	}
	slices.SortFunc(secret.Assignments, func(a, b *AssignmentStatus) int { return strings.Compare(a.Project, b.Project) })
	secret.Status = airm.Aggregate(statuses)
	if definition.BeingDeleted() {
		secret.Status = airm.AggregateDeleting(statuses)
	}
	if secret.Unknown = len(statuses) == 0 && unknown && !definition.BeingDeleted(); secret.Unknown {
		secret.Status = airm.Pending
	}
	if secret.Status == airm.Deleting && definition.BeingDeleted() && s.now.After(definition.DeletingUntil) {
		secret.Status = airm.DeleteFailed // the run that deleted it did not finish
	}
	return secret
}

// readAssignment returns the state of one assignment, in all its clusters.
func (s *statusReader) readAssignment(ctx context.Context, definition *Definition, row *Row) *AssignmentStatus {
	assignment := &AssignmentStatus{Row: row, Health: Health{UpToDate: row.Phase == airm.Assigned && row.LastError == "" && row.isLabelled()}}
	assignment.Spec = definition.Definition.Spec
	seen := map[string]bool{}
	holds := s.locateProject(ctx, assignment)
	for _, state := range s.states {
		id, err := "", state.err
		if err == nil {
			id, err = s.reader.identify(ctx, state.Cluster, row.Assignment)
		}
		if err != nil {
			assignment.addUnavailable(state, err, s.now)
			continue
		}
		seen[id] = true
		object := state.objects[row.Ref()]
		if object != nil && !row.IsCopy(object.Object, id, s.organization) {
			object = nil // it is not the copy
		}
		_, recorded := row.Copies[id]
		belongs := row.Phase != airm.Unassigning && row.Includes(id, state.Name()) && holds(state.Cluster)
		switch {
		case object == nil && !belongs && !recorded:
		case object == nil && !belongs && row.Phase != airm.Unassigning && len(s.states) > 1:
			assignment.UpToDate = false // the project has left: the record is to be corrected
		default:
			assignment.add(s.copy(definition, row, state, id, object), belongs && recorded)
			s.traceDrift(ctx, definition, row, state, object)
		}
	}
	assignment.addUnconfigured(s.states, seen)
	assignment.checkWaiting(s.states)
	assignment.summarize(ctx, s)
	return assignment
}

func (s *statusReader) traceDrift(
	ctx context.Context, definition *Definition, row *Row, state clusterState, object *unstructured.Unstructured,
) {
	if object != nil {
		logging.TraceDrift(ctx, state.Name(), airm.KindExternalSecret, row.Ref().ID(), func() []jsonvalue.Path {
			return eso.CopyDrift(eso.AssignedObject(definition.OrganizationSecret, row.Assignment, s.organization), object.Object)
		})
	}
}

// copy returns the state of an assignment in an available cluster.
func (s *statusReader) copy(
	definition *Definition, row *Row, state clusterState, id string, object *unstructured.Unstructured,
) *CopyStatus {
	copied := &CopyStatus{Project: row.Project, Cluster: state.Name(), In: state.Cluster, Object: object}
	if object == nil {
		copied.Sync = eso.AssignmentSync(row.Assignment, id, nil, s.now)
		return copied
	}
	copied.Sync = eso.AssignmentSync(row.Assignment, id, object.Object, s.now)
	desired := eso.AssignedObject(definition.OrganizationSecret, row.Assignment, s.organization)
	failed := row.LastError != "" || row.Assignment.Copies[id].Error != ""
	copied.current = !failed && len(eso.CopyDrift(desired, object.Object)) == 0 && !copied.isTerminating()
	return copied
}

// add adds an available cluster. An update has to correct a record that does not name the copy, or names it where it does not belong.
func (a *AssignmentStatus) add(copied *CopyStatus, asRecorded bool) {
	a.Copies = append(a.Copies, copied)
	a.UpToDate = a.UpToDate && copied.current && asRecorded
}

// addUnavailable adds an unavailable cluster. A copy that was placed there counts as failing, one that was not is still to come. A
// cluster that needs no copy does not count.
func (a *AssignmentStatus) addUnavailable(state clusterState, err error, now time.Time) {
	copied := &CopyStatus{Project: a.Project, Cluster: state.Name()}
	reason := "The cluster is unavailable. " + cluster.ErrorText(err)
	a.UpToDate = a.UpToDate && a.Waiting[state.Name()] == ""
	switch {
	case state.mayHaveCopy(a.Row) && a.Phase == airm.Unassigning:
		copied.Sync = eso.AssignmentSync(a.Assignment, "", nil, now)
	case state.mayHaveCopy(a.Row) && errors.Is(err, cluster.ErrUnknownConfig):
		a.Unavailable, a.Unknown = true, true
		return
	case state.mayHaveCopy(a.Row):
		copied.Sync = eso.Sync{Status: airm.SyncedError, Reason: reason}
	case a.Waiting[state.Name()] != "":
		copied.Sync = eso.Sync{Status: airm.Pending, Reason: "The ExternalSecret is not created there yet. " + reason}
	default:
		return
	}
	a.Unavailable = true
	a.Copies = append(a.Copies, copied)
}

// checkWaiting notices clusters that were unavailable, as the record says, and are available now: the record is to be corrected.
func (a *AssignmentStatus) checkWaiting(states []clusterState) {
	for _, state := range states {
		if state.err == nil && a.Waiting[state.Name()] != "" {
			a.UpToDate = false
		}
	}
}

// addUnconfigured adds the copies in clusters that are not configured here.
func (a *AssignmentStatus) addUnconfigured(states []clusterState, seen map[string]bool) {
	for id, recorded := range a.Row.Copies {
		reported := slices.ContainsFunc(a.Copies, func(c *CopyStatus) bool { return c.Cluster == recorded.Cluster && c.In == nil })
		named := slices.ContainsFunc(states, func(state clusterState) bool { return state.err != nil && state.Name() == recorded.Cluster })
		if !seen[id] && !named && !reported {
			a.Unavailable = true
			a.Copies = append(a.Copies, &CopyStatus{Project: a.Project, Cluster: recorded.Cluster, Sync: eso.Sync{Status: airm.SyncedError,
				Reason: fmt.Sprintf("Cluster %q (kube-system UID %s) is not in the provider block, so its status is unknown.", recorded.Cluster, id)}})
		}
	}
}

// summarize sets the one status of the assignment. It is Failed if the project is in none of the clusters.
func (a *AssignmentStatus) summarize(ctx context.Context, s *statusReader) {
	if a.Unknown = a.Unknown && len(a.Copies) == 0; a.Unknown {
		a.Status = airm.Pending
		return
	}
	switch {
	case a.projectMayBeGone():
		a.summarizeMissing(ctx, s)
	case a.Phase == airm.Unassigning:
		a.summarizeRemoval(ctx, s)
	case a.found != nil:
		a.noteProject(ctx, s, *a.found)
	case a.ProjectID != "":
		if holds, err := s.find(ctx, a.Row); err == nil {
			a.noteProject(ctx, s, holds)
		}
	}
	slices.SortFunc(a.Copies, func(x, y *CopyStatus) int { return strings.Compare(x.Cluster, y.Cluster) })
	var statuses []airm.Status
	for _, copied := range a.Copies {
		statuses = append(statuses, copied.Sync.Status)
	}
	a.Status = airm.Aggregate(statuses)
}

// projectMayBeGone reports whether all clusters are available, none has the object, and it is not under way.
func (a *AssignmentStatus) projectMayBeGone() bool {
	for _, copied := range a.Copies {
		if copied.In == nil || copied.Object != nil || copied.Sync.Status != airm.SyncedError && copied.Sync.Status != airm.Failed {
			return false
		}
	}
	return a.Phase != airm.Unassigning
}

// locateProject returns a function that reports whether a cluster holds the project of a row. If there is only one cluster it is not
// asked: the assignment belongs there.
func (s *statusReader) locateProject(ctx context.Context, assignment *AssignmentStatus) func(*cluster.Cluster) bool {
	if len(s.states) == 1 {
		return func(*cluster.Cluster) bool { return true }
	}
	holds, err := s.find(ctx, assignment.Row)
	if err == nil {
		assignment.found = &holds
	}
	return func(c *cluster.Cluster) bool { return err == nil && slices.Contains(holds.Clusters, c) }
}

// find returns the clusters that hold the project of a row. If the row is narrowed to some of them, these may be different projects.
func (s *statusReader) find(ctx context.Context, row *Row) (cluster.ProjectClusters, error) {
	holds, err := s.where(ctx, row.Project)
	if len(row.Only) > 0 && errors.Is(err, cluster.ErrSeveralProjects) {
		return holds, nil
	}
	return holds, err
}

// findWanted is find among the clusters that an assignment is for. That none of them holds the project is an error, whatever other
// clusters hold.
func (s *statusReader) findWanted(ctx context.Context, row *Row) (cluster.ProjectClusters, error) {
	holds, err := s.find(ctx, row)
	wanted := func(c *cluster.Cluster) bool { return row.wants(ctx, c) }
	if len(row.Only) == 0 || err == nil && slices.ContainsFunc(holds.Clusters, wanted) {
		return holds, err
	}
	var names []string
	for _, c := range s.reader.clusters.All() {
		if wanted(c) {
			names = append(names, c.Name())
		}
	}
	if len(names) == 0 { // they are not configured here
		return holds, err
	}
	return s.reader.clusters.LocateProjectCached(ctx, row.Project, names)
}
