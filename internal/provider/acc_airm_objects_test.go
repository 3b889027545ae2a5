// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// airmObject is the metadata of an ExternalSecret as AIRM's API and webhook make it.
const airmObject = `
metadata:
  labels:
    airm.silogen.ai/project-id: 6ef0bdcc-5a5c-4b7e-8f7a-2f6f27a1c2e1
    airm.silogen.ai/project-secret-id: 0e9dbd4f-45c9-4f63-b1a1-c3c1d2f0e111
    airm.silogen.ai/secret-scope: $scope
    $usecase
  annotations:
    airm.silogen.ai/auto-discovered: "false"
spec:
  secretStoreRef: {name: $store, kind: SecretStore}
  data: [{secretKey: password, remoteRef: {key: password}}]
`

func madeInAIRM(scope, useCase string) string {
	return strings.NewReplacer("$scope", scope, "$usecase", useCase).Replace(airmObject)
}

// What AIRM made is imported with an empty plan, in whatever way it spells the use case; our label comes with the next write.
func TestAccImportUseCase(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ useCase, template string }{
		"of AIRM's API":   {"airm.silogen.com/use-case: database", ""},
		"in another case": {"airm.silogen.ai/use-case: DATABASE", ""},
		"with a template": {"airm.silogen.com/use-case: database", "  target: {template: {data: {password: '{{ .password }}'}}}\n"},
		"with labels in a template": {"airm.silogen.com/use-case: database",
			"  target: {template: {metadata: {labels: {airm.silogen.com/use-case: database, airm.silogen.ai/project-secret-id: 0e9dbd4f-45c9-4f63-b1a1-c3c1d2f0e111}}, data: {password: '{{ .password }}'}}}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			secret := p.plainSecret()
			secret.UseCase = "Database"
			if c.template != "" {
				secret.Target.Template = &templateConfig{Data: map[string]string{"password": "{{ .password }}"}}
			}
			changed := secret
			changed.RefreshInterval = "2h"
			p.run(
				testStep{
					PreConfig: func() {
						p.externalSecret("db", madeInAIRM("project", c.useCase)+c.template)
						p.eventually("it is synced", func() bool { return p.ready("ExternalSecret", "db") == "True" })
					},
					Config:            secret.String() + p.importBlock(),
					ConfigPlanChecks:  expectPlan(secretAddress, plancheck.ResourceActionNoop),
					ConfigStateChecks: append(expectSynced(secretAddress), expectValue(secretAddress, "use_case", knownvalue.StringExact("Database"))),
				},
				testStep{
					Config:           changed.String() + p.importBlock(),
					ConfigPlanChecks: updates(secretAddress),
					Check: p.check(func() {
						object := p.get("ExternalSecret", "db")
						if got := object.GetLabels()["airm.silogen.ai/use-case"]; got != "Database" {
							t.Errorf("the label is %q", got)
						}
						if got := object.GetLabels()["airm.silogen.ai/project-secret-id"]; got == "" {
							t.Error("AIRM's id is gone")
						}
					}),
				},
			)
		})
	}
}

// A use case that a project secret cannot have is left alone by an import.
func TestAccImportUseCaseOfOrganizations(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.run(testStep{
		PreConfig: func() { p.externalSecret("db", madeInAIRM("organization", "airm.silogen.com/use-case: s3")) },
		Config:    p.secret(plain) + p.importBlock(), ConfigPlanChecks: expectPlan(secretAddress, plancheck.ResourceActionNoop),
		ConfigStateChecks: []statecheck.StateCheck{expectValue(secretAddress, "use_case", knownvalue.Null())},
	})
}

// A manifest may be what kubectl prints on a platform: one warning, the use case is taken, and no difference is left.
func TestAccManifestOfAPlatform(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	printed := "apiVersion: external-secrets.io/v1beta1\nkind: ExternalSecret" + madeInAIRM("organization", "airm.silogen.com/use-case: database") + `
  target: {template: {metadata: {labels: {airm.silogen.ai/project-secret-id: 0e9dbd4f-45c9-4f63-b1a1-c3c1d2f0e111}}, ` +
		`data: {password: "{{ .password }}"}}}
status: {refreshTime: "2026-11-26T10:00:00Z"}
`
	config := func(more string) {
		w.write("db.yaml", p.hcl(printed))
		w.configure(p.secret("manifest = file(\"db.yaml\")\n" + more))
	}
	config("")
	output := w.apply()
	if n := strings.Count(output, "Ignored metadata"); n != 1 {
		t.Errorf("%d warnings:\n%s", n, output)
	}
	contains(t, output,
		`metadata.labels["airm.silogen.ai/project-secret-id"]`, `metadata.annotations["airm.silogen.ai/auto-discovered"]`, "status")
	object := p.get("ExternalSecret", "db")
	if object.GetLabels()["airm.silogen.ai/use-case"] != "Database" || object.GetLabels()["airm.silogen.ai/secret-scope"] != "" {
		t.Errorf("labels %v", object.GetLabels())
	}
	if output := w.plansNothing(); strings.Contains(output, "Ignored metadata") {
		t.Errorf("a plan without a change warns:\n%s", output)
	}

	w.run("state", "rm", secretAddress)
	w.configure(p.secret(`manifest = file("db.yaml")`) + p.importBlock())
	w.apply()
	w.plansNothing()

	config(`use_case = "Generic"`)
	contains(t, w.fails("plan", "-no-color"), "Contradicting use case", "The argument use_case is Generic, but a label of the manifest has Database")
	config(`use_case = "Database"`)
	w.apply()
	w.plansNothing()
	p.patch("ExternalSecret", "db", `{"metadata":{"labels":{"airm.silogen.ai/use-case":"Generic"}}}`)
	contains(t, w.run("plan", "-no-color"), `"Generic" -> "Database"`)
	config("") // back into the manifest, where the edit of another user shows
	w.apply()
	p.patch("ExternalSecret", "db", `{"metadata":{"labels":{"airm.silogen.ai/use-case":"Generic"}}}`)
	contains(t, w.run("plan", "-no-color"), "manifest", "airm.silogen.ai/use-case: Generic")
	w.apply()
	w.plansNothing()
	w.destroy()
}

