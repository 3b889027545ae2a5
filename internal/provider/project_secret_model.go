// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

type projectSecretModel struct {
	objectModel
	contentModel
	narrowedModel
	secretNameModel
	Project        types.String `tfsdk:"project"`
	RegisterInAIRM types.Bool   `tfsdk:"register_in_airm"`
}

func (m *projectSecretModel) ref() airm.Ref {
	return airm.Ref{Kind: airm.KindExternalSecret, Project: m.Project.ValueString(), Name: m.Name.ValueString()}
}

func (m *projectSecretModel) problems() []problem {
	problems := append(m.objectProblems(), checkString(m.Project, "project", airm.CheckProject)...)
	problems = append(problems, m.clustersProblems()...)
	problems = append(problems, checkString(m.UseCase, "use_case", airm.CheckProjectUseCase)...)
	return append(problems, m.whateverProject(func(project string) []problem { return m.contentProblems(&m.objectModel, project) })...)
}

// whateverProject returns what is found for the project; while that is not known, what does not depend on it.
func (m *projectSecretModel) whateverProject(find func(project string) []problem) []problem {
	if m.Project.IsUnknown() {
		return foundInBoth(find(""), find("any"))
	}
	return find(m.Project.ValueString())
}

func (m *projectSecretModel) planWarnings(before planModel) []problem {
	was := modelBefore[*projectSecretModel](before)
	var old *airm.Definition
	if was != nil {
		definition, _ := was.definition(&was.objectModel, was.Project.ValueString())
		old = &definition
	}
	found := m.whateverProject(func(project string) []problem { return m.contentWarnings(&m.objectModel, project, old) })
	if was != nil && was.registers() && !m.registers() && !m.RegisterInAIRM.IsUnknown() {
		found = append(found, problem{paths: []path.Path{path.Root("register_in_airm")}, warning: true, summary: "AIRM still lists the secret",
			detail: fmt.Sprintf("AIRM keeps listing %s in clusters where it has registered it. To end this, delete it in AIRM: this deletes the ExternalSecret too, and the next apply creates it again, without a listing in AIRM.", m.ref())})
	}
	return found
}

func (m *projectSecretModel) spec() map[string]any {
	definition, _ := m.definition(&m.objectModel, m.Project.ValueString())
	return definition.Spec
}

func (m *projectSecretModel) declaredForm() string {
	return m.contentForm(&m.objectModel, m.Project.ValueString())
}

func (m *projectSecretModel) render(stamp eso.Stamp, _ *providerSettings) map[string]any {
	definition, _ := m.definition(&m.objectModel, m.Project.ValueString())
	return eso.ExternalSecret(m.ref(), definition, stamp)
}

func (m *projectSecretModel) track(object, live map[string]any, id string) {
	eso.Track(object, live, eso.Tracking{ID: id, Register: m.registers()})
}

// registers reports whether AIRM shall list the secret; it does by default.
func (m *projectSecretModel) registers() bool {
	return m.RegisterInAIRM.IsNull() || m.RegisterInAIRM.ValueBool()
}

// fillRegistration sets the argument of an object that is imported, where this provider keeps it from being registered under the
// id that it sets.
func (m *projectSecretModel) fillRegistration(live map[string]any, id string) {
	if eso.IsUnregistered(live, id) {
		m.RegisterInAIRM = types.BoolValue(false)
	}
}

func (m *projectSecretModel) fill(ctx context.Context, object map[string]any) diag.Diagnostics {
	return m.fillContent(ctx, &m.objectModel, object)
}

// compute does not ask the live object: an apply has to return what it planned, and Read fills the arguments from that.
func (m *projectSecretModel) compute(map[string]any) { m.SecretName = m.plannedSecretName(nil) }

func (m *projectSecretModel) sync(live map[string]any, requestedAt, now time.Time) eso.Sync {
	return eso.ExternalSecretSync(live, requestedAt, now)
}
