// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

type secretAssignmentModel struct {
	commonModel
	narrowedModel
	secretNameModel
	Secret  types.String `tfsdk:"secret"`
	Project types.String `tfsdk:"project"`
	// ProjectID is AIRM's id of the project.
	ProjectID types.String `tfsdk:"project_id"`
}

func (m *secretAssignmentModel) id() string {
	return m.Secret.ValueString() + "/" + m.Project.ValueString()
}

func (m *secretAssignmentModel) keyValues() []string {
	return []string{m.Secret.ValueString(), m.Project.ValueString()}
}

func (m *secretAssignmentModel) recordName() string {
	return airm.AssignmentRecordName(m.Secret.ValueString(), m.Project.ValueString())
}

func (m *secretAssignmentModel) ref() airm.Ref {
	return airm.Assignment{Secret: m.Secret.ValueString(), Project: m.Project.ValueString()}.Ref()
}

func (m *secretAssignmentModel) problems() []problem {
	problems := append(m.metadataProblems(), checkString(m.Secret, "secret", airm.CheckName)...)
	problems = append(problems, checkString(m.Project, "project", airm.CheckProject)...)
	return append(problems, m.clustersProblems()...)
}

// record is what the organization's records keep of it.
func (m *secretAssignmentModel) record(owner recordOwnership, settings *providerSettings) airm.Assignment {
	return airm.Assignment{
		Secret: m.Secret.ValueString(), Project: m.Project.ValueString(),
		Labels: stringsOf(m.Labels), Annotations: stringsOf(m.Annotations),
		OwnerID: owner.OwnerID, Owner: settings.owner, Only: m.narrowedModel.record(),
		ProjectID: m.ProjectID.ValueString(),
	}
}
