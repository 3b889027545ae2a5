// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// renderedKinds are the resources that stand for an object of External Secrets Operator.
var renderedKinds = map[string]struct {
	resource func() resource.Resource
	newModel func() planModel
}{
	"airm_project_secret":      {newProjectSecretResource, func() planModel { return &projectSecretModel{} }},
	"airm_organization_secret": {newOrganizationSecretResource, func() planModel { return &organizationSecretModel{} }},
	"airm_provider_store":      {newProviderStoreResource, func() planModel { return &providerStoreModel{} }},
}

// Render returns the object that a resource of that type stands for, without an apiVersion, and the diagnostics of its
// plan: what can be said without a cluster. The arguments are JSON. Of an organization secret it is the copy in a project
// "example". It returns no object for resources of other types. It is for the tools in internal/dev.
func Render(ctx context.Context, resourceType string, arguments []byte) (map[string]any, diag.Diagnostics, error) {
	kind, exists := renderedKinds[resourceType]
	if !exists {
		return nil, nil, nil
	}
	var answer resource.SchemaResponse
	kind.resource().Schema(ctx, resource.SchemaRequest{}, &answer)
	value, err := (&tfprotov6.RawState{JSON: arguments}).Unmarshal(answer.Schema.Type().TerraformType(ctx))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", resourceType, err)
	}
	m := kind.newModel()
	config := tfsdk.Config{Raw: value, Schema: answer.Schema}
	diags := config.Get(ctx, m)
	if diags.HasError() {
		return nil, diags, nil
	}
	for _, p := range append(m.problems(), planWarnings(m, nil)...) {
		diags.Append(p.diagnostic())
	}
	return renderModel(m), diags, nil
}

func renderModel(m planModel) map[string]any {
	switch m := m.(type) {
	case kindModel:
		projects, _ := labels.Parse(airm.DefaultProjectSelector) // a test parses it
		return m.render(eso.Stamp{}, &providerSettings{namespace: airm.DefaultPlatformNamespace, projectSelector: projects})
	case *organizationSecretModel:
		definition, _ := m.definition(&m.objectModel, "")
		ref := airm.Ref{Kind: airm.KindExternalSecret, Project: "example", Name: m.Name.ValueString()}
		return eso.ExternalSecret(ref, definition, eso.Stamp{})
	}
	return nil
}
