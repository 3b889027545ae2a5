package organization

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// ErrAssigned means that the project has the secret already, from somewhere else.
var ErrAssigned = errors.New("assigned already")

// Assign shares an organization secret with a project and returns its row and its object. Where it
// fails, nothing is left, or a row that says what is.
func (r *Registry) Assign(ctx context.Context, wanted secrets.Assignment) (*Row, *unstructured.Unstructured, error) {
	if _, err := r.cluster.Project(ctx, wanted.Project); err != nil {
		return nil, nil, err
	}
	organization, err := r.records.Namespace(ctx, false)
	if cluster.IsNotFound(err) {
		return nil, nil, noSuchSecret(wanted.Secret)
	}
	if err != nil {
		return nil, nil, err
	}
	row, err := r.openRow(ctx, wanted)
	if err != nil {
		return nil, nil, err
	}
	object, sent, err := r.makeObject(ctx, row, organization)
	if err != nil {
		return nil, nil, r.giveUp(ctx, row, err)
	}
	object, err = r.complete(ctx, row, object, sent, organization)
	return row, object, err
}

// Reassign brings an assignment that exists to what is wanted: labels and owner of the row, and the
// object, which is made again where somebody deleted it. A failure is recorded in the row.
func (r *Registry) Reassign(ctx context.Context, wanted secrets.Assignment) (*Row, *unstructured.Unstructured, error) {
	organization, err := r.records.Namespace(ctx, false)
	if err != nil {
		return nil, nil, err
	}
	if _, err := r.usableDefinition(ctx, wanted.Secret); err != nil {
		return nil, nil, err
	}
	row, err := r.retake(ctx, wanted)
	if err != nil {
		return nil, nil, err
	}
	object, sent, err := r.makeObject(ctx, row, organization)
	if err != nil {
		return row, nil, r.endLease(ctx, row, err)
	}
	object, err = r.complete(ctx, row, object, sent, organization)
	return row, object, err
}

// openRow makes the row. One that a run left behind before the project had the secret is taken over
// once its time is up.
func (r *Registry) openRow(ctx context.Context, wanted secrets.Assignment) (*Row, error) {
	for {
		wanted.Phase, wanted.Until, wanted.LastError = secrets.Assigning, r.clock.now().Add(assignLease), ""
		if err := r.step(ctx, "assign: write row"); err != nil {
			return nil, err
		}
		row, err := r.createRow(ctx, wanted)
		if !cluster.IsAlreadyExists(err) {
			return row, err
		}
		row, err = r.Row(ctx, wanted.Secret, wanted.Project)
		switch {
		case cluster.IsNotFound(err):
		case err != nil:
			return nil, err
		case r.busy(row):
			if err := r.wait(ctx, row); err != nil {
				return nil, err
			}
		case row.Phase == secrets.Unassigning && len(row.UIDs) > 0:
			return nil, refuse(fmt.Sprintf("Assignment %s is not removed yet", row.ID()),
				"A run%s was to take the secret away, but failed or was killed. Destroy the assignment there again, or import it here to keep it.", ofOwner(row.Owner))
		case row.Phase == secrets.Assigned || len(row.UIDs) > 0:
			return nil, fmt.Errorf("%w%s", ErrAssigned, ofOwner(row.Owner))
		default:
			if err := r.saveRow(ctx, row, wanted); err == nil || !cluster.IsConflict(err) && !cluster.IsNotFound(err) {
				return row, err
			}
		}
	}
}

// retake writes what is wanted into a row that exists, with a lease.
func (r *Registry) retake(ctx context.Context, wanted secrets.Assignment) (*Row, error) {
	for {
		row, err := r.Row(ctx, wanted.Secret, wanted.Project)
		switch {
		case cluster.IsNotFound(err):
			return nil, refuse(fmt.Sprintf("Assignment %s does not exist any more", wanted.ID()), "Another run has taken the secret away from the project. Plan again to see what is there now.")
		case err != nil:
			return nil, err
		case r.busy(row) && row.Phase == secrets.Unassigning:
			return nil, refuse(fmt.Sprintf("Assignment %s is being removed", row.ID()), "%s", underWay(row))
		case r.busy(row):
			if err := r.wait(ctx, row); err != nil {
				return nil, err
			}
			continue
		}
		changed := row.Assignment
		changed.OwnerID, changed.Owner, changed.Labels, changed.Annotations = wanted.OwnerID, wanted.Owner, wanted.Labels, wanted.Annotations
		changed.Phase, changed.Until, changed.LastError = secrets.Assigning, r.clock.now().Add(assignLease), ""
		if err := r.step(ctx, "reassign: write row"); err != nil {
			return nil, err
		}
		if err := r.saveRow(ctx, row, changed); err == nil || !cluster.IsConflict(err) && !cluster.IsNotFound(err) {
			return row, err
		}
	}
}

