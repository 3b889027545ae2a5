// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// The attribute secret_name. A state of a version without it has null there until the next refresh, which is no change.

type secretNameModel struct {
	SecretName types.String `tfsdk:"secret_name"`
}

func secretNameAttribute(when string) schema.Attribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "Name of the Kubernetes Secret that workloads in the project refer to: `target.name`, or the name of the secret. " + when,
	}
}

// planSecretName plans the attribute of a model whose arguments say it.
func planSecretName(ctx context.Context, m planModel, plan *tfsdk.Plan) diag.Diagnostics {
	planned, ok := m.(interface{ plannedSecretName() types.String })
	if !ok {
		return nil
	}
	return plan.SetAttribute(ctx, path.Root("secret_name"), planned.plannedSecretName())
}

// plannedSecretName returns the name that the arguments say, unknown where one that it depends on is.
func (m *projectSecretModel) plannedSecretName() types.String {
	name, _ := m.Target.Attributes()["name"].(types.String)
	if m.Name.IsUnknown() || m.Manifest.IsUnknown() || m.Target.IsUnknown() || name.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(eso.TargetSecretName(m.ref(), m.spec()))
}

// setSecretName takes the name from the objects that were placed or, where none was, from the definition.
func (m *secretAssignmentModel) setSecretName(ctx context.Context, registry *organization.Registry, assigned organization.Assigned) {
	m.SecretName = types.StringNull()
	if len(assigned.Placed) > 0 {
		m.SecretName = types.StringValue(eso.TargetSecretName(m.ref(), jsonvalue.MapAt(assigned.Placed[0].Object.Object, "spec")))
	} else if definition, err := registry.Definition(ctx, m.Secret.ValueString()); err == nil {
		m.SecretName = types.StringValue(eso.TargetSecretName(m.ref(), definition.Definition.Spec))
	}
}

// readSecretName takes the name from a live object; without one it stays as it was.
func (m *secretAssignmentModel) readSecretName(all []*organization.CopyStatus) {
	for _, placed := range all {
		if placed.Object != nil {
			m.SecretName = types.StringValue(eso.TargetSecretName(m.ref(), jsonvalue.MapAt(placed.Object.Object, "spec")))
			return
		}
	}
}
