// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// unrecorded are the copies of an assignment that its row does not name, or of one that has no row: the object was restored, or the
// record was deleted.
type unrecorded struct {
	copies  map[string]airm.Copy // by the identity of the cluster
	unasked map[string]error     // why clusters did not say whether they have one, by their names
}

// foundCopy is an object that has the name of a copy.
type foundCopy struct {
	id   string // the identity of the cluster
	live *unstructured.Unstructured
}

// findUnrecorded finds the copies of an assignment in the configured clusters, by label and annotations, where it names none. With is
// nil for one by itself. The platform namespace is read only if there is something to compare.
func (l *locator) findUnrecorded(
	ctx context.Context, a airm.Assignment, with *sharedLists, organization func(context.Context) (string, error),
) (unrecorded, error) {
	s := unrecorded{copies: map[string]airm.Copy{}, unasked: map[string]error{}}
	all := l.clusters.All()
	var owner string
	for _, asked := range cluster.Gather(len(all), all, func(c *cluster.Cluster) (foundCopy, error) { return l.lookFor(ctx, c, a, with) }) {
		switch {
		case cluster.IsNotFound(asked.Err), errors.Is(asked.Err, cluster.ErrNoOperator),
			errors.Is(asked.Err, cluster.ErrNoProject) && !errors.Is(asked.Err, cluster.ErrNotSelected):
			continue // it says itself that there is none
		case asked.Err != nil:
			s.unasked[asked.Item.Name()] = asked.Err
			continue
		case asked.Value.live == nil || a.MarkedFor(asked.Value.live.Object) == "":
			continue
		}
		if owner == "" {
			var err error
			if owner, err = organization(ctx); err != nil {
				return s, err
			}
		}
		if found := asked.Value; a.MarkedFor(found.live.Object) == owner {
			s.copies[found.id] = airm.Copy{Cluster: asked.Item.Name(), UID: string(found.live.GetUID())}
		}
	}
	return s, nil
}

// lookFor reads the object that has the name of a copy in one cluster, unless the assignment names a copy there.
func (l *locator) lookFor(ctx context.Context, c *cluster.Cluster, a airm.Assignment, with *sharedLists) (foundCopy, error) {
	id, err := l.identify(ctx, c, a)
	if err != nil {
		return foundCopy{}, err
	}
	if recorded, named := a.Copies[id]; named && recorded.MayExist() {
		return foundCopy{}, nil
	}
	live, err := with.read(ctx, c, a.Ref())
	if live != nil && err == nil { // it decides what is written, so it is not taken from a list
		live, err = c.Get(ctx, a.Ref())
	}
	return foundCopy{id, live}, err
}

// noteUnrecorded makes a row, as it was read, name the copies that it does not; the next write of the row keeps that. A cluster that does
// not answer keeps no removal from the copies that are known.
func (l *locator) noteUnrecorded(
	ctx context.Context, row *Row, with *sharedLists, organization func(context.Context) (string, error),
) error {
	found, err := l.findUnrecorded(ctx, row.Assignment, with, organization)
	if err != nil || len(found.copies) == 0 {
		return err
	}
	named := maps.Clone(row.Copies)
	if named == nil {
		named = map[string]airm.Copy{}
	}
	maps.Copy(named, found.copies)
	row.Copies = named
	return nil
}

// unrecordedStatus is the status of an assignment without a record. Without copies either there is no assignment: that is the error.
func (r *Reader) unrecordedStatus(ctx context.Context, a airm.Assignment, missing error) (*AssignmentStatus, error) {
	found, err := r.findUnrecorded(ctx, a, nil, r.store.NamespaceCached)
	if cluster.IsNotFound(err) || err == nil && len(found.copies) == 0 {
		return nil, found.unanswered(missing)
	}
	if err != nil {
		return nil, err
	}
	a.Copies = found.copies
	row := &Row{Assignment: a, record: &unstructured.Unstructured{}}
	status := &AssignmentStatus{Row: row, Health: Health{Status: airm.Failed}, Unrecorded: true}
	for _, name := range found.names() {
		status.Copies = append(status.Copies, &CopyStatus{Project: a.Project, Cluster: name, Sync: eso.Sync{Status: airm.Failed, Reason: "The record of the assignment, a ConfigMap, was deleted, although the project has the secret. Apply the assignment again, or restore the record."}})
	}
	return status, nil
}

