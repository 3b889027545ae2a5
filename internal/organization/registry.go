// Package organization keeps an organization's records and does what follows from them: it defines
// secrets, assigns them to projects, updates them everywhere, takes them back and deletes them.
//
// The records are in one cluster, the home cluster. The objects that they stand for are in every cluster
// that holds the project. A cluster is known by its identity; what it is called is for people.
//
// Many runs may do so at once, and any of them may be killed after any step. The order of the steps
// makes that harmless: each side writes, then reads what the other one writes, live. The record of
// an assignment, its row, is a lease too: who assigns holds it until a time that stands in it, makes
// the objects not after that time, and everybody else waits for it, so that an object without a row
// never comes to be. The row names the clusters before anything is made there, so that whoever takes
// the secret away knows where to look. A mark that says "under way" is a lease of the same kind, which
// the removing run renews: one that was killed holds up the others for half a minute. Leases go by the
// API server's clock.
//
// No answer is never no. A cluster that did not answer and a namespace without its label keep what they
// have, and a copy is recognized by its UID, or by label and annotations together: nothing else is
// written or deleted. A row keeps AIRM's id of its project: one of the same name with another id gets nothing, unless who
// has the assignment wants it for that one. The steps:
//
//	Assign     write the row, with a lease and the clusters; read the definition (absent or being
//	           deleted: take the row back); make the object in each cluster; read row and definition
//	           again (changed: apply again; row gone, because this run overslept its lease: remove
//	           the objects); complete the row
//	Reassign   the same, with a lease on the row that is there; before it is completed, objects in
//	           clusters that the assignment leaves out are removed
//	Unassign   wait for the lease of who assigns, mark the row; in each cluster find the object, read
//	           the row again (not marked any more: leave the object), delete it and wait until it is
//	           gone; delete the row
//	Update     write the definition; list the rows; apply to one object that has it or is synced, and wait;
//	           apply to the others; read rows and definition again (changed: apply again)
//	Delete     list the rows (some, and not forced: refuse); mark the definition; list the rows (the same,
//	           and clear the mark); unassign them all; look for copies without a row (the same, or remove
//	           them under a row again); delete the definition as it was marked (changed: from the start).
//	           Rows whose project is gone, as the clusters say, do not count: they are marked, looked at
//	           again, and deleted
//
// Many are assigned or updated in batches: all take a step before any takes the next one, and what
// they read then, rows and definition, is read once for all. That a read comes after the write of
// each of them is all that the order needs.
package organization

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// Registry is an organization's secrets and their assignments. Safe for concurrent use.
type Registry struct {
	clusters  *cluster.Clusters
	home      *cluster.Cluster
	records   *cluster.Records
	namespace string
	force     bool

	// Step is called before every step that others can see, with its name; an error ends the
	// operation on the spot, as a kill would. Only tests set it.
	Step func(ctx context.Context, step string) error

	clock      clock
	parallel   int           // how many assignments are worked on at once
	renewEvery time.Duration // of the leases of removals

	mu     sync.Mutex // of what a run notices beside its work
	left   []LeftSecret
	unseen []string
}

// New returns the registry whose records are in that namespace of the home cluster. With force, fields
// of other field managers are taken over. It is an error that there is no home cluster.
func New(clusters *cluster.Clusters, namespace string, force bool) (*Registry, error) {
	home, err := clusters.Home()
	if err != nil {
		return nil, err
	}
	return &Registry{
		clusters: clusters, home: home, records: home.Records(namespace), namespace: namespace, force: force,
		clock: serverClock{home}, parallel: parallel, renewEvery: removalLease / 3,
	}, nil
}

// Definition is an organization secret as its record was read.
type Definition struct {
	airm.OrganizationSecret
	record *unstructured.Unstructured
}

// UID is that of the record.
func (d *Definition) UID() string { return string(d.record.GetUID()) }

// Row is an assignment as its record was read.
type Row struct {
	airm.Assignment
	record *unstructured.Unstructured
}

// UID is that of the record.
func (r *Row) UID() string { return string(r.record.GetUID()) }

// Error is a refusal or failure of the registry itself, in words for people.
type Error struct {
	Summary, Detail string
	causes          []error
}

func (e *Error) Error() string { return e.Summary + ": " + e.Detail }

// Unwrap returns what went wrong in each cluster.
func (e *Error) Unwrap() []error { return e.causes }

func refuse(summary, format string, args ...any) *Error {
	return &Error{Summary: summary, Detail: fmt.Sprintf(format, args...)}
}

