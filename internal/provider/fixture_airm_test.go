// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"net"
	"net/url"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/airm"
)

// The labels and annotations of AIRM, as its release 1.0 has them.
const (
	airmID         = "airm.silogen.ai/project-secret-id"
	airmUseCase    = "airm.silogen.ai/use-case"
	airmDiscovered = "airm.silogen.ai/auto-discovered"
	airmSubmitter  = "airm.silogen.ai/submitter"
	agentFinalizer = airm.Finalizer
)

// airmPlatform is AIRM's stand-in for some projects. At the end, a test fails if AIRM's API refused anything.
type airmPlatform struct {
	*airm.Platform
	*testProject // the first one
}

// startAIRM has AIRM look after this project.
func (p *testProject) startAIRM() *airmPlatform { p.t.Helper(); return startAIRM(p) }

// startAIRM has AIRM look after the projects of the organization.
func (o *org) startAIRM() *airmPlatform { o.platform.t.Helper(); return startAIRM(o.projects...) }

func startAIRM(projects ...*testProject) *airmPlatform {
	p := projects[0]
	p.t.Helper()
	a := newAIRM(projects...)
	p.ok(a.StartWebhook(p.t.Context()))
	p.ok(a.StartAgent(p.t.Context()))
	return a
}

// newAIRM makes the projects AIRM's, with neither its webhook nor its agent started.
func newAIRM(projects ...*testProject) *airmPlatform {
	p := projects[0]
	p.t.Helper()
	host, _ := url.Parse(p.Config.Host)
	if address := net.ParseIP(host.Hostname()); address == nil || !address.IsLoopback() {
		p.t.Skipf("the API server %s is not on this machine, so it cannot call a webhook here", p.Config.Host)
	}
	standIn, err := airm.New(p.t.Context(), p.Config, p.name)
	p.ok(err)
	a := &airmPlatform{Platform: standIn, testProject: p}
	p.t.Cleanup(func() {
		if refused := a.Refused(); len(refused) > 0 {
			p.t.Errorf("AIRM's API refused:\n%s", strings.Join(refused, "\n"))
		}
		p.ok(a.Close(context.Background()))
	})
	for _, project := range projects {
		p.ok(a.AddProject(p.t.Context(), project.name))
	}
	return a
}

// restartAgent stops the agent and starts it again, which has it look at everything.
func (a *airmPlatform) restartAgent() {
	a.t.Helper()
	a.StopAgent()
	a.ok(a.StartAgent(a.t.Context()))
}

// webhookAddress returns the address at which the API server calls AIRM's webhooks.
func (a *airmPlatform) webhookAddress() string {
	a.t.Helper()
	configuration := a.get("MutatingWebhookConfiguration", a.name)
	webhooks, _, err := unstructured.NestedSlice(configuration.Object, "webhooks")
	a.ok(err)
	text, _, err := unstructured.NestedString(webhooks[0].(map[string]any), "clientConfig", "url")
	a.ok(err)
	address, err := url.Parse(text)
	a.ok(err)
	return address.Host
}

// rows returns what AIRM lists for a project once the agent has seen everything that is there.
func (a *airmPlatform) rows(p *testProject) []airm.Row {
	a.t.Helper()
	a.ok(a.AwaitSettled(a.t.Context()))
	return a.Rows(p.name)
}

// hasNoRow fails the test if AIRM lists anything for a project.
func (a *airmPlatform) hasNoRow(p *testProject) {
	a.t.Helper()
	if rows := a.rows(p); len(rows) > 0 {
		a.t.Errorf("AIRM lists %+v for project %s", rows, p.name)
	}
}

// row returns the only row that AIRM lists for a project, which has to be that of the ExternalSecret of this name.
func (a *airmPlatform) row(p *testProject, name string) airm.Row {
	a.t.Helper()
	rows := a.rows(p)
	if len(rows) != 1 || rows[0].Name != name || rows[0].Kind != airm.ExternalSecret {
		a.t.Fatalf("AIRM lists %+v for project %s, and not only the ExternalSecret %s", rows, p.name, name)
	}
	if object := p.get("ExternalSecret", name); object == nil || object.GetLabels()[airmID] != rows[0].ID {
		a.t.Errorf("the row %+v is not that of the object", rows[0])
	}
	return rows[0]
}

// marks are the id of an object and whether AIRM's agent is to register it, as AIRM reads them.
func marks(object *unstructured.Unstructured) (id, discovered string) {
	return object.GetLabels()[airmID], object.GetAnnotations()[airmDiscovered]
}