// projectsWithoutRow returns the projects of copies that none of the rows is for, in order.
func projectsWithoutRow(copies []airm.Assignment, rows []*Row) []string {
	byProject, missing := rowsByProject(rows), map[string]bool{}
	for _, a := range copies {
		if byProject[a.Project] == nil {
			missing[a.Project] = true
		}
	}
	return slices.Sorted(maps.Keys(missing))
}

// unanswered returns the error of a cluster that did not answer, so that it is unknown whether it has a copy; otherwise the given one.
func (u unrecorded) unanswered(otherwise error) error {
	for _, name := range slices.Sorted(maps.Keys(u.unasked)) {
		if err := u.unasked[name]; cluster.IsUnanswered(err) {
			return err
		}
	}
	return otherwise
}

// names returns what the clusters of the copies are called here.
func (u unrecorded) names() []string {
	var all []string
	for _, found := range u.copies {
		all = append(all, found.Cluster)
	}
	slices.Sort(all)
	return all
}

// recreateRow writes the row of an assignment again if there are copies: then no run has removed it, but the record was deleted. The
// error satisfies cluster.IsAlreadyExists if another run was faster.
func (a *assigner) recreateRow(ctx context.Context, run *assignRun) (*Row, error) {
	wanted := run.wanted
	found, err := a.findUnrecorded(ctx, airm.Assignment{Secret: wanted.Secret, Project: wanted.Project}, nil, a.organization)
	if err == nil && len(found.copies) == 0 {
		err = refuse(fmt.Sprintf("Assignment %s does not exist any more", wanted.ID()), "Another run has removed the secret from the project. Plan again to see the current assignments.")
	}
	if err == nil {
		err = a.CheckHome(ctx, run.known)
	}
	if err != nil {
		return nil, err
	}
	wanted = a.merged(wanted, airm.Assignment{Copies: found.copies})
	wanted.Phase, wanted.Until = airm.Assigning, a.clock.now().Add(assignLease)
	if err := a.step(ctx, "reassign: write row again"); err != nil {
		return nil, err
	}
	row, err := a.createRow(ctx, wanted)
	if err != nil {
		return nil, err
	}
	run.noteRecorded(row)
	return row, nil
}

// removeUnrecorded removes the copies of an assignment that has no row, under a new row, so that they are known until they are gone.
// With is nil for a removal by itself.
func (r *remover) removeUnrecorded(ctx context.Context, a airm.Assignment, known Known, with *sharedLists) error {
	if err := r.CheckHome(ctx, known); err != nil {
		return err
	}
	found, err := r.findUnrecorded(ctx, a, with, r.organization)
	if cluster.IsNotFound(err) { // the platform namespace is gone
		return nil
	}
	if err != nil {
		return err
	}
	if len(found.copies) > 0 {
		a.Phase, a.Until, a.Copies = airm.Unassigning, r.clock.now().Add(removalLease), found.copies
		if err := r.step(ctx, "unassign: write row of unrecorded copies"); err != nil {
			return err
		}
		row, err := r.createRow(ctx, a)
		if cluster.IsAlreadyExists(err) {
			return nil // another run has assigned the secret meanwhile, or removes the copies too
		}
		if err == nil {
			err = r.remove(ctx, row, with)
		}
		if err != nil {
			return err
		}
	}
	r.notices.warn(found.explain(a))
	return nil
}

// explain warns of a removal without a record, which cannot know all copies; nil if nothing points to any.
func (u unrecorded) explain(a airm.Assignment) *Error {
	if len(u.copies) == 0 && len(u.unasked) == 0 {
		return nil
	}
	detail := "The ConfigMap of the assignment was gone, so its copies were looked for by their labels and annotations. "
	if len(u.copies) > 0 {
		detail += fmt.Sprintf("Deleted were those in cluster %s. ", strings.Join(u.names(), ", "))
	}
	detail += "A copy in a cluster that is not in the provider block, or did not answer, stays. "
	for _, name := range slices.Sorted(maps.Keys(u.unasked)) {
		detail += fmt.Sprintf("Cluster %q did not answer: %s ", name, jsonvalue.Sanitize(cluster.ErrorText(u.unasked[name])))
	}
	return refuse(fmt.Sprintf("Assignment %s had no record", a.ID()),
		"%sDelete %s there by hand, if the cluster still exists.", detail, a.Ref())
}