// An organization secret keeps its use case in the manifest, also through an import.
func TestAccOrganizationManifestOfAPlatform(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	body := o.hcl(strings.ReplaceAll(`
resource "airm_organization_secret" "test" {
  name = "shared"
`+manifestOf("v1", madeInAIRM("organization", "airm.silogen.com/use-case: s3"))+"\n}\n", "$store", "values"))
	o.run(
		testStep{Config: body, ConfigStateChecks: []statecheck.StateCheck{expectValue(sharedAddress, "use_case", knownvalue.Null())}},
		testStep{Config: body, ResourceName: sharedAddress, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
		testStep{
			Config:            body + `data "airm_organization_secret" "test" { name = airm_organization_secret.test.name }`,
			ConfigStateChecks: []statecheck.StateCheck{expectValue("data.airm_organization_secret.test", "use_case", knownvalue.StringExact("S3"))},
		},
	)
}

// An import of what AIRM's API made says what destroying it does there.
func TestAccImportFromAIRMWarns(t *testing.T) {
	t.Parallel()
	for scope, texts := range map[string][]string{
		"project":      {"is a secret of AIRM", "deletes it in AIRM too"},
		"organization": {"is a copy of an organization secret of AIRM", "deleted unexpectedly", "airm_secret_assignment"},
	} {
		t.Run(scope, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			p.externalSecret("db", madeInAIRM(scope, "airm.silogen.com/use-case: database"))
			w := p.newWorkspace()
			w.configure(p.secret(plain + `use_case = "Database"`))
			contains(t, w.fails("apply", "-auto-approve", "-no-color"), "already exists", "AIRM created it; its ID in AIRM is 0e9dbd4f")
			w.configure(p.secret(plain+`use_case = "Database"`) + p.importBlock())
			contains(t, w.apply(), append(texts, "0e9dbd4f-45c9-4f63-b1a1-c3c1d2f0e111")...)
			if output := w.plansNothing(); strings.Contains(output, "of AIRM") {
				t.Errorf("it warns again:\n%s", output)
			}
			w.configure(p.secret(plain+"use_case = \"Database\"\nlabels = { a = \"b\" }") + p.importBlock())
			if output := w.apply(); strings.Contains(output, "of AIRM") {
				t.Errorf("it warns again:\n%s", output)
			}
		})
	}
}

// A list says what AIRM made, and leaves it out of what no one manages; data sources say who made a secret.
func TestAccMadeBy(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("in-airm", madeInAIRM("organization", "airm.silogen.com/use-case: database"))
	p.externalSecret("others", "")
	w := p.newWorkspace()
	w.configure(p.secret(plain))
	w.apply()
	r := p.rpc(t)
	for filter, want := range map[string]string{
		``:                                     "db in-airm (made by AIRM) others",
		`,"unmanaged":true`:                    "others",
		`,"made_by":"AIRM"`:                    "in-airm (made by AIRM)",
		`,"made_by":"terraform-provider-airm"`: "db",
		`,"made_by":"other"`:                   "others",
	} {
		found, diagnostics := r.list(secretKind, p.hcl(`{"project":"$project"`+filter+`}`), 100, false)
		if got := strings.ReplaceAll(listedIDs(found), p.name+"/", ""); got != want || len(diagnostics) > 0 {
			t.Errorf("%s: %q\n%s", filter, got, diagnosticTexts(diagnostics))
		}
	}
	found, diagnostics := r.list(secretKind, `{"made_by":"me"}`, 0, false)
	if len(found) > 0 || !strings.Contains(diagnosticTexts(diagnostics), "made_by") {
		t.Errorf("%q %s", listedIDs(found), diagnosticTexts(diagnostics))
	}
	entry := func(index int, field string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.airm_project_secrets.test", tfjsonpath.New("secrets").AtSliceIndex(index).AtMapKey(field), want)
	}
	p.leave = true
	p.run(testStep{
		Config: p.hcl(`
			data "airm_project_secret" "test" {
				project = "$project"
				name    = "in-airm"
			}
			data "airm_project_secrets" "test" { project = "$project" }`),
		ConfigStateChecks: []statecheck.StateCheck{
			expectValue("data.airm_project_secret.test", "made_by", knownvalue.StringExact("AIRM")),
			expectValue("data.airm_project_secret.test", "airm_id", knownvalue.StringExact("0e9dbd4f-45c9-4f63-b1a1-c3c1d2f0e111")),
			expectValue("data.airm_project_secret.test", "scope", knownvalue.StringExact("Organization")),
			expectValue("data.airm_project_secret.test", "type", knownvalue.StringExact("Database")),
			entry(0, "made_by", knownvalue.StringExact("terraform-provider-airm")),
			entry(1, "made_by", knownvalue.StringExact("AIRM")),
			entry(1, "airm_id", knownvalue.StringExact("0e9dbd4f-45c9-4f63-b1a1-c3c1d2f0e111")),
			entry(1, "type", knownvalue.StringExact("Database")),
			entry(2, "made_by", knownvalue.StringExact("other")),
			entry(2, "airm_id", knownvalue.Null()),
		},
	})
	w.destroy()
}
