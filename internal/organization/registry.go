// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package organization keeps an organization's records and acts on them: it defines secrets, assigns them to projects, updates
// them in all clusters, unassigns and deletes them.
//
// The records are in one cluster, the home cluster. The objects that they stand for are in every cluster that holds the project.
// A cluster is known by its identity; its name is for people.
//
// Many runs may work at the same time, and any of them may be killed after any step. The order of the steps makes that harmless:
// each run writes, and then reads live what the others write. The record of an assignment, its row, is also a lease: the run that
// assigns holds it until a time that the row names, and makes no object after that time. Other runs wait until then, so that there
// is never an object without a row. The row names the clusters before any object is made, so that a run that unassigns knows where
// to look. The mark of a removal is a lease as well, which the removing run renews: after a kill it blocks other runs for half a
// minute. The time of leases is that of the API server's clock.
//
// A missing answer is never taken for "no". If a cluster is unavailable, or a namespace has lost its label, copies stay as they are.
// A copy is recognized by its UID, or by label and annotations together; no other object is written or deleted. A row keeps AIRM's
// id of its project: a project of the same name with another id gets nothing, unless the assignment is planned for that one.
//
// The steps:
//
//	Assign     write the row, with a lease and the clusters; read the definition (absent or being
//	           deleted: delete the row again); make the object in each cluster; read row and definition
//	           again (changed: apply again; row gone, because this run was asleep for longer than its
//	           lease: remove the objects); complete the row
//	Reassign   the same, with a lease on the existing row; before it is completed, objects in
//	           clusters that the assignment leaves out are removed
//	Unassign   wait for the lease of a run that assigns, mark the row; in each cluster find the object; read
//	           the row again (not marked any more: leave the object), delete it and wait until it is
//	           gone; delete the row
//	Update     write the definition; list the rows; apply to one object that has it or is synced, and wait;
//	           apply to the others; read rows and definition again (changed: apply again)
//	Delete     list the rows (some, and not forced: refuse); mark the definition; list the rows (the same,
//	           and clear the mark); unassign them all; look for copies without a row (the same, or remove
//	           them under a new row); delete the definition as it was marked (changed: start again).
//	           If there is no definition although projects have the secret, write one that is marked.
//	           Rows whose project is gone, as the clusters say, do not count: they are marked, read
//	           again, and deleted
//
// Many are assigned or updated in batches: all take a step before any takes the next one, and what they read then is read once for all.
// The order needs no more than that each read comes after the write of each of them. Many that are unassigned take their steps each by
// itself, but read rows and objects before their marks, with one list of each: a mark is a write to the row as it was listed, and only
// an object whose UID the row names is taken from the list. For that object the mark is the lease, and the row is not read again: until
// the mark is over no run assigns that object again, and one that is made anew has another UID.
//
// In the code, recordReader reads the records and locator finds the copies in the clusters: Reader has only these two. leases writes the
// records, and stepper takes the steps, before each of which tests can stop a run. On all four stand assigner, remover, updater and
// deleter.
package organization

import (
	"fmt"
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// Registry is an organization's secrets and their assignments. It is safe for concurrent use. It consists of what reads, assigns,
// removes, updates and deletes, each of which has only what it needs.
type Registry struct {
	*stepper
	*recordReader
	*notices
	*Reader
	*assigner
	*remover
	*updater
	*deleter
}

// Options are the settings of a registry.
type Options struct {
	ForceConflicts bool // take over the fields of other field managers
}

// New returns the registry whose records are in that namespace of the home cluster. It is an error that there is no home cluster.
func New(clusters *cluster.Clusters, namespace string, options Options) (*Registry, error) {
	reader, err := NewReader(clusters, namespace)
	if err != nil {
		return nil, err
	}
	r := &Registry{stepper: reader.steps, recordReader: reader.recordReader, notices: &notices{}, Reader: reader}
	located, held, writer := reader.locator, &leases{r.stepper, r.recordReader}, &copyWriter{options.ForceConflicts}
	r.remover = &remover{held, located, r.notices}
	r.updater = &updater{held, located, r.notices, writer}
	r.assigner = &assigner{held, located, writer, r.remover, r.updater}
	r.deleter = &deleter{held, located, r.remover}
	return r, nil
}

// Error is a refusal or failure of the registry itself, with a text for people.
type Error struct {
	Summary, Detail string
	causes          []error
}

func (e *Error) Error() string { return e.Summary + ": " + e.Detail }

// Message returns both texts.
func (e *Error) Message() cluster.Message {
	return cluster.Message{Summary: e.Summary, Detail: e.Detail}
}

// Unwrap returns what went wrong in each cluster.
func (e *Error) Unwrap() []error { return e.causes }

func refuse(summary, format string, args ...any) *Error {
	return &Error{Summary: summary, Detail: fmt.Sprintf(format, args...)}
}

// ofOwner returns " (by owner)", empty if the owner is not known.
func ofOwner(owner string) string {
	if owner == "" {
		return ""
	}
	return fmt.Sprintf(" (by %s)", owner)
}

// Owners returns a list of the projects of rows, in order, with who assigned the secret to each.
func Owners(rows []*Row) string {
	var projects []string
	for _, row := range rows {
		projects = append(projects, row.Project+ofOwner(row.Owner))
	}
	slices.Sort(projects)
	return strings.Join(projects, ", ")
}