// step comes before what others can see. Whether the context has ended is not asked here: the
// request that follows fails then, and what there is to tidy up is tidied up.
func (r *Registry) step(ctx context.Context, name string) error {
	slog.DebugContext(ctx, "Step: "+name)
	if r.Step == nil {
		return nil
	}
	return r.Step(ctx, name)
}

// Definition reads an organization secret; the error satisfies cluster.IsNotFound where there is none.
func (r *Registry) Definition(ctx context.Context, name string) (*Definition, error) {
	record, err := r.records.Get(ctx, airm.DefinitionRecordName(name))
	if err != nil {
		return nil, r.explainMissing(err, fmt.Sprintf("Organization secret %q", name), "Create it with airm_organization_secret, or correct the name.")
	}
	return parseDefinition(record)
}

func parseDefinition(record *unstructured.Unstructured) (*Definition, error) {
	parsed, err := airm.ParseOrganizationSecret(record.Object)
	return &Definition{OrganizationSecret: parsed, record: record}, err
}

// Row reads an assignment; the error satisfies cluster.IsNotFound where there is none.
func (r *Registry) Row(ctx context.Context, secret, project string) (*Row, error) {
	record, err := r.records.Get(ctx, airm.AssignmentRecordName(secret, project))
	if err != nil {
		return nil, r.explainMissing(err, fmt.Sprintf("Assignment of organization secret %q to project %q", secret, project),
			"Assign it with airm_secret_assignment or airm_secret_assignments, or correct the names.")
	}
	return parseRow(record)
}

// explainMissing says of a record that was not found what it is the record of. Other errors stay as they are.
func (r *Registry) explainMissing(err error, what, advice string) error {
	if !cluster.IsNotFound(err) {
		return err
	}
	missing := refuse(what+" does not exist", "The organization's records, in namespace %q of cluster %q, do not have it. %s If it was made elsewhere, check home_cluster and platform_namespace.",
		r.namespace, r.home.Name(), advice)
	missing.causes = []error{err}
	return missing
}

func parseRow(record *unstructured.Unstructured) (*Row, error) {
	parsed, err := airm.ParseAssignment(record.Object)
	return &Row{Assignment: parsed, record: record}, err
}

// Rows reads the assignments of an organization secret, or all of them where secret is empty. A
// record that cannot be read is an error: it may stand for an object.
func (r *Registry) Rows(ctx context.Context, secret string) ([]*Row, error) {
	records, err := r.records.List(ctx, airm.AssignmentSelector(secret))
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

// Definitions reads all organization secrets.
func (r *Registry) Definitions(ctx context.Context) ([]*Definition, error) {
	records, err := r.records.List(ctx, airm.DefinitionSelector())
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

// organization is the UID of the platform namespace: what tells the objects of these records from others.
func (r *Registry) organization(ctx context.Context) (string, error) {
	return r.records.Namespace(ctx, false)
}

// createRow writes a new row; cluster.IsAlreadyExists where there is one.
func (r *Registry) createRow(ctx context.Context, wanted airm.Assignment) (*Row, error) {
	record, err := r.records.Create(ctx, wanted.ConfigMap(r.namespace))
	if err != nil {
		return nil, err
	}
	return parseRow(record)
}

// saveRow writes a row as it was read; cluster.IsConflict where somebody was faster.
func (r *Registry) saveRow(ctx context.Context, row *Row, changed airm.Assignment) error {
	record, err := r.records.Replace(ctx, row.record, changed.ConfigMap(r.namespace))
	if err != nil {
		return err
	}
	slog.DebugContext(ctx, "The row of assignment "+changed.ID()+" is "+string(changed.Phase), logging.KeySecret, changed.Secret, logging.KeyProject, changed.Project,
		logging.KeyUntil, changed.Until, "failed", changed.LastError != "")
	saved, err := parseRow(record)
	*row = *saved
	return err
}

func (r *Registry) saveDefinition(ctx context.Context, d *Definition, changed airm.OrganizationSecret) error {
	record, err := r.records.Replace(ctx, d.record, changed.ConfigMap(r.namespace))
	if err != nil {
		return err
	}
	saved, err := parseDefinition(record)
	*d = *saved
	return err
}

// ofOwner says who made something, where that is known.
func ofOwner(owner string) string {
	if owner == "" {
		return ""
	}
	return fmt.Sprintf(" (by %s)", owner)
}
