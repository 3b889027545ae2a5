package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
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
			body := plain + `use_case = "Database"` + "\n"
			if c.template != "" {
				body += `target = { template = { data = { password = "{{ .password }}" } } }` + "\n"
			}
			p.run(
				step{
					PreConfig: func() {
						p.externalSecret("db", madeInAIRM("project", c.useCase)+c.template)
						p.eventually("it is synced", func() bool { return p.ready("ExternalSecret", "db") == "True" })
					},
					Config:            p.secret(body) + p.importBlock(),
					ConfigPlanChecks:  planned(secretAddress, plancheck.ResourceActionNoop),
					ConfigStateChecks: append(synced(secretAddress), value(secretAddress, "use_case", knownvalue.StringExact("Database"))),
				},
				step{
					Config:           p.secret(body+`refresh_interval = "2h"`) + p.importBlock(),
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
	p.run(step{
		PreConfig: func() { p.externalSecret("db", madeInAIRM("organization", "airm.silogen.com/use-case: s3")) },
		Config:    p.secret(plain) + p.importBlock(), ConfigPlanChecks: planned(secretAddress, plancheck.ResourceActionNoop),
		ConfigStateChecks: []statecheck.StateCheck{value(secretAddress, "use_case", knownvalue.Null())},
	})
}

// A manifest may be what kubectl prints on a platform: one warning, the use case is taken, and no difference is left.
func TestAccManifestOfAPlatform(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	printed := "apiVersion: external-secrets.io/v1beta1\nkind: ExternalSecret" + madeInAIRM("organization", "airm.silogen.com/use-case: database") + `
  target: {template: {metadata: {labels: {airm.silogen.ai/project-secret-id: 0e9dbd4f-45c9-4f63-b1a1-c3c1d2f0e111}}, data: {password: "{{ .password }}"}}}
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
	contains(t, output, `metadata.labels["airm.silogen.ai/project-secret-id"]`, `metadata.annotations["airm.silogen.ai/auto-discovered"]`, "status")
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
	contains(t, w.fails("plan", "-no-color"), "Contradicting use case", "The argument use_case is Generic, and a label of the manifest says Database")
	config(`use_case = "Database"`)
	w.apply()
	w.plansNothing()
	p.patch("ExternalSecret", "db", `{"metadata":{"labels":{"airm.silogen.ai/use-case":"Generic"}}}`)
	contains(t, w.run("plan", "-no-color"), `"Generic" -> "Database"`)
	config("") // back into the manifest; somebody's edit shows there
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
		step{Config: body, ConfigStateChecks: []statecheck.StateCheck{value(sharedAddress, "use_case", knownvalue.Null())}},
		step{Config: body, ResourceName: sharedAddress, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
		step{
			Config:            body + `data "airm_organization_secret" "test" { name = airm_organization_secret.test.name }`,
			ConfigStateChecks: []statecheck.StateCheck{value("data.airm_organization_secret.test", "use_case", knownvalue.StringExact("S3"))},
		},
	)
}
