// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

const policyWarning = "mind the gap"

// warn installs a policy that warns of every ExternalSecret that is written in the projects of an access, and waits until
// it is in force.
func (a *access) warn() {
	a.t.Helper()
	a.installText("", "policy", `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: warn}
spec:
 matchConstraints:
   resourceRules: [{apiGroups: [external-secrets.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [externalsecrets]}]
 validations: [{expression: "false", message: "`+policyWarning+`"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: warn}
spec: {policyName: warn, validationActions: [Warn], matchResources: {namespaceSelector: {matchLabels: {}}}}
`)
	for _, p := range append(a.others, a.testProject) {
		a.eventually("the policy warns in "+p.name, p.isWarned)
	}
}

// isWarned reports whether the API server warns of an ExternalSecret in this project.
func (p *testProject) isWarned() bool {
	p.t.Helper()
	var warned warningCount
	config := rest.CopyConfig(p.Config)
	config.WarningHandler = &warned
	client, err := dynamic.NewForConfig(config)
	p.ok(err)
	object := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"data": []any{}}}}
	object.SetGroupVersionKind(p.Resource("ExternalSecret").GroupVersion().WithKind("ExternalSecret"))
	object.SetName("probe")
	probes := client.Resource(p.Resource("ExternalSecret")).Namespace(p.name)
	_, err = probes.Create(context.Background(), object, metav1.CreateOptions{DryRun: dryRunAll})
	p.ok(err)
	return warned.Load() > 0
}

type warningCount struct{ atomic.Int32 }

// HandleWarningHeader implements rest.WarningHandler.
func (c *warningCount) HandleWarningHeader(int, string, string) { c.Add(1) }

// warnsOnce fails unless an output has the policy's warning exactly once, for an object of that prefix.
func (a *access) warnsOnce(output, object string) {
	a.t.Helper()
	contains(a.t, output, `Cluster "default" warns about ExternalSecret `+object, policyWarning, "returned this warning for a write")
	if count := strings.Count(output, "warns about"); count != 1 {
		a.t.Errorf("it warns %d times:\n%s", count, output)
	}
}

// A warning of the API server in answer to a write is reported once in a run, and never in a plan, which only reads.
func TestAccClusterWarnings(t *testing.T) {
	t.Parallel()
	a := newAccess(t, 0)
	a.warn()
	w := a.newWorkspace()
	configure := func(interval string) {
		secret := a.plainSecret()
		secret.RefreshInterval = interval
		other := secret
		other.Name = "cache"
		w.configure(secret.String() + resourceBlock("airm_project_secret", "other", other))
	}
	configure("20m")
	a.warnsOnce(w.apply(), a.name+"/")
	if output := w.plansNothing(); strings.Contains(output, "warns about") {
		t.Errorf("a plan warns:\n%s", output)
	}
	configure("30m")
	a.warnsOnce(w.apply(), a.name+"/")
	w.destroy()
}

// The same of what an assignment writes.
func TestAccClusterWarningsOfAssignments(t *testing.T) {
	t.Parallel()
	o := newOrg(t, 2)
	a := &access{testProject: o.projects[0], others: o.projects[1:]}
	for _, p := range o.projects {
		p.patch("Namespace", p.name, `{"metadata":{"labels":{"acc-access":"`+a.name+`"}}}`)
	}
	a.warn()
	w := o.platform.newWorkspace()
	w.configure(o.hcl(shared("") + assignmentBlock(0, "") + assignmentBlock(1, "")))
	a.warnsOnce(w.apply(), "acc-")
	w.destroy()
}
