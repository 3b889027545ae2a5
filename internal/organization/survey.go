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
	Cluster string
	Object  *unstructured.Unstructured // nil where there is none
	Sync    secrets.Sync
	// UpToDate tells whether the assignment is complete, and its object as the records say.
	UpToDate bool

	current bool // the object alone
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
	return r.assess(ctx, definition, rows, objects, organization), nil
}

// SurveyAssignment reads one assignment; the error satisfies cluster.IsNotFound where there is none.
func (r *Registry) SurveyAssignment(ctx context.Context, secret, project string) (Surveyed, error) {
	row, err := r.Row(ctx, secret, project)
	if err != nil {
		return Surveyed{}, err
	}
	organization, err := r.records.Namespace(ctx, false)
	if err != nil {
		return Surveyed{}, err
	}
	object, err := r.carried(ctx, row, organization)
	if err != nil {
		return Surveyed{}, err
	}
	definition, err := r.Definition(ctx, secret)
	if cluster.IsNotFound(err) {
		return Surveyed{Row: row, Cluster: r.cluster.Name(), Object: object, Sync: secrets.Sync{Status: secrets.Failed,
			Reason: fmt.Sprintf("The record of organization secret %q is gone although the project has the secret: somebody removed the ConfigMap. Apply the organization secret again, or restore the record.", secret)}}, nil
	}
	if err != nil {
		return Surveyed{}, err
	}
	return r.look(ctx, definition, row, object, organization, r.clock.now()), nil
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
		surveys = append(surveys, r.assess(ctx, definition, own, objects[definition.Name], organization))
	}
	slices.SortFunc(surveys, func(a, b *Survey) int { return strings.Compare(a.Name, b.Name) })
	return surveys, nil
}

func (r *Registry) assess(ctx context.Context, definition *Definition, rows []*Row, objects map[string]*unstructured.Unstructured, organization string) *Survey {
	survey := &Survey{Definition: definition, UpToDate: !definition.BeingDeleted()}
	now := r.clock.now()
	var statuses []secrets.Status
	for _, row := range rows {
		assignment := r.look(ctx, definition, row, objects[row.Project], organization, now)
		survey.Assignments = append(survey.Assignments, assignment)
		survey.UpToDate = survey.UpToDate && (assignment.current || assignment.Object == nil || row.Phase == secrets.Unassigning)
		statuses = append(statuses, assignment.Sync.Status)
	}
	slices.SortFunc(survey.Assignments, func(a, b Surveyed) int { return strings.Compare(a.Project, b.Project) })
	survey.Status = secrets.Aggregate(statuses, definition.BeingDeleted())
	if survey.Status == secrets.Deleting && definition.BeingDeleted() && now.After(definition.DeletingUntil) {
		survey.Status = secrets.DeleteFailed // whoever deleted it did not finish
	}
	return survey
}

// look tells how one assignment stands. An object that does not carry the secret of these records
// is none.
func (r *Registry) look(ctx context.Context, definition *Definition, row *Row, object *unstructured.Unstructured, organization string, now time.Time) Surveyed {
	surveyed := Surveyed{Row: row, Cluster: r.cluster.Name()}
	if object == nil || !secrets.CarriesOrganizationSecret(object.Object, row.Assignment, organization) {
		surveyed.Sync = r.withoutObject(ctx, row, now)
		return surveyed
	}
	surveyed.Object = object
	surveyed.Sync = row.Status(object.Object, now)
	desired := secrets.AssignedObject(definition.OrganizationSecret, row.Assignment, organization)
	surveyed.current = row.LastError == "" && len(secrets.Drift(desired, object.Object)) == 0
	surveyed.UpToDate = surveyed.current && row.Phase == secrets.Assigned
	return surveyed
}

// withoutObject tells how an assignment stands that has no object: where the project is gone too,
// that is why.
func (r *Registry) withoutObject(ctx context.Context, row *Row, now time.Time) secrets.Sync {
	sync := row.Status(nil, now)
	if sync.Status != secrets.SyncedError && sync.Status != secrets.Failed {
		return sync
	}
	if _, err := r.cluster.Project(ctx, row.Project); err != nil && !cluster.IsAway(err) {
		return secrets.Sync{Status: secrets.Failed, Reason: explained(err)}
	}
	return sync
}
