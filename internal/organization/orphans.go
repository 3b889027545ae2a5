// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// orphanedCopy is a copy of an organization secret without a row: the record was deleted, or the object restored.
type orphanedCopy struct {
	in      *cluster.Cluster
	project string
	uid     string
	others  string // the UID of the platform namespace if it is a copy of other records, which is never deleted
}

func (o orphanedCopy) String() string { return fmt.Sprintf("%s in cluster %q", o.project, o.in.Name()) }

// Copies are objects that have the labels and annotations of copies of an organization secret.
type Copies []orphanedCopy

// String lists them, in order.
func (c Copies) String() string {
	var lines []string
	for _, o := range c {
		lines = append(lines, o.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

// Projects returns the projects that have one, in order.
func (c Copies) Projects() []string {
	return projectsOf(c, func(o orphanedCopy) string { return o.project })
}

// own returns those of these records.
func (c Copies) own() Copies {
	return slices.DeleteFunc(c, func(o orphanedCopy) bool { return o.others != "" })
}

// removeOrphans refuses to delete a definition while there are copies without a row. Forced, it removes them first, each under a new
// row, so that it is known until it is gone. If they have rows that the list has missed, these get their labels back. It reports whether
// to list the rows again.
func (d deletion) removeOrphans(ctx context.Context, definition *Definition) (again bool, err error) {
	found, err := d.orphans(ctx, definition.Name)
	if err != nil {
		return false, err
	}
	if len(found) == 0 {
		return false, nil
	}
	if again, err := d.relabelRowsOf(ctx, definition.Name, found); err != nil || again {
		return again, err
	}
	if !d.forced {
		return false, refuse(fmt.Sprintf("Organization secret %q still has copies", definition.Name),
			"These projects have its ExternalSecret, although there is no record of an assignment: %s. Nothing was deleted. Delete these ExternalSecrets, "+
				"or assign the secret there again; or, to remove it from all of them, set force_destroy = true, apply, and then destroy.", found)
	}
	failed := gatherFailures(d.parallel, found, func(o orphanedCopy) Failure {
		return Failure{Project: o.project, Cluster: o.in.Name(), Err: d.removeOrphan(ctx, definition, o)}
	})
	if len(failed) > 0 {
		return false, notRemoved(failed)
	}
	return true, nil
}

// relabelRowsOf puts back the labels of rows that the list has missed, and reports whether there are any.
func (d *deleter) relabelRowsOf(ctx context.Context, secret string, found Copies) (again bool, err error) {
	var copies []airm.Assignment
	for _, o := range found {
		copies = append(copies, airm.Assignment{Secret: secret, Project: o.project})
	}
	rows, err := d.withUnlisted(ctx, nil, copies)
	if err != nil {
		return false, err
	}
	missed := slices.DeleteFunc(rows, (*Row).isLabelled)
	labelled, err := d.relabel(ctx, missed, nil)
	if err != nil {
		return false, err
	}
	for _, row := range labelled {
		if !row.isLabelled() { // a list would never find it
			return false, refuse(fmt.Sprintf("The record of assignment %s loses its labels", row.ID()),
				"Something in the home cluster, such as an admission webhook, takes the labels off the ConfigMap %s/%s. Without them, it is not listed. Stop that, then destroy again.",
				row.record.GetNamespace(), row.record.GetName())
		}
	}
	return len(missed) > 0, nil
}

func (d *deleter) removeOrphan(ctx context.Context, definition *Definition, o orphanedCopy) error {
	row := airm.Assignment{Secret: definition.Name, Project: o.project, Phase: airm.Unassigning, Owner: definition.Owner}
	id, err := d.identify(ctx, o.in, row)
	if err != nil {
		return err
	}
	row.Copies = map[string]airm.Copy{id: {Cluster: o.in.Name(), UID: o.uid}}
	row.Until = d.clock.now().Add(removalLease)
	if err := d.step(ctx, "delete: write row of an orphan"); err != nil {
		return err
	}
	written, err := d.createRow(ctx, row)
	if cluster.IsAlreadyExists(err) {
		return nil // another run has assigned it meanwhile, or removes it too: the rows are listed again
	}
	if err != nil {
		return err
	}
	return d.remover.remove(ctx, written, nil)
}

// copiesOfOthers warns of the copies of other records, which a deletion leaves as they are; nil if there are none.
func copiesOfOthers(secret string, found Copies) *Error {
	byNamespace := map[string][]string{}
	for _, o := range found {
		if o.others != "" {
			byNamespace[o.others] = append(byNamespace[o.others], o.String())
		}
	}
	if len(byNamespace) == 0 {
		return nil
	}
	var lines []string
	for _, uid := range slices.Sorted(maps.Keys(byNamespace)) {
		lines = append(lines, fmt.Sprintf("- UID %s: %s", uid, strings.Join(slices.Sorted(slices.Values(byNamespace[uid])), ", ")))
	}
	return refuse(fmt.Sprintf("Organization secret %q has copies of other records", secret),
		"These projects have ExternalSecrets of that name from the records of other platform namespaces, by their UIDs:\n%s\n\nThey are not deleted. If the platform namespace still exists, another organization manages them, and there is nothing to do. If it was deleted, nothing manages them any more: restore its records, the ConfigMaps, from a backup; or, if the projects do not need the secret, delete these ExternalSecrets.",
		strings.Join(lines, "\n"))
}

// orphans returns those of all clusters, and warns of the copies of other records. An unavailable cluster may have one, so that is an
// error.
func (d *deleter) orphans(ctx context.Context, secret string) (Copies, error) {
	organization, err := d.organization(ctx)
	if err != nil {
		return nil, err
	}
	found, err := d.listMarked(ctx, secret, organization)
	if err != nil {
		return nil, err
	}
	d.remover.notices.warn(copiesOfOthers(secret, found))
	return found.own(), nil
}

// FindCopies finds the copies of an organization secret by their labels and annotations, with records or without. The error is why a
// cluster did not say whether it has some.
func (r *Reader) FindCopies(ctx context.Context, secret string) (Copies, error) {
	organization, err := r.organization(ctx)
	if cluster.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := r.listMarked(ctx, secret, organization)
	return found.own(), err
}

// listMarked lists what has the labels and annotations of a copy in all clusters, of these records or of others. The error is why a cluster
// did not say.
func (l *locator) listMarked(ctx context.Context, secret, organization string) (found Copies, unknown error) {
	all := l.clusters.All()
	list := func(c *cluster.Cluster) (Copies, error) { return orphansIn(ctx, c, secret, organization) }
	for _, in := range cluster.Gather(len(all), all, list) {
		found, unknown = append(found, in.Value...), cmp.Or(unknown, in.Err)
	}
	return found, unknown
}

func orphansIn(ctx context.Context, c *cluster.Cluster, secret, organization string) (Copies, error) {
	objects, err := c.List(ctx, airm.KindExternalSecret, "", airm.CarriedSelector(secret))
	if cluster.IsForbidden(err) || errors.Is(err, cluster.ErrNoOperator) {
		return nil, nil // the rows are all that this user may know of
	}
	var found Copies
	for _, object := range objects {
		a := airm.Assignment{Secret: secret, Project: object.GetNamespace()}
		if object.GetName() != secret {
			continue
		}
		switch owner := a.MarkedFor(object.Object); owner {
		case "":
		case organization:
			found = append(found, orphanedCopy{in: c, project: object.GetNamespace(), uid: string(object.GetUID())})
		default:
			found = append(found, orphanedCopy{in: c, project: object.GetNamespace(), others: owner})
		}
	}
	return found, err
}
