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
func (u *updater) Define(ctx context.Context, wanted airm.OrganizationSecret) (*Definition, error) {
	organization, err := u.store.Namespace(ctx, true)
	if err != nil {
		return nil, err
	}
	if err := u.check(ctx, wanted, organization); err != nil {
		return nil, err
	}
	wanted.Revision, wanted.Unconfirmed = 1, wanted.Owner != ""
	if err := u.step(ctx, "define: write definition"); err != nil {
		return nil, err
	}
	record, err := u.store.Create(ctx, wanted.ConfigMap(u.namespace))
	if cluster.IsAlreadyExists(err) {
		if recorded, readErr := u.Definition(ctx, wanted.Name); readErr == nil && recorded.Unconfirmed && isLeftBehind(wanted.Owner, recorded.Owner) {
			return u.Update(ctx, wanted, Known{UID: recorded.UID()}, FanOut{})
		}
	}
	if err != nil {
		return nil, err
	}
	return parseDefinition(record)
}

// check has the API server look at the ExternalSecret that assignments will make. One of that name
// in the platform namespace is no objection: the API server says so only where all else is right.
func (u *updater) check(ctx context.Context, wanted airm.OrganizationSecret, organization string) error {
	sample := airm.Assignment{Secret: wanted.Name, Project: u.namespace}
	err := u.home.DryRun(ctx, sample.Ref(), eso.AssignedObject(wanted, sample, organization))
	if cluster.IsAlreadyExists(err) {
		return nil
	}
	return err
}