// usableDefinition reads a definition that can be assigned.
func (r *Registry) usableDefinition(ctx context.Context, secret string) (*Definition, error) {
	definition, err := r.Definition(ctx, secret)
	switch {
	case err != nil:
		return nil, Missing(secret, err)
	case definition.BeingDeleted() && r.clock.now().After(definition.DeletingUntil):
		return nil, refuse(fmt.Sprintf("Organization secret %q is being deleted", secret),
			"A run%s was to delete it, but failed or was killed, and no assignment is accepted meanwhile. Destroy the organization secret again; or apply it again, to keep it.", ofOwner(definition.Owner))
	case definition.BeingDeleted():
		return nil, refuse(fmt.Sprintf("Organization secret %q is being deleted", secret),
			"A run%s deletes it, until %s at the latest, and no assignment is accepted meanwhile. Remove the assignment from the configuration, or apply again after that.",
			ofOwner(definition.Owner), at(definition.DeletingUntil))
	}
	return definition, nil
}

// Missing explains the error of reading a definition, where there is none.
func Missing(secret string, err error) error {
	if cluster.IsNotFound(err) {
		return noSuchSecret(secret)
	}
	return err
}

func noSuchSecret(secret string) error {
	return refuse(fmt.Sprintf("Organization secret %q does not exist", secret),
		"Create it first (airm_organization_secret), and refer to its name so that the assignment waits for it; or correct the name.")
}

// makeObject makes the object that a row stands for, within its lease: after that time others remove
// the row, or take it over. It returns the server's object, and what was sent.
func (r *Registry) makeObject(ctx context.Context, row *Row, organization string) (*unstructured.Unstructured, map[string]any, error) {
	ctx, cancel := context.WithDeadline(ctx, row.Until)
	defer cancel()
	if err := r.step(ctx, "assign: read definition"); err != nil {
		return nil, nil, err
	}
	definition, err := r.usableDefinition(ctx, row.Secret)
	if err != nil {
		return nil, nil, err
	}
	if err := r.step(ctx, "assign: make object"); err != nil {
		return nil, nil, err
	}
	if r.clock.now().After(row.Until) {
		return nil, nil, refuse(fmt.Sprintf("Cannot assign %s", row.ID()),
			"Cluster %q did not answer within %s, so nothing was made. Apply again.", r.cluster.Name(), assignLease)
	}
	desired := secrets.AssignedObject(definition.OrganizationSecret, row.Assignment, organization)
	object, err := r.createObject(ctx, definition, row, desired, organization)
	return object, desired, err
}

// createObject posts the object. One that is there already is only taken if an earlier run of this
// very assignment made it.
func (r *Registry) createObject(ctx context.Context, definition *Definition, row *Row, desired map[string]any, organization string) (*unstructured.Unstructured, error) {
	live, err := r.cluster.Get(ctx, row.Ref())
	if err == nil {
		return r.reclaim(ctx, row, live, desired, organization)
	}
	if !cluster.IsNotFound(err) {
		return nil, err
	}
	if err := r.refuseWiping(ctx, definition, row); err != nil {
		return nil, err
	}
	created, err := r.cluster.Create(ctx, row.Ref(), desired)
	if !cluster.IsAlreadyExists(err) {
		return created, err
	}
	live, getErr := r.cluster.Get(ctx, row.Ref())
	if getErr != nil {
		return nil, err
	}
	return r.reclaim(ctx, row, live, desired, organization)
}

func (r *Registry) reclaim(ctx context.Context, row *Row, live *unstructured.Unstructured, desired map[string]any, organization string) (*unstructured.Unstructured, error) {
	if !secrets.CarriesOrganizationSecret(live.Object, row.Assignment, organization) {
		return nil, refuse(fmt.Sprintf("%s already exists", row.Ref()),
			"Project %q of cluster %q has an ExternalSecret of that name which is not the organization's, so it was left as it is and nothing was assigned. "+
				"Remove it, or give the organization secret another name.", row.Project, r.cluster.Name())
	}
	if live.GetDeletionTimestamp() != nil {
		return nil, refuse(fmt.Sprintf("%s is still being deleted", row.Ref()),
			"In cluster %q the project's earlier copy is not gone yet. %sApply again once it is gone.", r.cluster.Name(), Blockers(live))
	}
	return r.cluster.Apply(ctx, row.Ref(), live, desired, r.applying())
}

// refuseWiping keeps ESO from taking over a Secret that is not its own.
func (r *Registry) refuseWiping(ctx context.Context, definition *Definition, row *Row) error {
	if !secrets.WipesExistingSecret(definition.Definition.Spec) {
		return nil
	}
	target := secrets.TargetSecretName(row.Ref(), definition.Definition.Spec)
	exists, err := r.cluster.SecretExists(ctx, row.Project, target)
	if cluster.IsForbidden(err) {
		row.Unseen = row.Project + "/" + target
		return nil
	}
	if err == nil && exists {
		err = refuse(fmt.Sprintf("Secret %s/%s already exists", row.Project, target),
			"External Secrets Operator would take over the Kubernetes Secret in cluster %q and replace its data. Nothing was assigned. "+
				"Choose another target.name, set target.creation_policy = \"Merge\", or remove that Secret first.", r.cluster.Name())
	}
	return err
}

