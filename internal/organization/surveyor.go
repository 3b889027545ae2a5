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

// surveyor tells how assignments stand from what the clusters have.
type surveyor struct {
	registry     *Registry
	organization string
	now          time.Time
	views        []view
	where        holder
}

func (r *Registry) surveyor(ctx context.Context, organization string, views []view, rows int) *surveyor {
	s := &surveyor{registry: r, organization: organization, now: r.clock.now(), views: views}
	if rows > 1 && len(r.clusters.All()) > 1 {
		s.where = r.clusters.Holdings(ctx, nil)
	} else {
		s.where = func(ctx context.Context, project string) (cluster.Holding, error) {
			return r.clusters.ListedHolding(ctx, project, nil)
		}
	}
	return s
}

func (s *surveyor) survey(ctx context.Context, definition *Definition, rows []*Row) *Survey {
	survey := &Survey{Definition: definition, Standing: Standing{UpToDate: !definition.BeingDeleted()}}
	var statuses []airm.Status
	unknown := false
	for _, row := range rows {
		assignment := s.look(ctx, definition, row)
		unknown = unknown || assignment.Unknown
		survey.Assignments = append(survey.Assignments, assignment)
		survey.Away = survey.Away || assignment.Away
		for _, its := range assignment.Copies {
			survey.UpToDate = survey.UpToDate && (its.current || its.Object == nil || its.isTerminating() || row.Phase == airm.Unassigning)
		}
		if !assignment.Unknown && !assignment.Lost {
			statuses = append(statuses, assignment.Status)
		}
	}
	slices.SortFunc(survey.Assignments, func(a, b *Surveyed) int { return strings.Compare(a.Project, b.Project) })
	survey.Status = airm.Aggregate(statuses, definition.BeingDeleted())
	if survey.Unknown = len(statuses) == 0 && unknown && !definition.BeingDeleted(); survey.Unknown {
		survey.Status = airm.Pending
	}
	if survey.Status == airm.Deleting && definition.BeingDeleted() && s.now.After(definition.DeletingUntil) {
		survey.Status = airm.DeleteFailed // whoever deleted it did not finish
	}
	return survey
}

// look tells how one assignment stands, in all its clusters.
func (s *surveyor) look(ctx context.Context, definition *Definition, row *Row) *Surveyed {
	surveyed := &Surveyed{Row: row, Standing: Standing{UpToDate: row.Phase == airm.Assigned && row.LastError == ""}}
	seen := map[string]bool{}
	holds := s.holding(ctx, surveyed)
	for _, v := range s.views {
		id, err := "", v.err
		if err == nil {
			id, err = s.registry.identify(ctx, v.Cluster, row.Assignment)
		}
		if err != nil {
			surveyed.lookAway(v, err, s.now)
			continue
		}
		seen[id] = true
		object := v.objects[row.Project]
		if object != nil && !row.IsCopy(object.Object, id, s.organization) {
			object = nil // somebody else's
		}
		_, recorded := row.Copies[id]
		belongs := row.Phase != airm.Unassigning && row.Includes(id, v.Name()) && holds(v.Cluster)
		switch {
		case object == nil && !belongs && !recorded:
		case object == nil && !belongs && row.Phase != airm.Unassigning && len(s.views) > 1:
			surveyed.UpToDate = false // the project has left: the record is to be corrected
		default:
			surveyed.add(s.copy(definition, row, v, id, object), belongs)
			s.traceDrift(ctx, definition, row, v, object)
		}
	}
	surveyed.lookElsewhere(s.views, seen)
	surveyed.lookWaiting(s.views)
	surveyed.conclude(ctx, s)
	return surveyed
}

func (s *surveyor) traceDrift(ctx context.Context, definition *Definition, row *Row, v view, object *unstructured.Unstructured) {
	if object != nil {
		logging.TraceDrift(ctx, v.Name(), airm.KindExternalSecret, row.Ref().ID(), func() []jsonvalue.Path {
			return eso.CopyDrift(eso.AssignedObject(definition.OrganizationSecret, row.Assignment, s.organization), object.Object)
		})
	}
}

