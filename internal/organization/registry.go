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
	"fmt"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// Registry is an organization's secrets and their assignments. Safe for concurrent use. It puts together what reads, assigns,
// removes, updates and deletes; each of these has only what it needs.
type Registry struct {
	*stepper
	*records
	*notices
	*Reader
	*assigner
	*remover
	*updater
	*deleter
}

// New returns the registry whose records are in that namespace of the home cluster. With force, fields
// of other field managers are taken over. It is an error that there is no home cluster.
func New(clusters *cluster.Clusters, namespace string, force bool) (*Registry, error) {
	home, err := clusters.Home()
	if err != nil {
		return nil, err
	}
	steps := &stepper{clock: serverClock{home}, parallel: parallel, renewEvery: removalLease / 3}
	kept := &records{home: home, store: home.Records(namespace), namespace: namespace}
	found := &locator{clusters: clusters, steps: steps}
	held := &leases{steps, kept}
	noted := &notices{}
	writer := &copyWriter{force: force}
	removes := &remover{leases: held, locator: found, notices: noted}
	updates := &updater{leases: held, locator: found, notices: noted, writer: writer}
	return &Registry{
		stepper: steps, records: kept, notices: noted, remover: removes, updater: updates,
		Reader:   &Reader{records: kept, locator: found},
		assigner: &assigner{leases: held, locator: found, writer: writer, remover: removes, updater: updates},
		deleter:  &deleter{leases: held, locator: found, remover: removes},
	}, nil
}

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

// ofOwner says who made something, where that is known.
func ofOwner(owner string) string {
	if owner == "" {
		return ""
	}
	return fmt.Sprintf(" (by %s)", owner)
}
