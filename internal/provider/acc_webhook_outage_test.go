// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"net"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// What the provider does and reports while AIRM's agent, or its webhook, is unavailable.

// stopAgentWebhook has the API server call the webhooks of AIRM's agent for this project, where nothing answers, until the
// function that it returns.
func (p *testProject) stopAgentWebhook() (back func()) {
	p.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	p.ok(err)
	address := listener.Addr().String()
	p.ok(listener.Close())
	webhook := func(name, group, resource string) map[string]any {
		return map[string]any{
			"name": name, "admissionReviewVersions": []any{"v1"}, "sideEffects": "None", "failurePolicy": "Fail",
			"clientConfig":      map[string]any{"url": "https://" + address},
			"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": p.name}},
			"rules": []any{map[string]any{
				"apiGroups": []any{group}, "apiVersions": []any{"*"}, "resources": []any{resource}, "operations": []any{"CREATE", "UPDATE"},
			}},
		}
	}
	p.create("MutatingWebhookConfiguration", p.name, mustJSON(map[string]any{"webhooks": []any{
		webhook("externalsecret.airm.silogen.ai", airm.Group, "externalsecrets"),
		webhook("secret.airm.silogen.ai", "", "secrets"),
	}}))
	called := func(kind string, spec map[string]any) bool {
		probe := &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"name": "probe"}}}
		probe.SetGroupVersionKind(p.Resource(kind).GroupVersion().WithKind(kind))
		if spec != nil {
			probe.Object["spec"] = spec
		}
		_, err := p.objects(kind).Create(context.Background(), probe, metav1.CreateOptions{DryRun: dryRunAll})
		if err != nil && !strings.Contains(err.Error(), "failed calling webhook") {
			p.ok(err)
		}
		return err != nil
	}
	inForce := func(unavailable bool) func() bool {
		return func() bool {
			return called("ExternalSecret", map[string]any{}) == unavailable && called("Secret", nil) == unavailable
		}
	}
	p.eventually("the API server calls the webhooks", inForce(true))
	return func() {
		p.t.Helper()
		p.remove("MutatingWebhookConfiguration", p.name)
		p.eventually("the API server does not call the webhooks", inForce(false))
	}
}

// A write that the agent's webhook did not answer names it, and leaves nothing behind.
func TestAccWebhookUnavailable(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	p := o.projects[0]
	back := p.stopAgentWebhook()
	w := p.newWorkspace()
	w.configure(o.hcl(shared("") + assignmentBlock(0, "") + p.secret(plain)))
	contains(t, w.fails("apply", "-auto-approve", "-no-color"),
		"Cannot create ExternalSecret "+p.name+"/db", "Cannot create ExternalSecret "+p.name+"/shared",
		`the webhook "externalsecret.airm.silogen.ai" of AIRM's agent could not be called, so nothing was written`, "in the namespace airm by default", "apply again")
	for _, address := range []string{secretAddress, "airm_secret_assignment.p0"} {
		if w.state(address) != nil {
			t.Errorf("%s is in the state", address)
		}
	}
	if record := o.platform.get("ConfigMap", airm.AssignmentRecordName("shared", p.name)); record != nil {
		t.Errorf("the record of the assignment stays: %v", record.Object["data"])
	}
	back()
	w.apply()
	w.plansNothing()
	w.destroy()
	o.leavesNothing()
}

// A fan-out does not wait for the webhook with one copy after the other.
func TestAccFanOutWebhookUnavailable(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 3)
	declared := o.declared().asSet(0, 1, 2)
	updated := declared
	updated.Shared.RefreshInterval = "2h"
	w := o.platform.newWorkspace()
	w.configure(declared.String())
	w.apply()
	var back []func()
	for _, p := range o.projects {
		back = append(back, p.stopAgentWebhook())
	}
	w.configure(updated.String())
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "was applied to 1 of 3 copies", `the webhook "externalsecret.airm.silogen.ai" of AIRM's agent could not be called`)
	for _, end := range back {
		end()
	}
	w.apply()
	w.plansNothing()
	w.destroy()
	o.leavesNothing()
}

// A deletion that hangs names the Secret that still has a finalizer, and the webhook that cannot be called; afterwards the plan
// says what is going on, and the next destroy ends it.
func TestAccDestroyWithoutAgent(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 1)
	p := o.projects[0]
	w := p.newWorkspace()
	w.configure(o.hcl(shared("") + assignmentBlock(0, `timeouts = { delete = "5s" }`) + p.secret(plain+`timeouts = { delete = "5s" }`)))
	w.apply()
	for _, name := range []string{"db", "shared"} {
		p.hold("ExternalSecret", name, agentFinalizer)
		p.hold("Secret", name, agentFinalizer)
	}
	back := p.stopAgentWebhook()
	t.Cleanup(func() { p.remove("MutatingWebhookConfiguration", p.name) })

	said := w.fails("destroy", "-auto-approve", "-no-color")
	for _, name := range []string{"db", "shared"} {
		contains(t, said, "ExternalSecret "+p.name+"/"+name+" is not deleted yet",
			"Secret "+p.name+"/"+name+" still has the finalizer "+agentFinalizer+" of AIRM's agent")
	}
	contains(t, said, `The webhook "externalsecret.airm.silogen.ai" of AIRM's agent is unavailable`)

	said = w.run("plan", "-no-color")
	contains(t, said, "ExternalSecret "+p.name+"/db is being deleted",
		"Assignment shared/"+p.name+" is being deleted", "Secret "+p.name+"/db still has the finalizer")
	for _, address := range []string{secretAddress, "airm_secret_assignment.p0"} {
		if action := w.plan(address); action != "update" {
			t.Errorf("%s: the plan is %q", address, action)
		}
		w.run("refresh", "-no-color")
		if its := w.attributes(address); its["up_to_date"] != false || its["status"] != "DeleteFailed" {
			t.Errorf("%s: up_to_date is %v, and status %v", address, its["up_to_date"], its["status"])
		}
	}
	contains(t, w.fails("apply", "-auto-approve", "-no-color"),
		"ExternalSecret "+p.name+"/shared is still being deleted", "Cannot update ExternalSecret "+p.name+"/db: it is being deleted")

	back()
	for _, name := range []string{"db", "shared"} {
		p.release("Secret", name)
		p.release("ExternalSecret", name)
		p.eventually(name+" is gone", func() bool { return p.get("ExternalSecret", name) == nil })
	}
	w.destroy()
	o.leavesNothing()
	p.expect("ExternalSecret db", false)()
}
