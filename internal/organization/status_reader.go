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

// statusReader tells how assignments stand from what the clusters have.
type statusReader struct {
	registry     *Registry
	organization string
	now          time.Time
	states       []clusterState
	where        projectLocator
}

func (r *Registry) statusReader(ctx context.Context, organization string, views []clusterState, rows int) *statusReader {
	s := &statusReader{registry: r, organization: organization, now: r.clock.now(), states: views}
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
	survey := &SecretStatus{Definition: definition, Health: Health{UpToDate: !definition.BeingDeleted()}}
	var statuses []airm.Status
	unknown := false
	for _, row := range rows {
		assignment := s.readAssignment(ctx, definition, row)
		unknown = unknown || assignment.Unknown
		survey.Assignments = append(survey.Assignments, assignment)
		survey.Unavailable = survey.Unavailable || assignment.Unavailable
		for _, its := range assignment.Copies {
			survey.UpToDate = survey.UpToDate && (its.current || its.Object == nil || its.isTerminating() || row.Phase == airm.Unassigning)
		}
		if !assignment.Unknown && !assignment.Lost {
			statuses = append(statuses, assignment.Status)
		}
	}
	slices.SortFunc(survey.Assignments, func(a, b *AssignmentStatus) int { return strings.Compare(a.Project, b.Project) })
	survey.Status = airm.Aggregate(statuses, definition.BeingDeleted())
	if survey.Unknown = len(statuses) == 0 && unknown && !definition.BeingDeleted(); survey.Unknown {
		survey.Status = airm.Pending
	}
	if survey.Status == airm.Deleting && definition.BeingDeleted() && s.now.After(definition.DeletingUntil) {
		survey.Status = airm.DeleteFailed // whoever deleted it did not finish
	}
	return survey
}

// readAssignment tells how one assignment stands, in all its clusters.
func (s *statusReader) readAssignment(ctx context.Context, definition *Definition, row *Row) *AssignmentStatus {
	surveyed := &AssignmentStatus{Row: row, Health: Health{UpToDate: row.Phase == airm.Assigned && row.LastError == ""}}
	seen := map[string]bool{}
	holds := s.locateProject(ctx, surveyed)
	for _, v := range s.states {
		id, err := "", v.err
		if err == nil {
			id, err = s.registry.identify(ctx, v.Cluster, row.Assignment)
		}
		if err != nil {
			surveyed.addUnavailable(v, err, s.now)
			continue
		}
		seen[id] = true
		object := v.objects[row.Ref()]
		if object != nil && !row.IsCopy(object.Object, id, s.organization) {
			object = nil // somebody else's
		}
		_, recorded := row.Copies[id]
		belongs := row.Phase != airm.Unassigning && row.Includes(id, v.Name()) && holds(v.Cluster)
		switch {
		case object == nil && !belongs && !recorded:
		case object == nil && !belongs && row.Phase != airm.Unassigning && len(s.states) > 1:
			surveyed.UpToDate = false // the project has left: the record is to be corrected
		default:
			surveyed.add(s.copy(definition, row, v, id, object), belongs)
			s.traceDrift(ctx, definition, row, v, object)
		}
	}
	surveyed.addUnconfigured(s.states, seen)
	surveyed.lookWaiting(s.states)
	surveyed.summarize(ctx, s)
	return surveyed
}

func (s *statusReader) traceDrift(ctx context.Context, definition *Definition, row *Row, v clusterState, object *unstructured.Unstructured) {
	if object != nil {
		logging.TraceDrift(ctx, v.Name(), airm.KindExternalSecret, row.Ref().ID(), func() []jsonvalue.Path {
			return eso.CopyDrift(eso.AssignedObject(definition.OrganizationSecret, row.Assignment, s.organization), object.Object)
		})
	}
}

// copy tells how an assignment stands in a cluster that can be asked.
func (s *statusReader) copy(definition *Definition, row *Row, v clusterState, id string, object *unstructured.Unstructured) *CopyStatus {
	its := &CopyStatus{Project: row.Project, Cluster: v.Name(), In: v.Cluster, Object: object}
	if object == nil {
		its.Sync = eso.AssignmentSync(row.Assignment, id, nil, s.now)
		return its
	}
	its.Sync = eso.AssignmentSync(row.Assignment, id, object.Object, s.now)
	desired := eso.AssignedObject(definition.OrganizationSecret, row.Assignment, s.organization)
	its.current = row.LastError == "" && row.Assignment.Copies[id].Error == "" && len(eso.CopyDrift(desired, object.Object)) == 0 && !its.isTerminating()
	return its
}

func (a *AssignmentStatus) add(its *CopyStatus, belongs bool) {
	a.Copies = append(a.Copies, its)
	a.UpToDate = a.UpToDate && its.current && belongs
}

