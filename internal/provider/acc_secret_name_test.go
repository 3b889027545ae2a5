// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// plansSecretName expects the attribute in the plan of a step.
func plansSecretName(address, want string) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectKnownValue(address, tfjsonpath.New("secret_name"), knownvalue.StringExact(want)),
	}}
}

func plansUnknownSecretName(address string) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectUnknownValue(address, tfjsonpath.New("secret_name")),
	}}
}

// The name of the Secret is known at plan where the arguments are, and is that of the Secret.
func TestAccSecretName(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	name := func(want string) []statecheck.StateCheck {
		return []statecheck.StateCheck{expectValue(secretAddress, "secret_name", knownvalue.StringExact(want))}
	}
	unknown := plansUnknownSecretName(secretAddress)
	secret := p.plainSecret()
	other, third := secret, secret
	other.Target.Name = "other"
	third.Target.Name = "${terraform_data.name.output}"
	labelled := other
	labelled.Labels = map[string]string{"a": "b"}
	p.run(
		testStep{Config: secret.String(), ConfigPlanChecks: plansSecretName(secretAddress, "db"), ConfigStateChecks: name("db")},
		testStep{Config: other.String(), ConfigPlanChecks: plansSecretName(secretAddress, "other"), ConfigStateChecks: name("other"),
			Check: p.check(func() {
				if p.get("Secret", "other") == nil {
					t.Error("there is no such Secret")
				}
			})},
		testStep{Config: labelled.String(), ConfigPlanChecks: plansSecretName(secretAddress, "other"), ConfigStateChecks: name("other")},
		testStep{PreConfig: func() { p.patch("ExternalSecret", "db", `{"spec":{"target":{"name":"edited"}}}`) },
			Config: labelled.String(), ConfigPlanChecks: plansSecretName(secretAddress, "other"), ConfigStateChecks: name("other")},
		testStep{Config: third.String() + `resource "terraform_data" "name" { input = "third" }`,
			ConfigPlanChecks: unknown, ConfigStateChecks: name("third")},
		testStep{Config: p.secret(manifestOf("v1", "spec: {secretStoreRef: {name: $store}, data: [{secretKey: a, remoteRef: {key: password}}], target: {name: fourth}}")),
			ConfigPlanChecks: plansSecretName(secretAddress, "fourth"), ConfigStateChecks: name("fourth")},
	)
}

// A state of a version without the attribute plans nothing, and has it after a refresh.
func TestAccSecretNameOfOldState(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	w := p.newWorkspace()
	w.configure(p.secret(plain) + "\noutput \"name\" { value = \"fixed\" }")
	w.apply()
	w.forget("secret_name")
	if got := w.attributes(secretAddress)["secret_name"]; got != nil {
		t.Fatalf("the state has %v", got)
	}
	w.plansNothing()
	w.run("plan", "-refresh=false", "-detailed-exitcode", "-no-color")
	w.run("refresh", "-no-color")
	if got := w.attributes(secretAddress)["secret_name"]; got != "db" {
		t.Errorf("after a refresh it is %v", got)
	}
	w.forget("secret_name")
	w.configure(p.secret(plain + `labels = { a = "b" }`))
	w.apply()
	if got := w.attributes(secretAddress)["secret_name"]; got != "db" {
		t.Errorf("after an update it is %v", got)
	}
	w.destroy()
}

// forget takes an attribute out of the state of all resources.
func (w *workspace) forget(attribute string) {
	w.t.Helper()
	w.editInstances(func(instance map[string]any) { delete(instance["attributes"].(map[string]any), attribute) })
}

// An assignment takes the name from the organization secret.
func TestAccSecretNameOfAssignment(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	const address = "airm_secret_assignment.p0"
	name := func(want string) []statecheck.StateCheck {
		return []statecheck.StateCheck{expectValue(address, "secret_name", knownvalue.StringExact(want))}
	}
	declared := o.declared(0)
	renamed := declared
	renamed.Shared.Target.Name = "other"
	again := declared.with(0, func(a *assignmentConfig) { a.Labels = map[string]string{"a": "b"} })
	again.Shared.Target.Name = "third"
	o.run(
		testStep{Config: declared.String(), ConfigStateChecks: name("shared"),
			ConfigPlanChecks: plansUnknownSecretName(address)},
		testStep{Config: renamed.String()},
		testStep{Config: renamed.String(), ConfigStateChecks: name("other"), ConfigPlanChecks: unchanged()},
		testStep{Config: again.String(), ConfigStateChecks: name("other"), ConfigPlanChecks: plansSecretName(address, "other")},
		testStep{Config: again.String(), ConfigStateChecks: name("third"), ConfigPlanChecks: unchanged()},
		testStep{ // what a member makes of the copy is not the name
			PreConfig: func() {
				o.projects[0].patch("ExternalSecret", "shared", `{"spec":{"target":{"name":"forged"}}}`)
			},
			Config: again.String(), ConfigStateChecks: name("third"), ConfigPlanChecks: plansSecretName(address, "third")},
		testStep{Config: again.String(), ResourceName: address, ImportState: true, ImportStateVerify: true},
	)
}
