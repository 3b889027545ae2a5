// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// AIRM's own end-to-end scenarios, under their names, with secrets of this provider in projects of AIRM's. Those of one test
// build on one another.
type scenarios struct {
	t        *testing.T
	w        *workspace
	projects []*testProject
	hcl      func(string) string
}

// run runs one scenario; the next ones need what it leaves behind.
func (s *scenarios) run(name string, do func(*testing.T)) {
	s.t.Helper()
	report := func(t *testing.T) {
		s.w.t = t
		for _, p := range s.projects {
			p.t = t
		}
	}
	defer report(s.t)
	done := s.t.Run(name, func(t *testing.T) {
		report(t)
		do(t)
	})
	if !done {
		s.t.FailNow()
	}
}

// apply applies a configuration, which then plans nothing.
func (s *scenarios) apply(config string) {
	s.w.t.Helper()
	s.w.configure(s.hcl(config))
	s.w.apply()
	s.w.plansNothing()
}

// refuses expects another workspace to be refused a configuration, with this text.
func (s *scenarios) refuses(config, text string) {
	s.w.t.Helper()
	other := s.projects[0].newWorkspace()
	other.configure(s.hcl(config))
	contains(s.w.t, other.fails("apply", "-auto-approve", "-no-color"), text)
}

// isUsable fails the test unless a workload finds the value in the Secret, under its type.
func (p *testProject) isUsable(name string) {
	p.t.Helper()
	secret := p.get("Secret", name)
	if secret == nil || secret.Object["type"] != "Opaque" || p.secretData(name)["password"] != "open sesame" {
		p.t.Errorf("a workload in %s cannot use the Secret %s", p.name, name)
	}
}

// isIn fails the test unless the organization secret is in exactly these projects.
func (o *org) isIn(wanted ...bool) {
	o.platform.t.Helper()
	for i, p := range o.projects {
		if got := p.get("ExternalSecret", "shared") != nil; got != wanted[i] {
			p.t.Errorf("the secret is in project %d: %t", i, got)
		}
	}
}

const invalidManifest = "manifest = \"kind: ExternalSecret\""

func TestAccAIRMScenariosOrganization(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	a := o.startAIRM()
	s := &scenarios{t: t, w: o.platform.newWorkspace(), projects: append([]*testProject{o.platform}, o.projects...), hcl: o.hcl}
	const use = "use_case = \"Database\""

	s.run("Create secret with valid manifest", func(*testing.T) {
		s.apply(`resource "airm_organization_secret" "test" {
  name     = "shared"
  manifest = jsonencode({ apiVersion = "external-secrets.io/v1beta1", kind = "ExternalSecret", spec = {
    secretStoreRef = { name = "values", kind = "SecretStore" }
    data           = [{ secretKey = "password", remoteRef = { key = "password" } }]
  } })
}`)
		o.elsewhere(hasStatus(airm.Unassigned))
	})
	s.run("Create secret and assign to project", func(*testing.T) {
		s.apply(shared(use) + assignmentBlock(0, ""))
		o.isIn(true, false)
	})
	s.run("Secret transitions to Synced", func(*testing.T) { o.elsewhere(hasStatus(airm.Synced)) })
	s.run("Secret has ExternalSecret in cluster", func(t *testing.T) {
		if id, discovered := marks(o.projects[0].get("ExternalSecret", "shared")); id == "" || discovered != "false" {
			t.Errorf("its id is %q, and it is discovered %q", id, discovered)
		}
	})
	s.run("Workload can use synced secret", func(*testing.T) { o.projects[0].isUsable("shared") })
	s.run("List secrets for organization", func(*testing.T) {
		listed := tfjsonpath.New("secrets").AtSliceIndex(0).AtMapKey("use_case")
		o.elsewhere(statecheck.ExpectKnownValue("data.airm_organization_secrets.test", listed, knownvalue.StringExact("Database")))
	})
	s.run("Assign secret to additional project", func(*testing.T) {
		s.apply(shared(use) + assignmentBlock(0, "") + assignmentBlock(1, ""))
		o.isIn(true, true)
		o.elsewhere(hasStatus(airm.Synced))
	})
	s.run("Remove project assignment", func(*testing.T) {
		s.apply(shared(use) + assignmentBlock(0, ""))
		o.isIn(true, false)
	})
	s.run("Reject duplicate secret name", func(*testing.T) { s.refuses(shared(use), `Organization secret "shared" already exists`) })
	s.run("Reject invalid ExternalSecret manifest", func(*testing.T) {
		s.refuses("resource \"airm_organization_secret\" \"test\" {\nname = \"other\"\n"+invalidManifest+"\n}", "manifest")
	})
	s.run("Delete assigned secret", func(*testing.T) {
		s.w.destroy()
		o.leavesNothing()
	})
	s.run("Recreate secret with same name after deletion", func(*testing.T) {
		s.apply(shared(use) + assignmentBlock(0, ""))
		o.isIn(true, false)
		o.elsewhere(hasStatus(airm.Synced))
	})
	s.run("External secret with invalid path transitions to error state", func(*testing.T) {
		o.projects[1].setStore("values", map[string]string{"another": "value"})
		s.w.configure(o.hcl(shared(use) + assignmentBlock(0, "") + assignmentBlock(1, `on_sync_failure = "warn"`)))
		contains(t, s.w.apply(), "SyncedError")
		o.elsewhere(hasStatus(airm.SyncedError))
	})
	s.run("Delete unassigned secret", func(*testing.T) {
		s.apply(shared(use))
		o.isIn(false, false)
		o.elsewhere(hasStatus(airm.Unassigned))
		s.w.destroy()
		o.leavesNothing()
	})
	for _, p := range o.projects { // AIRM lists its own secrets, and no copy of ours
		a.hasNoRow(p)
	}
}

// What others apply with kubectl is AIRM's to register: these scenarios are of the stand-in itself.
func TestAccAIRMScenariosKubectl(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	a := p.startAIRM()
	const body = `spec: {secretStoreRef: {name: $store, kind: SecretStore}, data: [{secretKey: password, remoteRef: {key: password}}]}`
	p.externalSecret("db", "metadata: {labels: {"+airmUseCase+": huggingface}}\n"+body)
	p.eventually("the Secret is there", func() bool { return p.get("Secret", "db") != nil })
	p.eventually("the object is synced", func() bool { return p.ready("ExternalSecret", "db") == "True" })

	rows := a.rows(p) // of two objects
	if len(rows) != 1 || rows[0].UseCase != "HuggingFace" || rows[0].Submitter == "" {
		t.Fatalf("ExternalSecret applied via kubectl is auto-discovered by AIRM, and its use case normalized: %+v", rows)
	}
	a.restartAgent()
	if again := a.rows(p); len(again) != 1 || again[0].ID != rows[0].ID {
		t.Errorf("Auto-discovered secret survives pod restart without duplicates: %+v", again)
	}
	p.removeNow("ExternalSecret", "db")
	a.hasNoRow(p) // Delete ExternalSecret via kubectl and verify AIRM removes it

	p.create("Secret", "own", "metadata: {labels: {"+airmUseCase+": database}}")
	if rows := a.rows(p); len(rows) != 1 || rows[0].Kind != "KubernetesSecret" || rows[0].UseCase != "Database" {
		t.Errorf("Apply Kubernetes secret with use-case label and verify normalization: %+v", rows)
	}
	p.removeNow("Secret", "own")
	a.hasNoRow(p)
}
