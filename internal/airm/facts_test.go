// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

import (
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func fromYAML(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

// AIRM's API and its webhook spell the scope in their own ways.
func TestScope(t *testing.T) {
	for text, want := range map[string]string{
		`{metadata: {name: db}}`: ScopeProject,
		`{metadata: {name: db, labels: {airm.silogen.ai/secret-scope: Organization}}}`:                                                                       ScopeOrganization,
		`{metadata: {name: db, labels: {airm.silogen.ai/secret-scope: organization}}}`:                                                                       ScopeOrganization,
		`{metadata: {namespace: team-a, name: hf, annotations: {terraform-provider-airm/organization-secret: hf, terraform-provider-airm/home: team-a/hf}}}`: ScopeOrganization,
		// a copy of it in another project is not the organization's
		`{metadata: {namespace: team-b, name: hf, annotations: {terraform-provider-airm/organization-secret: hf, terraform-provider-airm/home: team-a/hf}}}`: ScopeProject,
	} {
		if got := Scope(fromYAML(t, text)); got != want {
			t.Errorf("%s is of scope %s", text, got)
		}
	}
}

func TestMadeBy(t *testing.T) {
	for _, test := range []struct{ want, text string }{
		{MadeByAIRM, `{labels: {airm.silogen.ai/project-secret-id: x}, annotations: {airm.silogen.ai/auto-discovered: "false"}}`},
		{MadeByOther, `{labels: {airm.silogen.ai/project-secret-id: x}, annotations: {airm.silogen.ai/auto-discovered: "true"}}`},
		{MadeByOther, `{annotations: {airm.silogen.ai/auto-discovered: "false"}}`},
		{MadeByProvider, `{labels: {airm.silogen.ai/project-secret-id: x}, annotations: {airm.silogen.ai/auto-discovered: "false", terraform-provider-airm/home: team-a/db, terraform-provider-airm/owner-id: o}}`},
		// a copy of an object of ours, restored in another project by a tool that copies annotations
		{MadeByOther, `{annotations: {terraform-provider-airm/home: team-b/db, terraform-provider-airm/owner-id: o}}`},
		{MadeByOther, `{labels: {airm.silogen.ai/project-secret-id: x}, annotations: {airm.silogen.ai/auto-discovered: "false", terraform-provider-airm/home: team-b/db, terraform-provider-airm/owner-id: o}}`},
	} {
		object := map[string]any{"metadata": fromYAML(t, test.text)}
		jsonvalue.MapAt(object, "metadata")["namespace"], jsonvalue.MapAt(object, "metadata")["name"] = "team-a", "db"
		if got := MadeBy(object); got != test.want {
			t.Errorf("%s: %s", test.text, got)
		}
	}
}