// copy tells how an assignment stands in a cluster that can be asked.
func (s *surveyor) copy(definition *Definition, row *Row, v view, id string, object *unstructured.Unstructured) *Copy {
	its := &Copy{Project: row.Project, Cluster: v.Name(), In: v.Cluster, Object: object}
	if object == nil {
		its.Sync = eso.AssignmentSync(row.Assignment, id, nil, s.now)
		return its
	}
	its.Sync = eso.AssignmentSync(row.Assignment, id, object.Object, s.now)
	desired := eso.AssignedObject(definition.OrganizationSecret, row.Assignment, s.organization)
	its.current = row.LastError == "" && row.Assignment.Copies[id].Error == "" && len(eso.CopyDrift(desired, object.Object)) == 0 && !its.isTerminating()
	return its
}

func (a *Surveyed) add(its *Copy, belongs bool) {
	a.Copies = append(a.Copies, its)
	a.UpToDate = a.UpToDate && its.current && belongs
}

// lookAway is for a cluster that cannot be asked: what was placed there counts as failing, what was not is still to
// come. What is where there was nothing to ask does not count.
func (a *Surveyed) lookAway(v view, err error, now time.Time) {
	its := &Copy{Project: a.Project, Cluster: v.Name()}
	reason := "The cluster cannot be asked. " + explained(err)
	switch {
	case v.mayHave(a.Row) && a.Phase == airm.Unassigning:
		its.Sync = eso.AssignmentSync(a.Assignment, "", nil, now)
	case v.mayHave(a.Row) && errors.Is(err, cluster.ErrUnknownConfig):
		a.Away, a.Unknown = true, true
		return
	case v.mayHave(a.Row):
		its.Sync = eso.Sync{Status: airm.SyncedError, Reason: reason}
	case a.Waiting[v.Name()] != "":
		its.Sync = eso.Sync{Status: airm.Pending, Reason: "It is not placed there yet. " + reason}
		a.UpToDate = false
	default:
		return
	}
	a.Away = true
	a.Copies = append(a.Copies, its)
}

// lookWaiting finds what the record says of clusters that could not be asked once and can be now: it is to be corrected.
func (a *Surveyed) lookWaiting(views []view) {
	for _, v := range views {
		if v.err == nil && a.Waiting[v.Name()] != "" {
			a.UpToDate = false
		}
	}
}

// lookElsewhere adds the copies in clusters that are not configured here.
func (a *Surveyed) lookElsewhere(views []view, seen map[string]bool) {
	for id, its := range a.Row.Copies {
		told := slices.ContainsFunc(a.Copies, func(c *Copy) bool { return c.Cluster == its.Cluster && c.In == nil })
		named := slices.ContainsFunc(views, func(v view) bool { return v.err != nil && v.Name() == its.Cluster })
		if !seen[id] && !named && !told {
			a.Away = true
			a.Copies = append(a.Copies, &Copy{Project: a.Project, Cluster: its.Cluster, Sync: eso.Sync{Status: airm.SyncedError,
				Reason: fmt.Sprintf("Cluster %q (kube-system UID %s) is none of those in the provider block, so it cannot be asked.", its.Cluster, id)}})
		}
	}
}

// conclude returns the assignment one status. One that finds its project nowhere has failed.
func (a *Surveyed) conclude(ctx context.Context, s *surveyor) {
	if a.Unknown = a.Unknown && len(a.Copies) == 0; a.Unknown {
		a.Status = airm.Pending
		return
	}
	switch {
	case a.mayBeNowhere():
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
	slices.SortFunc(a.Copies, func(x, y *Copy) int { return strings.Compare(x.Cluster, y.Cluster) })
	var statuses []airm.Status
	for _, its := range a.Copies {
		statuses = append(statuses, its.Sync.Status)
	}
	a.Status = airm.Aggregate(statuses, false)
}

// mayBeNowhere tells that all clusters could be asked and none has the object, nor is it under way.
func (a *Surveyed) mayBeNowhere() bool {
	for _, its := range a.Copies {
		if its.In == nil || its.Object != nil || its.Sync.Status != airm.SyncedError && its.Sync.Status != airm.Failed {
			return false
		}
	}
	return a.Phase != airm.Unassigning
}

// holding tells which clusters hold the project of a row. Where there is one cluster, that is not asked: then an
// assignment belongs there.
func (s *surveyor) holding(ctx context.Context, surveyed *Surveyed) func(*cluster.Cluster) bool {
	if len(s.views) == 1 {
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
func (s *surveyor) find(ctx context.Context, row *Row) (cluster.Holding, error) {
	holding, err := s.where(ctx, row.Project)
	if len(row.Only) > 0 && errors.Is(err, cluster.ErrSeveralProjects) {
		return holding, nil
	}
	return holding, err
}
