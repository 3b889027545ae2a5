// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// A cluster that does not say whether it holds the project, and a namespace that has lost its label, keep the copy of an
// organization secret, whatever else an apply changes.
func TestAccOrganizationNoAnswerKeepsCopies(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	platform := p.name + "-records"
	p.create("Namespace", platform, "{}")
	blind := &atomic.Bool{}
	through := east.Proxy(func(w http.ResponseWriter, r *http.Request) bool {
		hidden := blind.Load() && strings.HasPrefix(r.URL.Path, "/api/v1/namespaces") && !strings.HasSuffix(r.URL.Path, "/kube-system")
		if hidden {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return hidden
	})
	provider := homeAndEast(through)
	provider.PlatformNamespace = platform
	assigned := assignmentConfig{Secret: sharedName, Project: p.name}
	w := p.newWorkspace()
	configure := func(tier string) {
		assigned.Labels = map[string]string{"tier": tier}
		w.configure(provider.String() + plainShared(p.store).String() + resourceBlock("airm_secret_assignment", "test", assigned))
	}
	configure("0")
	w.apply()
	before := east.get("ExternalSecret", "shared").GetUID()
	stays := func() {
		t.Helper()
		now := east.get("ExternalSecret", "shared")
		if now == nil || now.GetUID() != before || now.GetDeletionTimestamp() != nil || east.get("Secret", "shared") == nil {
			t.Fatal("the copy in east is gone")
		}
	}
	blind.Store(true)
	configure("1")
	contains(t, w.apply(), "The assignment is not in every cluster of the project yet", "cluster east")
	stays()
	blind.Store(false)

	east.patch("Namespace", p.name, `{"metadata":{"labels":{"airm.silogen.ai/project-id":null}}}`)
	configure("2")
	contains(t, w.apply(), "cluster east", "The copy was not changed", "is not a project")
	stays()
	east.patch("Namespace", p.name, `{"metadata":{"labels":{"airm.silogen.ai/project-id":"id-of-`+p.name+`"}}}`)
	w.apply()
	w.plansNothing()
	if got := east.get("ExternalSecret", "shared").GetLabels()["tier"]; got != "2" {
		t.Errorf("east has not got the change: %q", got)
	}
	w.destroy()
	east.expect("ExternalSecret shared", false)()
}

// What an editor of a project prepares is not completed by the platform's apply, and what he adds to a copy does not stay.
func TestAccOrganizationCompletesNothing(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	first, second := o.projects[0], o.projects[1]
	declared := o.declared(0)
	slow := declared
	slow.Shared.RefreshInterval = "5h0m0s"
	w := o.platform.newWorkspace()
	w.configure(declared.String())
	w.apply()

	forged := second.externalSecret("shared", `
metadata:
  annotations:
    terraform-provider-airm/organization-secret: shared
    terraform-provider-airm/organization: `+string(o.platform.get("Namespace", o.platform.name).GetUID())+`
    terraform-provider-airm/home: $project/shared
spec: {dataFrom: [{find: {name: {regexp: "."}}}]}`)
	w.configure(declared.assigned(0, 1).String())
	contains(t, w.fails("apply", "-auto-approve", "-no-color"),
		"ExternalSecret "+second.name+"/shared already exists", "does not belong to the organization secret")
	now := second.get("ExternalSecret", "shared")
	if now.GetUID() != forged.GetUID() || len(nested(now.Object, "spec", "secretStoreRef")) > 0 {
		t.Errorf("it was completed: %v", now.Object["spec"])
	}
	second.removeNow("ExternalSecret", "shared")

	w.configure(slow.String())
	w.apply()
	object := &unstructured.Unstructured{Object: map[string]any{"spec": first.get("ExternalSecret", "shared").Object["spec"]}}
	object.SetGroupVersionKind(first.Resource("ExternalSecret").GroupVersion().WithKind("ExternalSecret"))
	object.SetName("shared")
	// A no-op, which makes the team an owner too.
	_, err := first.objects("ExternalSecret").Apply(context.Background(), "shared", object, metav1.ApplyOptions{FieldManager: "team"})
	first.ok(err)
	w.configure(declared.String())
	w.apply()
	w.plansNothing()
	if got := nested(first.get("ExternalSecret", "shared").Object, "spec")["refreshInterval"]; got == "5h0m0s" {
		t.Error("what the definition dropped stays")
	}
	first.patch("ExternalSecret", "shared", `{"metadata":{"labels":{"`+airm.LabelOrganizationSecret+`":null},"managedFields":[{}]},"spec":{"dataFrom":[{"find":{"name":{"regexp":"."}}}]}}`)
	if got := w.plan("airm_secret_assignment.p0"); got != "update" {
		t.Errorf("the plan is %q", got)
	}
	w.apply()
	w.plansNothing()
	now = first.get("ExternalSecret", "shared")
	if nested(now.Object, "spec")["dataFrom"] != nil || now.GetLabels()[airm.LabelOrganizationSecret] == "" {
		t.Errorf("it is not healed: %v %v", now.GetLabels(), now.Object["spec"])
	}
	w.destroy()
	o.leavesNothing()
}

// A rename onto a Secret that a project has, and a Secret that cannot be written, are the failures of that project; a
// definition that fails goes no further, however often it is applied.
func TestAccOrganizationFansOutWithCare(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	first, second := o.projects[0], o.projects[1]
	declared := o.declared().asSet(0, 1)
	renamed, broken := declared, declared
	renamed.Shared.Target.Name = "precious"
	broken.Shared.Data = map[string]remoteRefConfig{"password": {Key: "no-such-key"}}
	w := o.platform.newWorkspace()
	w.configure(declared.String())
	w.apply()
	first.create("Secret", "precious", `stringData: {theirs: value}`)
	w.configure(renamed.String())
	contains(t, w.fails("apply", "-auto-approve", "-no-color"),
		"1 of 2 copies", "project "+first.name, "Secret "+first.name+"/precious already exists")
	if got := first.secretData("precious")["theirs"]; got != "value" {
		t.Errorf("the project's Secret became %q", got)
	}
	if second.get("Secret", "precious") == nil {
		t.Error("the other project has not got the change")
	}
	first.remove("Secret", "precious")
	w.configure(declared.String())
	w.apply()

	w.configure(broken.String())
	for range 2 {
		contains(t, w.fails("apply", "-auto-approve", "-no-color"), "was applied to 1 of 2 copies first", "no-such-key")
		if first.ready("ExternalSecret", "shared") == second.ready("ExternalSecret", "shared") {
			t.Error("the broken definition went further")
		}
	}
	w.configure(declared.String())
	w.apply()
	w.plansNothing()
	w.destroy()
	o.leavesNothing()
}

// A Secret that stays where an assignment is not placed any more is told of: its owner reference was removed, and it keeps the value.
func TestAccOrganizationNarrowedTellsOfSecretLeft(t *testing.T) {
	t.Parallel()
	for address, narrowed := range map[string]func(p *testProject, clusters []string) string{
		"airm_secret_assignment": func(p *testProject, clusters []string) string {
			return resourceBlock("airm_secret_assignment", "test", assignmentConfig{Secret: sharedName, Project: p.name, Clusters: clusters})
		},
		"airm_secret_assignments": func(p *testProject, clusters []string) string {
			return resourceBlock("airm_secret_assignments", "test", setConfig{Secret: sharedName, Projects: []string{p.name}, Clusters: clusters})
		},
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			east := p.inEast(true)
			provider := homeAnd("east", connectionConfig{ConfigContext: "east"})
			provider.PlatformNamespace = p.name
			w := p.newWorkspace()
			configure := func(clusters ...string) {
				w.configure(provider.String() + plainShared(p.store).String() + narrowed(p, clusters))
			}
			configure()
			w.apply()
			// ESO looks at the Secrets with this label only, and would take this one back at once.
			east.patch("Secret", "shared", `{"metadata":{"ownerReferences":null,"labels":{"reconcile.external-secrets.io/managed":null}}}`)
			configure("home")
			contains(t, w.apply(), "Secret "+p.name+"/shared was not deleted", `deleted from cluster "east"`)
			east.expect("ExternalSecret shared", false)()
			w.destroy()
		})
	}
}
