// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

const (
	testProjectID = "0b9c7a2e-6a3c-4b7e-9a55-2f0d7f1f9a11"
	team          = "team-a"
)

func ledgerOf(t *testing.T, discovered ...discovery) *Ledger {
	t.Helper()
	l := newLedger()
	l.addProject(testProjectID, team)
	for _, d := range discovered {
		l.discover(d)
	}
	return l
}

func secret(name string, more ...func(*discovery)) discovery {
	d := discovery{id: uuid.NewString(), projectID: testProjectID, name: name, kind: ExternalSecret}
	for _, change := range more {
		change(&d)
	}
	return d
}

func TestDiscovery(t *testing.T) {
	db := secret("db")
	for name, c := range map[string]struct {
		discovered    []discovery
		rows, refused string
	}{
		"once":       {[]discovery{db}, "ExternalSecret db", ""},
		"again":      {[]discovery{db, db}, "ExternalSecret db", ""},
		"another id": {[]discovery{db, secret("db")}, "ExternalSecret db", "already has a row db"},
		"another kind": {[]discovery{db, secret("db", func(d *discovery) { d.kind = KubernetesSecret })},
			"ExternalSecret db, KubernetesSecret db", ""},
		"another project": {[]discovery{secret("db", func(d *discovery) { d.projectID = uuid.NewString() })}, "", ""},
		"wrong use case":  {[]discovery{secret("db", func(d *discovery) { d.useCase = "Food" })}, "", `"Food" is no use case`},
		"spelled wrongly": {[]discovery{secret("db", func(d *discovery) { d.useCase = "generic" })}, "", `"generic" is no use case`},
	} {
		t.Run(name, func(t *testing.T) {
			l := ledgerOf(t, c.discovered...)
			var rows []string
			for _, row := range l.Rows(team) {
				rows = append(rows, row.Kind+" "+row.Name)
			}
			slices.Sort(rows)
			refused := strings.Join(l.Refused(), "\n")
			if strings.Join(rows, ", ") != c.rows || !strings.Contains(refused, c.refused) || (refused == "") != (c.refused == "") {
				t.Errorf("rows %q, refused %q", rows, refused)
			}
		})
	}
	if row := ledgerOf(t, db).Rows(team)[0]; row.UseCase != "Generic" || row.Status != "Synced" || row.Scope != Project {
		t.Errorf("the row is %+v", row)
	}
}

func TestReport(t *testing.T) {
	db := secret("db")
	own := Row{ID: uuid.NewString(), Project: team, Name: "own", Kind: ExternalSecret, Scope: Organization, Status: "Pending"}
	for name, c := range map[string]struct {
		reports []report
		want    map[string]string // status by name
		refused int
	}{
		"status":     {[]report{{db.id, Project, "SyncedError"}}, map[string]string{"db": "SyncedError", "own": "Pending"}, 0},
		"deleted":    {[]report{{db.id, Project, "Deleted"}}, map[string]string{"own": "Pending"}, 0},
		"unknown id": {[]report{{uuid.NewString(), Project, "Deleted"}}, map[string]string{"db": "Synced", "own": "Pending"}, 0},
		"other scope": {
			[]report{{db.id, Organization, "Deleted"}, {db.id, "", "Deleted"}},
			map[string]string{"db": "Synced", "own": "Pending"}, 0,
		},
		"no UUID":                {[]report{{"db", Project, "Deleted"}}, map[string]string{"db": "Synced", "own": "Pending"}, 1},
		"assignment":             {[]report{{own.ID, Organization, "Synced"}}, map[string]string{"db": "Synced", "own": "Synced"}, 0},
		"assignment in the dark": {[]report{{own.ID, Organization, "Deleted"}}, map[string]string{"db": "Synced", "own": "Deleted"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := ledgerOf(t, db)
			if err := l.insert(own); err != nil {
				t.Fatal(err)
			}
			for _, r := range c.reports {
				l.report(r)
			}
			rows := l.Rows(team)
			for _, row := range rows {
				if row.Status != c.want[row.Name] {
					t.Errorf("the row is %+v", row)
				}
			}
			if len(rows) != len(c.want) || len(l.Refused()) != c.refused {
				t.Errorf("rows %+v, refused %v", rows, l.Refused())
			}
		})
	}
}

func TestAssignmentBeingDeleted(t *testing.T) {
	l := ledgerOf(t)
	own := Row{ID: uuid.NewString(), Project: team, Name: "own", Kind: ExternalSecret, Scope: Organization, Status: "Synced"}
	if err := l.insert(own); err != nil {
		t.Fatal(err)
	}
	if err := l.deleting(own.ID); err != nil {
		t.Fatal(err)
	}
	l.report(report{own.ID, Organization, "Synced"})
	if rows := l.Rows(team); rows[0].Status != "Deleting" {
		t.Errorf("a late status changed it: %+v", rows)
	}
	l.report(report{own.ID, Organization, "Deleted"})
	if rows := l.Rows(team); len(rows) != 0 {
		t.Errorf("rows %+v", rows)
	}
	if err := l.deleting(own.ID); err == nil {
		t.Error("what AIRM does not list was deleted")
	}
}

func TestNamespaces(t *testing.T) {
	l := ledgerOf(t, secret("db"))
	l.namespace(team, testProjectID)
	if refused := l.Refused(); len(refused) != 0 {
		t.Errorf("refused %v", refused)
	}
	l.namespace("by-hand", "id-of-by-hand")
	l.namespace("by-hand", uuid.NewString())
	refused := l.Refused()
	unknown := `by-hand: AIRM knows no project with the id "id-of-by-hand"`
	if len(refused) != 2 || !strings.Contains(refused[0], unknown) || !strings.Contains(refused[1], "by-hand: ") {
		t.Errorf("refused %q", refused)
	}
	l.removeProject(team)
	if rows := l.Rows(team); len(rows) != 0 {
		t.Errorf("rows %+v", rows)
	}
	l.namespace(team, testProjectID)
	if refused := l.Refused(); len(refused) != 3 || !strings.Contains(refused[2], team+": AIRM knows no project") {
		t.Errorf("refused %v", refused)
	}
}
