// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// Row is what AIRM lists: a secret of a project, or the assignment of an organization secret of AIRM's own to a project.
type Row struct {
	ID, Project, Name, Kind, Scope string
	UseCase, Status, Submitter     string
}

// Ledger applies the rules of AIRM's API to the messages of the agent.
type Ledger struct {
	mu       sync.Mutex
	projects map[string]string // names by id
	rows     map[string]*Row   // by id
	refused  []string
}

// discovery is the message that asks AIRM to register an object that another user made.
type discovery struct {
	id, projectID, name, kind, useCase, submitter string
}

// report is the message that says how an object is.
type report struct {
	id, scope, status string
}

func newLedger() *Ledger {
	return &Ledger{projects: map[string]string{}, rows: map[string]*Row{}}
}

// Rows returns what AIRM lists for a project, by name and kind.
func (l *Ledger) Rows(project string) []Row {
	l.mu.Lock()
	defer l.mu.Unlock()
	var rows []Row
	for _, row := range l.rows {
		if row.Project == project {
			rows = append(rows, *row)
		}
	}
	slices.SortFunc(rows, func(a, b Row) int { return strings.Compare(a.Name+" "+a.Kind+" "+a.ID, b.Name+" "+b.Kind+" "+b.ID) })
	return rows
}

// Refused returns the messages that AIRM's API refused. It has one queue for all clusters, where a refused message comes again
// and holds up those behind it: nothing that the provider does may lead to one.
func (l *Ledger) Refused() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.refused)
}

func (l *Ledger) refuse(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(l.refused, text) {
		l.refused = append(l.refused, text)
	}
}

func (l *Ledger) addProject(id, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.projects[id] = name
}

// removeProject removes a project with its rows.
func (l *Ledger) removeProject(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, project := range l.projects {
		if project == name {
			delete(l.projects, id)
		}
	}
	for id, row := range l.rows {
		if row.Project == name {
			delete(l.rows, id)
		}
	}
}

// namespace takes the agent's message on a namespace that it watches.
func (l *Ledger) namespace(name, projectID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.projects[projectID] != name {
		l.refuse("status of namespace %s: AIRM knows no project with the id %q", name, projectID)
	}
}

// discover takes the agent's message on an object that another user made.
func (l *Ledger) discover(d discovery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d.useCase == "" {
		d.useCase = "Generic"
	}
	if !slices.Contains(useCases, d.useCase) {
		l.refuse("discovery of %s %s: %q is no use case", d.kind, d.name, d.useCase)
		return
	}
	project, known := l.projects[d.projectID]
	if l.rows[d.id] != nil || !known {
		return
	}
	row := Row{
		ID: d.id, Project: project, Name: d.name, Kind: d.kind, Scope: Project,
		UseCase: d.useCase, Status: "Synced", Submitter: d.submitter,
	}
	if err := l.insert(row); err != nil {
		l.refuse("discovery of %s %s/%s with the id %s: %s", d.kind, project, d.name, d.id, err)
	}
}

// insert adds a row unless the project has one of this name and kind.
func (l *Ledger) insert(row Row) error {
	for _, other := range l.rows {
		if other.Scope == Project && row.Scope == Project && other.Project == row.Project && other.Name == row.Name && other.Kind == row.Kind {
			return fmt.Errorf("project %s already has a row %s of the kind %s, with the id %s", row.Project, row.Name, row.Kind, other.ID)
		}
	}
	l.rows[row.ID] = &row
	return nil
}

// report takes the agent's message on how an object is. Of an id that AIRM does not know, it is dropped.
func (l *Ledger) report(r report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if uuid.Validate(r.id) != nil {
		l.refuse("status %s of the id %q, which is no UUID", r.status, r.id)
		return
	}
	if r.scope == "" {
		r.scope = Organization
	}
	row := l.rows[r.id]
	switch {
	case row == nil || row.Scope != r.scope:
	case r.status == "Deleted" && (row.Scope == Project || row.Status == "Deleting"):
		delete(l.rows, r.id)
	case row.Scope == Organization && row.Status == "Deleting" && r.status != "DeleteFailed":
	default:
		row.Status = r.status
	}
}

// deleting marks a row for deletion.
func (l *Ledger) deleting(id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	row := l.rows[id]
	if row == nil {
		return fmt.Errorf("AIRM lists no secret with the id %s", id)
	}
	row.Status = "Deleting"
	return nil
}

var useCases = []string{"HuggingFace", "ImagePullSecret", "S3", "Generic", "Database"}
