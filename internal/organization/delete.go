package organization

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// Delete deletes an organization secret. While it is assigned anywhere that is refused, with the
// projects and who assigned them, unless it is forced: then it is unassigned everywhere first. One
// that is gone already is fine.
func (r *Registry) Delete(ctx context.Context, name string, forced bool) error {
	definition, err := r.markDefinition(ctx, name)
	if cluster.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for {
		if err := r.step(ctx, "delete: list rows"); err != nil {
			return err
		}
		rows, err := r.Rows(ctx, name)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		if !forced {
			return r.refuseAssigned(ctx, definition, rows)
		}
		if failed := InParallel(rows, projectOf, func(row *Row) error {
			return r.Unassign(ctx, name, row.Project)
		}); len(failed) > 0 {
			return r.deletionFailed(ctx, definition, failed)
		}
	}
	if err := r.step(ctx, "delete: delete definition"); err != nil {
		return err
	}
	err = r.records.Delete(ctx, definition.record)
	if cluster.IsConflict(err) {
		return refuse(fmt.Sprintf("Organization secret %q was changed in the same moment", name), "Another run wrote it while it was being deleted. Run destroy again.")
	}
	return err
}

// markDefinition writes into the definition that it is being deleted. From then on no assignment is
// accepted: whoever assigns reads the definition after writing the row.
func (r *Registry) markDefinition(ctx context.Context, name string) (*Definition, error) {
	for {
		definition, err := r.Definition(ctx, name)
		if err != nil {
			return nil, err
		}
		marked := definition.OrganizationSecret
		marked.DeletingUntil = lease(ctx)
		if err := r.step(ctx, "delete: mark definition"); err != nil {
			return nil, err
		}
		if err := r.saveDefinition(ctx, definition, marked); !cluster.IsConflict(err) {
			return definition, err
		}
	}
}

// refuseAssigned clears the mark and says who has the secret.
func (r *Registry) refuseAssigned(ctx context.Context, definition *Definition, rows []*Row) error {
	cleared := definition.OrganizationSecret
	cleared.DeletingUntil = time.Time{}
	if err := r.step(ctx, "delete: clear mark"); err != nil {
		return err
	}
	if err := r.saveDefinition(ctx, definition, cleared); err != nil && !cluster.IsConflict(err) {
		return err
	}
	var projects []string
	for _, row := range rows {
		projects = append(projects, row.Project+ofOwner(row.Owner))
	}
	slices.Sort(projects)
	return refuse(fmt.Sprintf("Organization secret %q is still assigned", definition.Name),
		"These projects have it: %s. Nothing was deleted. Remove the assignments first; or, to take it away from all of them, "+
			"set force_destroy = true, apply, and then destroy.", strings.Join(projects, ", "))
}

// deletionFailed ends the mark at once, so that the status says DeleteFailed and the next run can go on.
func (r *Registry) deletionFailed(ctx context.Context, definition *Definition, failed Failures) error {
	ctx = context.WithoutCancel(ctx)
	ended := definition.OrganizationSecret
	ended.DeletingUntil = time.Now().Add(-time.Second)
	if err := r.saveDefinition(ctx, definition, ended); err != nil && !cluster.IsConflict(err) {
		return err
	}
	return refuse(fmt.Sprintf("Organization secret %q could not be removed from every project", definition.Name),
		"It stays, and no new assignment is accepted. Settle what is in the way and run destroy again; or apply, to keep it.\n%s", failed)
}
