// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// recordReader reads the records, definitions and rows, in the platform namespace of the home cluster.
type recordReader struct {
	home      *cluster.Cluster
	store     *cluster.Records
	namespace string
}

// Definition is an organization secret as its record was read.
type Definition struct {
	airm.OrganizationSecret
	record *unstructured.Unstructured
}

// UID returns the UID of the record.
func (d *Definition) UID() string { return string(d.record.GetUID()) }

// IsLeftBehind reports whether a killed create of this owner's workspace left the record, so that no state has it.
func (d *Definition) IsLeftBehind(owner string) bool {
	return d.Unconfirmed && owner != "" && d.Owner == owner
}

// standsIn reports whether a deletion made it, where the record was lost: it defines nothing.
func (d *Definition) standsIn() bool { return len(d.Definition.Spec) == 0 }

// Row is an assignment as its record was read.
type Row struct {
	airm.Assignment
	record *unstructured.Unstructured
	joined bool // by the mark of this run, while another one was removing the copies
}

// UID returns the UID of the record.
func (r *Row) UID() string { return string(r.record.GetUID()) }

// IsLeftBehind reports whether a killed create of this owner's workspace left the record, so that no state has it. Users who may
// write records are trusted with the name of the owner.
func (r *Row) IsLeftBehind(owner string) bool {
	return r.Unconfirmed && owner != "" && r.Owner == owner
}

// isMissedBy reports whether the same resource has assigned the secret, and does not know it: lists do not find the row.
func (r *Row) isMissedBy(wanted airm.Assignment) bool {
	return !r.isLabelled() && wanted.OwnerID != "" && wanted.OwnerID == r.OwnerID
}

// isLabelled reports whether the record has the labels by which lists find it.
func (d *Definition) isLabelled() bool { return isLabelled(d.record, d.ConfigMap("")) }

// isLabelled reports whether the record has the labels by which lists find it.
func (r *Row) isLabelled() bool { return isLabelled(r.record, r.ConfigMap("")) }

func isLabelled(record *unstructured.Unstructured, written map[string]any) bool {
	labels := record.GetLabels()
	for key, value := range (&unstructured.Unstructured{Object: written}).GetLabels() {
		if key != airm.LabelManagedBy && labels[key] != value {
			return false
		}
	}
	return true
}

// readRecord reads a record by its name, live or from a list that many reads share.
type readRecord func(ctx context.Context, name string) (*unstructured.Unstructured, error)

// Definition reads an organization secret; the error satisfies cluster.IsNotFound if there is none.
func (r *recordReader) Definition(ctx context.Context, name string) (*Definition, error) {
	return r.definitionBy(ctx, r.store.Get, name)
}

func (r *recordReader) definitionBy(ctx context.Context, read readRecord, name string) (*Definition, error) {
	record, err := read(ctx, airm.DefinitionRecordName(name))
	if err != nil {
		return nil, r.explainMissing(err, fmt.Sprintf("Organization secret %q", name),
			"Create it with airm_organization_secret, or correct the name.")
	}
	return parseDefinition(record)
}

func parseDefinition(record *unstructured.Unstructured) (*Definition, error) {
	parsed, err := airm.ParseOrganizationSecret(record.Object)
	return &Definition{OrganizationSecret: parsed, record: record}, err
}

// Row reads an assignment; the error satisfies cluster.IsNotFound if there is none.
func (r *recordReader) Row(ctx context.Context, secret, project string) (*Row, error) {
	return r.rowBy(ctx, r.store.Get, secret, project)
}

func (r *recordReader) rowBy(ctx context.Context, read readRecord, secret, project string) (*Row, error) {
	record, err := read(ctx, airm.AssignmentRecordName(secret, project))
	if err != nil {
		return nil, r.explainMissing(err, fmt.Sprintf("Assignment of organization secret %q to project %q", secret, project),
			"Assign it with airm_secret_assignment or airm_secret_assignments, or correct the names.")
	}
	return parseRow(record)
}