// addUnavailable is for a cluster that cannot be asked: what was placed there counts as failing, what was not is still to
// come. What is where there was nothing to ask does not count.
func (a *AssignmentStatus) addUnavailable(v clusterState, err error, now time.Time) {
	its := &CopyStatus{Project: a.Project, Cluster: v.Name()}
	reason := "The cluster cannot be asked. " + errorText(err)
	switch {
	case v.mayHave(a.Row) && a.Phase == airm.Unassigning:
		its.Sync = eso.AssignmentSync(a.Assignment, "", nil, now)
	case v.mayHave(a.Row) && errors.Is(err, cluster.ErrUnknownConfig):
		a.Unavailable, a.Unknown = true, true
		return
	case v.mayHave(a.Row):
		its.Sync = eso.Sync{Status: airm.SyncedError, Reason: reason}
	case a.Waiting[v.Name()] != "":
		its.Sync = eso.Sync{Status: airm.Pending, Reason: "It is not placed there yet. " + reason}
		a.UpToDate = false
	default:
		return
	}
	a.Unavailable = true
	a.Copies = append(a.Copies, its)
}

// lookWaiting finds what the record says of clusters that could not be asked once and can be now: it is to be corrected.
func (a *AssignmentStatus) lookWaiting(views []clusterState) {
	for _, v := range views {
		if v.err == nil && a.Waiting[v.Name()] != "" {
			a.UpToDate = false
		}
	}
}

// addUnconfigured adds the copies in clusters that are not configured here.
func (a *AssignmentStatus) addUnconfigured(views []clusterState, seen map[string]bool) {
	for id, its := range a.Row.Copies {
		told := slices.ContainsFunc(a.Copies, func(c *CopyStatus) bool { return c.Cluster == its.Cluster && c.In == nil })
		named := slices.ContainsFunc(views, func(v clusterState) bool { return v.err != nil && v.Name() == its.Cluster })
		if !seen[id] && !named && !told {
			a.Unavailable = true
			a.Copies = append(a.Copies, &CopyStatus{Project: a.Project, Cluster: its.Cluster, Sync: eso.Sync{Status: airm.SyncedError,
				Reason: fmt.Sprintf("Cluster %q (kube-system UID %s) is none of those in the provider block, so it cannot be asked.", its.Cluster, id)}})
		}
	}
}

// summarize returns the assignment one status. One that finds its project nowhere has failed.
func (a *AssignmentStatus) summarize(ctx context.Context, s *statusReader) {
	if a.Unknown = a.Unknown && len(a.Copies) == 0; a.Unknown {
		a.Status = airm.Pending
		return
	}
	switch {
	case a.projectMayBeGone():
		a.concludeNowhere(ctx, s)
	case a.Phase == airm.Unassigning:
		a.concludeRemoval(ctx, s)
	case a.found != nil:
		a.noteProject(ctx, s, *a.found)
	case a.ProjectID != "":
		if holding, err := s.find(ctx, a.Row); err == nil {
			a.noteProject(ctx, s, holding)
		}
	}
	slices.SortFunc(a.Copies, func(x, y *CopyStatus) int { return strings.Compare(x.Cluster, y.Cluster) })
	var statuses []airm.Status
	for _, its := range a.Copies {
		statuses = append(statuses, its.Sync.Status)
	}
	a.Status = airm.Aggregate(statuses, false)
}

// projectMayBeGone reports whether all clusters could be asked and none has the object, nor is it under way.
func (a *AssignmentStatus) projectMayBeGone() bool {
	for _, its := range a.Copies {
		if its.In == nil || its.Object != nil || its.Sync.Status != airm.SyncedError && its.Sync.Status != airm.Failed {
			return false
		}
	}
	return a.Phase != airm.Unassigning
}

// locateProject tells which clusters hold the project of a row. Where there is one cluster, that is not asked: then an
// assignment belongs there.
func (s *statusReader) locateProject(ctx context.Context, surveyed *AssignmentStatus) func(*cluster.Cluster) bool {
	if len(s.states) == 1 {
		return func(*cluster.Cluster) bool { return true }
	}
	holding, err := s.find(ctx, surveyed.Row)
	if err == nil {
		surveyed.found = &holding
	}
	return func(c *cluster.Cluster) bool { return err == nil && slices.Contains(holding.Clusters, c) }
}

// find returns the clusters that hold the project of a row. That these are different projects is no objection to a row
// that is narrowed to some of them.
func (s *statusReader) find(ctx context.Context, row *Row) (cluster.ProjectClusters, error) {
	holding, err := s.where(ctx, row.Project)
	if len(row.Only) > 0 && errors.Is(err, cluster.ErrSeveralProjects) {
		return holding, nil
	}
	return holding, err
}
