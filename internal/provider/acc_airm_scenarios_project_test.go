// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/airm"
)

// AIRM's scenarios for secrets of a project.
func TestAccAIRMScenariosProject(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.startAIRM()
	s := &scenarios{t: t, w: p.newWorkspace(), projects: []*testProject{p}, hcl: p.hcl}

	s.run("Create secret with valid manifest", func(*testing.T) {
		s.apply(p.secret(`manifest = jsonencode({ apiVersion = "external-secrets.io/v1beta1", kind = "ExternalSecret", spec = {
    secretStoreRef = { name = "$store", kind = "SecretStore" }
    data           = [{ secretKey = "password", remoteRef = { key = "password" } }]
  } })`))
		a.row(p, "db")
	})
	s.run("Secret transitions to Synced", func(t *testing.T) {
		a.settlesAt(p, "db", "Synced")
		if got := s.w.attributes(secretAddress)["status"]; got != "Synced" {
			t.Errorf("status is %v", got)
		}
	})
	s.run("Secret has ExternalSecret in cluster", func(t *testing.T) {
		if id, discovered := marks(p.get("ExternalSecret", "db")); id == "" || discovered != "true" {
			t.Errorf("its id is %q, and it is discovered %q", id, discovered)
		}
	})
	s.run("Workload can use synced secret", func(*testing.T) { p.isUsable("db") })
	s.run("List secrets of project", func(t *testing.T) {
		s.apply(p.secret(plain) + "data \"airm_project_secrets\" \"test\" { project = airm_project_secret.test.project }")
		listed, _ := s.w.attributes("data.airm_project_secrets.test")["secrets"].([]any)
		if len(listed) != 1 || listed[0].(map[string]any)["name"] != "db" {
			t.Errorf("listed is %v", listed)
		}
	})
	s.run("Reject duplicate secret name", func(*testing.T) { s.refuses(p.secret(plain), "ExternalSecret "+p.name+"/db already exists") })
	s.run("Reject invalid ExternalSecret manifest", func(*testing.T) { s.refuses(p.secret(invalidManifest), "manifest") })
	s.run("Delete secret", func(*testing.T) {
		s.w.destroy()
		a.hasNoRow(p)
	})
	s.run("Recreate secret with same name after deletion", func(*testing.T) {
		s.apply(p.secret(plain))
		a.row(p, "db")
		a.settlesAt(p, "db", "Synced")
	})
	s.run("External secret with invalid path transitions to error state", func(t *testing.T) {
		s.w.configure(p.secret("store = { name = \"$store\", kind = \"SecretStore\" }\ndata = { password = { key = \"absent\" } }\non_sync_failure = \"warn\""))
		s.w.apply()
		if got := s.w.attributes(secretAddress)["status"]; got != "SyncedError" {
			t.Errorf("status is %v", got)
		}
		a.settlesAt(p, "db", "SyncedError")
	})
	s.run("Delete secret in error state", func(t *testing.T) {
		s.w.destroy()
		if rows := a.rows(p); len(rows) > 0 || p.get("Secret", "db") != nil {
			t.Errorf("AIRM lists %+v", rows)
		}
	})
}

// settlesAt waits until AIRM shows a status for the secret of this name.
func (a *airmPlatform) settlesAt(p *testProject, name, status string) {
	a.t.Helper()
	a.eventually("AIRM shows "+name+" as "+status, func() bool {
		for _, row := range a.Rows(p.name) {
			if row.Name == name && row.Kind == airm.ExternalSecret {
				return row.Status == status
			}
		}
		return false
	})
}