// explainMissing adds to an error which record was not found. Other errors stay as they are.
func (r *recordReader) explainMissing(err error, what, advice string) error {
	if !cluster.IsNotFound(err) {
		return err
	}
	missing := refuse(what+" does not exist", "It is not in the organization's records, in namespace %q of cluster %q. %s If it was created in another workspace, check home_cluster and platform_namespace.",
		r.namespace, r.home.Name(), advice)
	missing.causes = []error{err}
	return missing
}

func parseRow(record *unstructured.Unstructured) (*Row, error) {
	parsed, err := airm.ParseAssignment(record.Object)
	return &Row{Assignment: parsed, record: record}, err
}

// Rows reads the assignments of an organization secret, or all of them if secret is empty. A record that cannot be parsed is an
// error: it may stand for an object.
func (r *recordReader) Rows(ctx context.Context, secret string) ([]*Row, error) {
	records, err := r.store.List(ctx, airm.AssignmentSelector(secret))
	if err != nil {
		return nil, err
	}
	var rows []*Row
	for i := range records {
		row, err := parseRow(&records[i])
		if err != nil {
			return nil, err
		}
		if secret == "" || row.Secret == secret {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// withUnlisted returns rows, as they were listed, and those that the list has missed although there are copies of them: their records
// have lost the labels.
func (r *recordReader) withUnlisted(ctx context.Context, rows []*Row, copies []airm.Assignment) ([]*Row, error) {
	listed := map[airm.Ref]bool{}
	for _, row := range rows {
		listed[row.Ref()] = true
	}
	missed := slices.DeleteFunc(slices.Clone(copies), func(a airm.Assignment) bool {
		seen := listed[a.Ref()]
		listed[a.Ref()] = true // in another cluster
		return seen
	})
	all := slices.Clone(rows)
	for _, read := range cluster.Gather(parallel, missed, func(a airm.Assignment) (*Row, error) { return r.Row(ctx, a.Secret, a.Project) }) {
		switch {
		case read.Err == nil:
			all = append(all, read.Value)
		case !cluster.IsNotFound(read.Err):
			return nil, read.Err
		}
	}
	return all, nil
}

// Definitions reads all organization secrets.
func (r *recordReader) Definitions(ctx context.Context) ([]*Definition, error) {
	records, err := r.store.List(ctx, airm.DefinitionSelector())
	if err != nil {
		return nil, err
	}
	var definitions []*Definition
	for i := range records {
		definition, err := parseDefinition(&records[i])
		if err != nil {
			return nil, err
		}
		definitions = append(definitions, definition)
	}
	return definitions, nil
}

// reread reads the rows of an organization secret, by project, only that of one project where it is named; and the definition.
// What is gone is no error: there is no such row then, and the definition is nil.
func (r *recordReader) reread(ctx context.Context, secret, project string) (map[string]*Row, *Definition, error) {
	rows, err := r.rowsOf(ctx, secret, project)
	if err != nil {
		return nil, nil, err
	}
	definition, err := r.Definition(ctx, secret)
	if cluster.IsNotFound(err) {
		return rowsByProject(rows), nil, nil
	}
	return rowsByProject(rows), definition, err
}

func rowsByProject(rows []*Row) map[string]*Row {
	all := map[string]*Row{}
	for _, row := range rows {
		all[row.Project] = row
	}
	return all
}

func (r *recordReader) rowsOf(ctx context.Context, secret, project string) ([]*Row, error) {
	if project == "" {
		return r.Rows(ctx, secret)
	}
	row, err := r.Row(ctx, secret, project)
	if cluster.IsNotFound(err) {
		return nil, nil
	}
	return []*Row{row}, err
}

// organization returns the UID of the platform namespace. It distinguishes the objects of these records from others.
func (r *recordReader) organization(ctx context.Context) (string, error) {
	return r.store.Namespace(ctx)
}
