package organization

import (
	"context"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// Define creates an organization secret. The API server checks the definition by a dry run before
// anything is recorded. One that a killed create of the same workspace left behind is taken up. The error satisfies
// cluster.IsAlreadyExists where there is another one of that name.
func (r *Registry) Define(ctx context.Context, wanted airm.OrganizationSecret) (*Definition, error) {
	organization, err := r.records.Namespace(ctx, true)
	if err != nil {
		return nil, err
	}
	if err := r.check(ctx, wanted, organization); err != nil {
		return nil, err
	}
	wanted.Revision, wanted.Unconfirmed = 1, wanted.Owner != ""
	if err := r.step(ctx, "define: write definition"); err != nil {
		return nil, err
	}
	record, err := r.records.Create(ctx, wanted.ConfigMap(r.namespace))
	if cluster.IsAlreadyExists(err) {
		if recorded, readErr := r.Definition(ctx, wanted.Name); readErr == nil && recorded.Unconfirmed && isLeftBehind(wanted.Owner, recorded.Owner) {
			return r.Update(ctx, wanted, Known{UID: recorded.UID()}, FanOut{})
		}
	}
	if err != nil {
		return nil, err
	}
	return parseDefinition(record)
}

// check has the API server look at the ExternalSecret that assignments will make. One of that name
// in the platform namespace is no objection: the API server says so only where all else is right.
func (r *Registry) check(ctx context.Context, wanted airm.OrganizationSecret, organization string) error {
	sample := airm.Assignment{Secret: wanted.Name, Project: r.namespace}
	err := r.home.DryRun(ctx, sample.Ref(), eso.AssignedObject(wanted, sample, organization))
	if cluster.IsAlreadyExists(err) {
		return nil
	}
	return err
}
