package organization

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// Survey is how an organization secret stands, everywhere.
type Survey struct {
	*Definition
	Status      secrets.Status
	Assignments []Surveyed
	// UpToDate tells whether every object that is there is as the definition says, and none failed
	// to be updated.
	UpToDate bool
}

// Surveyed is how one assignment stands.
type Surveyed struct {
	*Row
	Cluster  string
	Object   *unstructured.Unstructured // nil where there is none
	Sync     secrets.Sync
	UpToDate bool
}

// Survey reads one organization secret with all its assignments: three requests, however many
// there are.
func (r *Registry) Survey(ctx context.Context, name string) (*Survey, error) {
	definition, err := r.Definition(ctx, name)
	if err != nil {
		return nil, err
	}
	rows, err := r.Rows(ctx, name)
	if err != nil {
		return nil, err
	}
	objects, err := r.objects(ctx, rows, name)
	if err != nil {
		return nil, err
	}
	organization, err := r.records.Namespace(ctx, false)
	if err != nil {
		return nil, err
	}
	return r.assess(definition, rows, objects, organization), nil
}

// SurveyAssignment reads one assignment; the error satisfies cluster.IsNotFound where there is none.
func (r *Registry) SurveyAssignment(ctx context.Context, secret, project string) (Surveyed, error) {
	row, err := r.Row(ctx, secret, project)
	if err != nil {
		return Surveyed{}, err
	}
	definition, err := r.Definition(ctx, secret)
	if cluster.IsNotFound(err) {
		return Surveyed{}, refuse(fmt.Sprintf("Assignment %s has no definition", row.ID()),
			"The record of the organization secret is gone although the project has it: somebody removed the ConfigMap. Create or restore the organization secret.")
	}
	if err != nil {
		return Surveyed{}, err
	}
	organization, err := r.records.Namespace(ctx, false)
	if err != nil {
		return Surveyed{}, err
	}
	object, err := r.cluster.Get(ctx, row.Ref())
	if err != nil && !cluster.IsNotFound(err) {
		return Surveyed{}, err
	}
	return r.Assess(definition, row, object, organization, time.Now()), nil
}

// SurveyAll reads all organization secrets, in the order of their names.
func (r *Registry) SurveyAll(ctx context.Context) ([]*Survey, error) {
	organization, err := r.records.Namespace(ctx, false)
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
	all, err := r.cluster.List(ctx, secrets.KindExternalSecret, "", secrets.CarriedSelector(""))
	if err != nil {
		return nil, err
	}
	objects := map[string]map[string]*unstructured.Unstructured{}
	for i := range all {
		name := all[i].GetName()
		if objects[name] == nil {
			objects[name] = map[string]*unstructured.Unstructured{}
		}
		objects[name][all[i].GetNamespace()] = &all[i]
	}
	var surveys []*Survey
	for _, definition := range definitions {
		own := slices.DeleteFunc(slices.Clone(rows), func(row *Row) bool { return row.Secret != definition.Name })
		surveys = append(surveys, r.assess(definition, own, objects[definition.Name], organization))
	}
	slices.SortFunc(surveys, func(a, b *Survey) int { return strings.Compare(a.Name, b.Name) })
	return surveys, nil
}

func (r *Registry) assess(definition *Definition, rows []*Row, objects map[string]*unstructured.Unstructured, organization string) *Survey {
	survey := &Survey{Definition: definition, UpToDate: !definition.BeingDeleted()}
	now := time.Now()
	var statuses []secrets.Status
	for _, row := range rows {
		assignment := r.Assess(definition, row, objects[row.Project], organization, now)
		survey.Assignments = append(survey.Assignments, assignment)
		survey.UpToDate = survey.UpToDate && (assignment.UpToDate || assignment.Object == nil)
		statuses = append(statuses, assignment.Sync.Status)
	}
	slices.SortFunc(survey.Assignments, func(a, b Surveyed) int { return strings.Compare(a.Project, b.Project) })
	survey.Status = secrets.Aggregate(statuses, definition.BeingDeleted())
	if survey.Status == secrets.Deleting && definition.BeingDeleted() && now.After(definition.DeletingUntil) {
		survey.Status = secrets.DeleteFailed // whoever deleted it did not finish
	}
	return survey
}

// Assess tells how one assignment stands. An object that does not carry the secret of these records
// is none.
func (r *Registry) Assess(definition *Definition, row *Row, object *unstructured.Unstructured, organization string, now time.Time) Surveyed {
	surveyed := Surveyed{Row: row, Cluster: r.cluster.Name()}
	if object != nil && secrets.CarriesOrganizationSecret(object.Object, row.Assignment, organization) {
		surveyed.Object = object
	}
	if surveyed.Object == nil {
		surveyed.Sync = row.Status(nil, now)
		return surveyed
	}
	surveyed.Sync = row.Status(object.Object, now)
	desired := secrets.AssignedObject(definition.OrganizationSecret, row.Assignment, organization)
	surveyed.UpToDate = row.Phase == secrets.Assigned && row.LastError == "" && len(secrets.Drift(desired, object.Object)) == 0
	return surveyed
}
