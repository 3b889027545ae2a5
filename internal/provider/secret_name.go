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

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
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

// planSecretName plans the attribute of a model whose arguments, or whose state, say it.
func planSecretName(ctx context.Context, m, before planModel, plan *tfsdk.Plan) diag.Diagnostics {
	planned, ok := m.(interface {
		plannedSecretName(before planModel) types.String
	})
	if !ok {
		return nil
	}
	return plan.SetAttribute(ctx, path.Root("secret_name"), planned.plannedSecretName(before))
}

// plannedSecretName returns the name that the arguments say, unknown where one that it depends on is.
func (m *projectSecretModel) plannedSecretName(planModel) types.String {
	target := m.Target.Attributes()
	known := func(name string) bool { return target[name] == nil || isFullyKnown(target[name]) }
	if m.Name.IsUnknown() || m.Manifest.IsUnknown() || m.Target.IsUnknown() || !known("name") || !known("manifest") {
		return types.StringUnknown()
	}
	return targetSecretName(m.ref(), m.spec())
}

// targetSecretName returns the name of the Secret of an ExternalSecret, null where ESO writes an object of another kind.
func targetSecretName(ref airm.Ref, spec map[string]any) types.String {
	if eso.WritesNoSecret(spec) {
		return types.StringNull()
	}
	return types.StringValue(eso.TargetSecretName(ref, spec))
}

// plannedSecretName returns the name as it was: an update of the assignment does not change it, and what refers to the Secret would be
// planned anew if it were unknown.
func (m *secretAssignmentModel) plannedSecretName(before planModel) types.String {
	state := modelBefore[*secretAssignmentModel](before)
	if state == nil || state.SecretName.IsNull() || !m.Secret.Equal(state.Secret) || !m.Project.Equal(state.Project) {
		return types.StringUnknown()
	}
	return state.SecretName
}

// setSecretName takes the name from the objects that were placed or, where none was, from the definition. A planned one stays, as
// Terraform requires: if the definition has another by now, the next refresh reads it.
func (m *secretAssignmentModel) setSecretName(ctx context.Context, registry *organization.Registry, assigned organization.Assigned) {
	if !m.SecretName.IsUnknown() {
		return
	}
	m.SecretName = types.StringNull()
	if len(assigned.Placed) > 0 {
		m.SecretName = targetSecretName(m.ref(), jsonvalue.MapAt(assigned.Placed[0].Object.Object, "spec"))
	} else if definition, err := registry.Definition(ctx, m.Secret.ValueString()); err == nil {
		m.SecretName = targetSecretName(m.ref(), definition.Definition.Spec)
	}
}

// readSecretName takes the name from the definition, since a copy may have been edited; without one it stays as it was.
func (m *secretAssignmentModel) readSecretName(status *organization.AssignmentStatus) {
	if status.Spec != nil {
		m.SecretName = targetSecretName(m.ref(), status.Spec)
	}
}
