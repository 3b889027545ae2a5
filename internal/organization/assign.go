package organization

import (
	"context"
	"errors"
	"fmt"
	"time"

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
	object, err := r.fulfil(ctx, row, organization)
	return row, object, err
}

// openRow makes the row. One that somebody left behind is taken over once its time is up.
func (r *Registry) openRow(ctx context.Context, wanted secrets.Assignment) (*Row, error) {
	for {
		wanted.Phase, wanted.Until, wanted.LastError = secrets.Assigning, time.Now().Add(assignLease), ""
		if err := r.step(ctx, "assign: write row"); err != nil {
			return nil, err
		}
		record, err := r.records.Create(ctx, wanted.ConfigMap(r.namespace))
		if err == nil {
			return &Row{Assignment: wanted, record: record}, nil
		}
		if !cluster.IsAlreadyExists(err) {
			return nil, err
		}
		row, err := r.Row(ctx, wanted.Secret, wanted.Project)
		switch {
		case cluster.IsNotFound(err):
			continue
		case err != nil:
			return nil, err
		case row.Phase == secrets.Assigned:
			return row, fmt.Errorf("%w%s", ErrAssigned, ofOwner(row.Owner))
		case row.Phase == secrets.Assigning && time.Now().After(row.Until):
			wanted.UIDs = row.UIDs
			if err := r.saveRow(ctx, row, wanted); err == nil || !cluster.IsConflict(err) {
				return row, err
			}
		default: // another run assigns or removes it right now: it ends, or its time is up
			if err := sleep(ctx, time.Second); err != nil {
				return nil, refuse(fmt.Sprintf("Cannot assign %s", wanted.ID()),
					"Another run%s is %s it until %s. Apply again after that.", ofOwner(row.Owner), row.Phase, row.Until.UTC().Format(time.RFC3339))
			}
		}
	}
}

// fulfil makes the object that an open row stands for, and completes the row. Where nothing could be
// made the row is taken back.
func (r *Registry) fulfil(ctx context.Context, row *Row, organization string) (*unstructured.Unstructured, error) {
	if err := r.step(ctx, "assign: read definition"); err != nil {
		return nil, err
	}
	definition, err := r.usableDefinition(ctx, row.Secret)
	if err != nil {
		return nil, r.takeBack(ctx, row, err)
	}
	if err := r.step(ctx, "assign: make object"); err != nil {
		return nil, err
	}
	if time.Now().After(row.Until) {
		return nil, r.takeBack(ctx, row, refuse(fmt.Sprintf("Cannot assign %s", row.ID()),
			"The cluster did not answer within %s, so nothing was made. Apply again.", assignLease))
	}
	object, err := r.makeObject(ctx, definition, row, organization)
	if err != nil {
		return nil, r.takeBack(ctx, row, err)
	}
	return r.complete(ctx, definition, row, object, organization)
}

// Reassign brings an assignment that exists to what is wanted: labels and owner of the row, and the
// object, which is made again where somebody deleted it. A failure is recorded in the row.
func (r *Registry) Reassign(ctx context.Context, wanted secrets.Assignment) (*Row, *unstructured.Unstructured, error) {
	organization, err := r.records.Namespace(ctx, false)
	if err != nil {
		return nil, nil, err
	}
	row, err := r.retake(ctx, wanted)
	if err != nil {
		return nil, nil, err
	}
	definition, err := r.usableDefinition(ctx, row.Secret)
	if err != nil {
		return nil, nil, err
	}
	if err := r.step(ctx, "reassign: make object"); err != nil {
		return nil, nil, err
	}
	object, err := r.makeObject(ctx, definition, row, organization)
	if err != nil {
		return row, nil, r.recordFailure(ctx, row, err)
	}
	object, err = r.complete(ctx, definition, row, object, organization)
	return row, object, err
}

// retake writes what is wanted into a row that exists.
func (r *Registry) retake(ctx context.Context, wanted secrets.Assignment) (*Row, error) {
	for {
		row, err := r.Row(ctx, wanted.Secret, wanted.Project)
		if err != nil {
			return nil, err
		}
		if row.Phase == secrets.Unassigning && row.LastError == "" && time.Now().Before(row.Until) {
			return nil, refuse(fmt.Sprintf("Assignment %s is being removed", row.ID()), "Another run%s removes it. Apply again after that.", ofOwner(row.Owner))
		}
		changed := row.Assignment
		changed.OwnerID, changed.Owner, changed.Labels, changed.Annotations = wanted.OwnerID, wanted.Owner, wanted.Labels, wanted.Annotations
		changed.Phase, changed.Until = secrets.Assigned, time.Time{}
		if err := r.step(ctx, "reassign: write row"); err != nil {
			return nil, err
		}
		if err := r.saveRow(ctx, row, changed); !cluster.IsConflict(err) {
			return row, err
		}
	}
}