// giveUp ends an assignment for which nothing was made. Where the API server did not say whether it
// made the object, the row stays: it stands for what may be there.
func (r *Registry) giveUp(ctx context.Context, row *Row, why error) error {
	if unclear(why) {
		return r.endLease(ctx, row, why)
	}
	ctx = context.WithoutCancel(ctx)
	for {
		if err := r.step(ctx, "assign: take row back"); err != nil {
			return err
		}
		err := r.records.Delete(ctx, row.record)
		if err == nil {
			return why
		}
		if !cluster.IsConflict(err) {
			return errors.Join(why, err)
		}
		current, err := r.Row(ctx, row.Secret, row.Project)
		if err != nil || !row.sameClaim(current) {
			return why // whoever took it over has it
		}
		row = current
	}
}

// endLease records a failure of who holds the lease. A project that had the secret still has it, so
// that the next run need not wait; unless the object may still be made.
func (r *Registry) endLease(ctx context.Context, row *Row, why error) error {
	return r.record(ctx, row, why, func(failed *secrets.Assignment) {
		if len(failed.UIDs) > 0 && !unclear(why) {
			failed.Phase, failed.Until = secrets.Assigned, noTime
		}
	})
}

// complete looks again at what others write, now that the object is there: what has changed is
// applied at once, and an object that this run made after its time is removed. It is not interrupted:
// these few requests are what makes the assignment known.
func (r *Registry) complete(ctx context.Context, row *Row, object *unstructured.Unstructured, sent map[string]any, organization string) (*unstructured.Unstructured, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), assignLease)
	defer cancel()
	for {
		if err := r.step(ctx, "assign: read row again"); err != nil {
			return nil, err
		}
		current, err := r.Row(ctx, row.Secret, row.Project)
		if cluster.IsNotFound(err) || err == nil && !row.sameClaim(current) {
			return nil, r.withdraw(ctx, row)
		}
		if err != nil {
			return nil, err
		}
		definition, err := r.Definition(ctx, row.Secret)
		if err != nil {
			return nil, r.endLease(ctx, current, Missing(row.Secret, err))
		}
		newest := secrets.AssignedObject(definition.OrganizationSecret, current.Assignment, organization)
		if !reflect.DeepEqual(newest, sent) {
			if err := r.step(ctx, "assign: apply again"); err != nil {
				return nil, err
			}
			if object, err = r.cluster.Apply(ctx, row.Ref(), object, newest, r.applying()); err != nil {
				return nil, r.endLease(ctx, current, err)
			}
			sent = newest
			continue
		}
		done := current.Assignment
		done.Phase, done.Until, done.LastError = secrets.Assigned, noTime, ""
		done.UIDs = map[string]string{r.cluster.Name(): string(object.GetUID())}
		if err := r.step(ctx, "assign: complete row"); err != nil {
			return nil, err
		}
		err = r.saveRow(ctx, current, done)
		if cluster.IsConflict(err) || cluster.IsNotFound(err) {
			continue
		}
		current.Unseen = row.Unseen
		*row = *current
		return object, err
	}
}

// withdraw is for a run that overslept its lease. A row that another run has made or taken over is
// theirs, with the object; otherwise the object is removed, under a row again, so that it is known
// until it is gone.
func (r *Registry) withdraw(ctx context.Context, row *Row) error {
	ctx, cancel, deadline := r.untilDeadline(ctx)
	defer cancel()
	for {
		mark := row.Assignment
		mark.Phase, mark.Until, mark.UIDs = secrets.Unassigning, deadline, nil
		if err := r.step(ctx, "assign: write row to withdraw"); err != nil {
			return err
		}
		current, err := r.createRow(ctx, mark)
		if cluster.IsAlreadyExists(err) {
			current, err = r.Row(ctx, row.Secret, row.Project)
			if err == nil && current.Phase != secrets.Unassigning {
				return refuse(fmt.Sprintf("Assignment %s was taken over", row.ID()),
					"This run took longer than %s, and another one%s assigned the secret meanwhile. What is there is theirs.", assignLease, ofOwner(current.Owner))
			}
			if err == nil {
				err = r.mark(ctx, current, deadline)
			}
		}
		if cluster.IsNotFound(err) || cluster.IsConflict(err) {
			continue
		}
		if err == nil {
			err = r.remove(ctx, current)
		}
		if err != nil {
			return err
		}
		return refuse(fmt.Sprintf("Assignment %s was revoked", row.ID()),
			"This run took longer than %s, and another one took the secret away meanwhile. What was made (%s) is removed again. Plan again to see what is there now.", assignLease, row.Ref())
	}
}
