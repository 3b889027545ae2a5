// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"fmt"
	"slices"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// Define creates an organization secret. A dry run checks the definition before it is recorded. A record that a killed create of the
// same workspace left is taken over, as by Update: a definition with an error is recorded. The error satisfies cluster.IsAlreadyExists
// if there is another one of that name.
func (u *updater) Define(ctx context.Context, wanted airm.OrganizationSecret) (*Definition, error) {
	organization, err := u.store.EnsureNamespace(ctx)
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
		recorded, readErr := u.Definition(ctx, wanted.Name)
		if readErr == nil && recorded.IsLeftBehind(wanted.Owner) {
			return u.Update(ctx, wanted, Known{UID: recorded.UID()}, FanOut{})
		}
	}
	if err != nil {
		return nil, err
	}
	u.notices.warn(u.tellOfCopies(ctx, wanted.Name, organization))
	return parseDefinition(record)
}

// tellOfCopies warns of copies that a new definition finds without a row; nil if there are none. It does not take them over: a row says
// who assigned the secret, so that is up to an assignment. A cluster that does not answer keeps no secret from being defined.
func (u *updater) tellOfCopies(ctx context.Context, name, organization string) *Error {
	found, _ := u.listMarked(ctx, name, organization)
	if found = found.own(); len(found) == 0 {
		return nil
	}
	rows, err := u.Rows(ctx, name)
	byProject := rowsByProject(rows)
	found = slices.DeleteFunc(found, func(o orphanedCopy) bool { return err != nil || byProject[o.project] != nil })
	if len(found) == 0 {
		return nil
	}
	return refuse(fmt.Sprintf("Organization secret %q has copies without a record", name),
		"These projects have its ExternalSecret already, although no record says that the secret is assigned there: %s. They stay as they are. To keep one, assign the secret to its project: the assignment takes the ExternalSecret over. To remove one, delete the ExternalSecret.", found)
}

// check dry-runs the ExternalSecret that assignments will make. One of that name may exist in the platform namespace: the API server
// says so only if all else is valid.
func (u *updater) check(ctx context.Context, wanted airm.OrganizationSecret, organization string) error {
	sample := airm.Assignment{Secret: wanted.Name, Project: u.namespace}
	err := u.home.DryRun(ctx, sample.Ref(), eso.AssignedObject(wanted, sample, organization))
	if cluster.IsAlreadyExists(err) {
		return nil
	}
	return err
}