// usableDefinition reads a definition that can be assigned.
func (r *Registry) usableDefinition(ctx context.Context, secret string) (*Definition, error) {
	definition, err := r.Definition(ctx, secret)
	switch {
	case cluster.IsNotFound(err):
		return nil, noSuchSecret(secret)
	case err != nil:
		return nil, err
	case definition.BeingDeleted():
		return nil, refuse(fmt.Sprintf("Organization secret %q is being deleted", secret),
			"No assignment is accepted while that is under way%s.", ofOwner(definition.Owner))
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

// takeBack removes a row for which nothing was made. Whoever was faster with it has it.
func (r *Registry) takeBack(ctx context.Context, row *Row, why error) error {
	ctx = context.WithoutCancel(ctx)
	if err := r.step(ctx, "assign: take row back"); err != nil {
		return err
	}
	if err := r.records.Delete(ctx, row.record); err != nil && !cluster.IsConflict(err) {
		return errors.Join(why, err)
	}
	return why
}

// makeObject posts the object. One that is there already is only taken if an earlier, interrupted
// run of this very assignment made it.
func (r *Registry) makeObject(ctx context.Context, definition *Definition, row *Row, organization string) (*unstructured.Unstructured, error) {
	desired := secrets.AssignedObject(definition.OrganizationSecret, row.Assignment, organization)
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
		return nil // where we may not look, ESO decides
	}
	if err == nil && exists {
		err = refuse(fmt.Sprintf("Secret %s/%s already exists", row.Project, target),
			"External Secrets Operator would take over the Kubernetes Secret in cluster %q and replace its data. Nothing was assigned. "+
				"Choose another target.name, set target.creation_policy = \"Merge\", or remove that Secret first.", r.cluster.Name())
	}
	return err
}

// complete looks again at what others write, now that the object is there: a row that was marked or
// removed means that the assignment was revoked, and a newer definition is applied at once.
func (r *Registry) complete(ctx context.Context, definition *Definition, row *Row, object *unstructured.Unstructured, organization string) (*unstructured.Unstructured, error) {
	for {
		if err := r.step(ctx, "assign: read row again"); err != nil {
			return nil, err
		}
		current, err := r.Row(ctx, row.Secret, row.Project)
		revoked := cluster.IsNotFound(err) || err == nil && (current.UID() != row.UID() || current.OwnerID != row.OwnerID || current.Phase == secrets.Unassigning)
		if revoked {
			return nil, r.withdraw(ctx, row, object)
		}
		if err != nil {
			return nil, err
		}
		newest, err := r.Definition(ctx, row.Secret)
		switch {
		case cluster.IsNotFound(err):
			return nil, r.withdraw(ctx, row, object)
		case err != nil:
			return nil, err
		case newest.Revision != definition.Revision:
			definition = newest
			object, err = r.cluster.Apply(ctx, row.Ref(), object, secrets.AssignedObject(newest.OrganizationSecret, row.Assignment, organization), r.applying())
			if err != nil {
				return nil, err
			}
			continue
		}
		done := current.Assignment
		done.Phase, done.Until, done.LastError = secrets.Assigned, time.Time{}, ""
		done.UIDs = map[string]string{r.cluster.Name(): string(object.GetUID())}
		if err := r.step(ctx, "assign: complete row"); err != nil {
			return nil, err
		}
		err = r.saveRow(ctx, current, done)
		if cluster.IsConflict(err) || cluster.IsNotFound(err) {
			continue
		}
		*row = *current
		return object, err
	}
}

// withdraw removes an object that was made for an assignment which has been revoked meanwhile.
func (r *Registry) withdraw(ctx context.Context, row *Row, object *unstructured.Unstructured) error {
	if err := r.step(ctx, "assign: withdraw object"); err != nil {
		return err
	}
	if err := r.cluster.Delete(ctx, row.Ref(), object.GetUID()); err != nil {
		return err
	}
	return refuse(fmt.Sprintf("Assignment %s was revoked", row.ID()), "Somebody else removed it, or deleted the organization secret, in the same moment. What was made is removed again.")
}

func sleep(ctx context.Context, duration time.Duration) error {
	select {
	case <-time.After(duration):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
