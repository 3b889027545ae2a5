// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// Health is the state of an organization secret, or of an assignment, as a whole.
type Health struct {
	Status   airm.Status
	UpToDate bool
	// Unavailable reports whether some clusters are unavailable: of these nothing new is known.
	Unavailable bool
	// Unknown reports whether nothing could be read, because it is not known yet how to connect to the clusters of the copies:
	// the status is Pending then.
	Unknown bool
}

// SecretStatus is the state of an organization secret in all clusters. It is up to date if every object that can be read is as the
// definition says, and no update failed.
type SecretStatus struct {
	*Definition
	Health
	Assignments []*AssignmentStatus // in the order of the projects

	// Unrecorded are projects with copies whose records were deleted: an assignment writes them again, and a removal deletes the copies.
	Unrecorded []string
	// Unasked are the clusters, by their names, that did not say what they have: why not. Such copies may be there too.
	Unasked map[string]error
}

// Copies returns those of all assignments, in the order of projects and clusters.
func (s *SecretStatus) Copies() []*CopyStatus {
	var all []*CopyStatus
	for _, assignment := range s.Assignments {
		all = append(all, assignment.Copies...)
	}
	return all
}

// Rows returns the records of all assignments, in the order of the projects.
func (s *SecretStatus) Rows() []*Row {
	var all []*Row
	for _, assignment := range s.Assignments {
		all = append(all, assignment.Row)
	}
	return all
}

// AssignmentStatus is the state of one assignment. It is up to date if it is complete in every available cluster where it belongs,
// and its objects are as the records say.
type AssignmentStatus struct {
	*Row
	Health
	Copies []*CopyStatus // in the order of the clusters, without those whose connection is not known yet

	// ProjectNow is AIRM's ID of the project that has the name now; empty where it has none, or this user may not ask.
	ProjectNow string
	// ProjectGone reports whether the clusters themselves say that the project is gone.
	ProjectGone bool
	// Lost reports whether the project that had the secret is gone, so that the assignment does not count in the secret's status.
	Lost bool
	// Spec is that of the definition; nil without a definition or a record.
	Spec map[string]any
	// Unrecorded reports whether there is no record, although there are copies: it was deleted, and an update writes it again.
	Unrecorded bool

	found *cluster.ProjectClusters // the clusters that hold the project, nil if they were not located
}

// CopyStatus is the state of one assignment in one cluster.
type CopyStatus struct {
	Project string
	Cluster string // what it is called here
	Object  *unstructured.Unstructured
	Sync    eso.Sync
	// In is the cluster, nil if it is unavailable.
	In *cluster.Cluster

	current bool // the object is as the records say
}

// Reader reads the state of organization secrets and their assignments. It writes nothing.
type Reader struct {
	*recordReader
	*locator
}

// NewReader returns a reader of the records in that namespace of the home cluster. It is an error that there is no home cluster.
func NewReader(clusters *cluster.Clusters, namespace string) (*Reader, error) {
	home, err := clusters.Home()
	if err != nil {
		return nil, err
	}
	steps := &stepper{clock: serverClock{home}, parallel: parallel, waiting: waitingRemovals, renewEvery: removalLease / 3}
	return &Reader{&recordReader{home: home, store: home.Records(namespace), namespace: namespace}, &locator{clusters, steps}}, nil
}

// Status reads one organization secret with all its assignments: one list of the records, and one of the objects in each cluster.
func (r *Reader) Status(ctx context.Context, name string) (*SecretStatus, error) {
	definition, err := r.Definition(ctx, name)
	if err != nil {
		return nil, err
	}
	rows, err := r.Rows(ctx, name)
	if err != nil {
		return nil, err
	}
	organization, err := r.organization(ctx)
	if err != nil {
		return nil, err
	}
	r.rekey(ctx, rows...)
	states, err := r.clusterStates(ctx, rows, name)
	if err != nil {
		return nil, err
	}
	copies := copiesIn(states, organization)
	if rows, err = r.withUnlisted(ctx, rows, copies); err != nil {
		return nil, err
	}
	status := r.statusReader(ctx, organization, states, len(rows)).readSecret(ctx, definition, rows)
	status.Unrecorded, status.Unasked = projectsWithoutRow(copies, rows), unasked(states)
	return status, nil
}

// AssignmentStatus reads one assignment; the error satisfies cluster.IsNotFound where there is none. Where a run reads many, records and
// objects come from lists that all share. Copies whose record was deleted are an assignment that has failed.
func (r *Reader) AssignmentStatus(ctx context.Context, secret, project string) (*AssignmentStatus, error) {
	row, err := r.rowBy(ctx, r.store.Read, secret, project)
	if cluster.IsNotFound(err) {
		return r.unrecordedStatus(ctx, airm.Assignment{Secret: secret, Project: project}, err)
	}
	if err != nil {
		return nil, err
	}
	organization, err := r.store.NamespaceCached(ctx)
	if err != nil {
		return nil, err
	}
	r.rekey(ctx, row)
	states, err := r.clusterStatesOfOne(ctx, row)
	if err != nil {
		return nil, err
	}
	definition, err := r.definitionBy(ctx, r.store.Read, secret)
	if cluster.IsNotFound(err) {
		reason := fmt.Sprintf("The record of organization secret %q, a ConfigMap, was deleted, although the project has the secret. Apply the organization secret again, or restore the record.", secret)
		failed := &CopyStatus{Project: project, Sync: eso.Sync{Status: airm.Failed, Reason: reason}}
		return &AssignmentStatus{Row: row, Health: Health{Status: airm.Failed}, Copies: []*CopyStatus{failed}}, nil
	}
	if err != nil {
		return nil, err
	}
	return r.statusReader(ctx, organization, states, 1).readAssignment(ctx, definition, row), nil
}

// StatusOfAll reads all organization secrets, in the order of their names.
func (r *Reader) StatusOfAll(ctx context.Context) ([]*SecretStatus, error) {
	organization, err := r.organization(ctx)
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
	states, err := r.clusterStatesOfAll(ctx)
	if err != nil {
		return nil, err
	}
	if rows, err = r.withUnlisted(ctx, rows, copiesIn(states, organization)); err != nil {
		return nil, err
	}
	r.rekey(ctx, rows...)
	bySecret := map[string][]*Row{}
	for _, row := range rows {
		bySecret[row.Secret] = append(bySecret[row.Secret], row)
	}
	reader := r.statusReader(ctx, organization, states, len(rows))
	var all []*SecretStatus
	for _, definition := range definitions {
		all = append(all, reader.readSecret(ctx, definition, bySecret[definition.Name]))
	}
	slices.SortFunc(all, func(a, b *SecretStatus) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}
