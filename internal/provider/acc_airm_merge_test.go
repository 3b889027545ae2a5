// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"slices"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/airm"
)

// The Secret that ESO adds keys to has another owner: in AIRM it stays what it is.
func TestAccAIRMMerge(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.startAIRM()
	p.create("Secret", "db", `stringData: {a: b}`)
	id, discovered := marks(p.get("Secret", "db"))
	merging := p.plainSecret()
	merging.Target.CreationPolicy = "Merge"
	labelled, database := merging, merging
	labelled.Labels = map[string]string{"team": "a"}
	database.UseCase = "Database"
	w := p.newWorkspace()
	w.configure(database.String())
	w.apply()
	w.plansNothing()
	var listed []string
	for _, row := range a.rows(p) {
		listed = append(listed, row.Kind+" "+row.Name)
	}
	slices.Sort(listed)
	if !slices.Equal(listed, []string{airm.ExternalSecret + " db", airm.KubernetesSecret + " db"}) {
		t.Errorf("AIRM lists %q", listed)
	}
	secret := p.get("Secret", "db")
	if now, is := marks(secret); now != id || is != discovered || secret.GetLabels()[airmUseCase] != "Database" {
		t.Errorf("the Secret had the id %s and has the id %s; its labels are %v", id, now, secret.GetLabels())
	}
	if data := p.secretData("db"); data["a"] != "b" || data["password"] != "open sesame" {
		t.Errorf("the Secret has %v", data)
	}
	for _, declared := range []secretConfig{labelled, merging} { // the last label goes, too
		w.configure(declared.String())
		w.apply()
		w.plansNothing()
	}
	w.run("state", "rm", secretAddress)
	w.configure(merging.String() + p.importBlock())
	contains(t, w.apply(), "1 imported, 0 added, 0 changed")
	w.plansNothing()
	w.destroy()
	a.restartAgent()
	if rows := a.rows(p); len(rows) != 1 || rows[0].ID != id {
		t.Errorf("AIRM lists %+v", rows)
	}
}
