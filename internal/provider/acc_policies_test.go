// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// An admission policy that states no reason answers 422, as the schema does, but names no field: its message is shown.
func TestAccPolicyWithoutReason(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.create("ValidatingAdmissionPolicy", p.name, `
spec:
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: $project}}
    resourceRules: [{apiGroups: [external-secrets.io], apiVersions: ["*"], resources: [externalsecrets], operations: [CREATE, UPDATE]}]
  validations: [{expression: "object.spec.refreshInterval != '7h0m0s'", message: no intervals of 7h}]`)
	p.create("ValidatingAdmissionPolicyBinding", p.name, `spec: {policyName: $project, validationActions: [Deny]}`)
	p.eventually("the policy is in force", func() bool {
		probe := p.Object("ExternalSecret", "probe", `spec: {refreshInterval: 7h0m0s, secretStoreRef: {name: none}}`)
		_, err := p.objects("ExternalSecret").Create(p.t.Context(), probe, metav1.CreateOptions{DryRun: dryRunAll})
		return err != nil
	})
	w := p.newWorkspace()
	w.configure(p.secret(plain + `refresh_interval = "7h0m0s"`))
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "(422 Invalid)", "no intervals of 7h", p.name+"' denied request")
}
