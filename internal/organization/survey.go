package organization

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// Standing is how an organization secret, or an assignment, stands as a whole.
type Standing struct {
	Status   airm.Status
	UpToDate bool
	// Away tells that there are clusters that cannot be asked: of them nothing new is known.
	Away bool
	// Unknown tells that nothing at all could be asked, because it is not known yet how to connect to
	// where the copies are: it is Pending then.
	Unknown bool
}

// Survey is how an organization secret stands, everywhere. It is up to date where every object that can
// be seen is as the definition says, and none failed to be updated.
type Survey struct {
	*Definition
	Standing
	Assignments []*Surveyed // in the order of the projects
}

// Copies are those of all assignments, in the order of projects and clusters.
func (s *Survey) Copies() []*Copy {
	var all []*Copy
	for _, assignment := range s.Assignments {
		all = append(all, assignment.Copies...)
	}
	return all
}

// Rows are the records of all assignments, in the order of the projects.
func (s *Survey) Rows() []*Row {
	var all []*Row
	for _, assignment := range s.Assignments {
		all = append(all, assignment.Row)
	}
	return all
}

// Surveyed is how one assignment stands. It is up to date where it is complete in every cluster that can
// be asked and where it belongs, and its objects are as the records say.
type Surveyed struct {
	*Row
	Standing
	Copies []*Copy // in the order of the clusters; left out are those of which it is not known yet how to connect

	// ProjectNow is AIRM's id of the project that has the name now; empty where it has none, or this user may not ask.
	ProjectNow string
	// ProjectGone: the clusters say themselves that the project is gone.
	ProjectGone bool
	// Lost: the project that had the secret is gone, so that the assignment does not count in the status of the whole.
	Lost bool

	found *cluster.Holding // the clusters that hold the project, nil where nobody asked
}

// Copy is how one assignment stands in one cluster.
type Copy struct {
	Project string
	Cluster string // what it is called here
	Object  *unstructured.Unstructured
	Sync    eso.Sync
	// In is the cluster, nil where it cannot be asked.
	In *cluster.Cluster

	current bool // the object is as the records say
}

// Survey reads one organization secret with all its assignments: one list of the records, and one of
// the objects of each cluster, however many there are.
func (r *Registry) Survey(ctx context.Context, name string) (*Survey, error) {
	definition, err := r.Definition(ctx, name)
	if err != nil {
		return nil, err
	}
	rows, err := r.Rows(ctx, name)
	if err != nil {
		return nil, err
	}
	organization, err := r.organization(ctx)
	if err != nil {
		return nil, err
	}
	views, err := r.views(ctx, rows, name)
	if err != nil {
		return nil, err
	}
	return r.surveyor(ctx, organization, views, len(rows)).survey(ctx, definition, rows), nil
}

// SurveyAssignment reads one assignment; the error satisfies cluster.IsNotFound where there is none.
func (r *Registry) SurveyAssignment(ctx context.Context, secret, project string) (*Surveyed, error) {
	row, err := r.Row(ctx, secret, project)
	if err != nil {
		return nil, err
	}
	organization, err := r.organization(ctx)
	if err != nil {
		return nil, err
	}
	views, err := r.viewsOfOne(ctx, row)
	if err != nil {
		return nil, err
	}
	definition, err := r.Definition(ctx, secret)
	if cluster.IsNotFound(err) {
		reason := fmt.Sprintf("The record of organization secret %q is gone although the project has the secret: somebody removed the ConfigMap. Apply the organization secret again, or restore the record.", secret)
		return &Surveyed{Row: row, Standing: Standing{Status: airm.Failed}, Copies: []*Copy{{Project: project, Sync: eso.Sync{Status: airm.Failed, Reason: reason}}}}, nil
	}
	if err != nil {
		return nil, err
	}
	return r.surveyor(ctx, organization, views, 1).look(ctx, definition, row), nil
}

// SurveyAll reads all organization secrets, in the order of their names.
func (r *Registry) SurveyAll(ctx context.Context) ([]*Survey, error) {
	organization, err := r.organization(ctx)
	if cluster.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	definitions, err := r.Definitions(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := r.Rows(ctx, "")
	if err != nil {
		return nil, err
	}
	bySecret := map[string][]*Row{}
	for _, row := range rows {
		bySecret[row.Secret] = append(bySecret[row.Secret], row)
	}
	views, err := r.viewsOfAll(ctx)
	if err != nil {
		return nil, err
	}
	surveyor := r.surveyor(ctx, organization, nil, len(rows))
	var surveys []*Survey
	for _, definition := range definitions {
		surveyor.views = views[definition.Name]
		if surveyor.views == nil {
			surveyor.views = views[""]
		}
		surveys = append(surveys, surveyor.survey(ctx, definition, bySecret[definition.Name]))
	}
	slices.SortFunc(surveys, func(a, b *Survey) int { return strings.Compare(a.Name, b.Name) })
	return surveys, nil
}
