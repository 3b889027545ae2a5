// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

type organizationSecretModel struct {
	objectModel
	contentModel
	ForceDestroy types.Bool  `tfsdk:"force_destroy"`
	Revision     types.Int64 `tfsdk:"revision"`
}

// what names it in messages.
func (m *organizationSecretModel) what() string {
	return fmt.Sprintf("Organization secret %q", m.Name.ValueString())
}

func (m *organizationSecretModel) keyValues() []string { return []string{m.Name.ValueString()} }

func (m *organizationSecretModel) recordName() string {
	return airm.DefinitionRecordName(m.Name.ValueString())
}

func (m *organizationSecretModel) problems() []problem {
	problems := append(m.objectProblems(), checkString(m.UseCase, "use_case", airm.CheckUseCase)...)
	return append(problems, m.contentProblems(&m.objectModel, "")...)
}

func (m *organizationSecretModel) planWarnings(before planModel) []problem {
	var old *airm.Definition
	if was := modelBefore[*organizationSecretModel](before); was != nil {
		definition, _ := was.definition(&was.objectModel, "")
		old = &definition
	}
	return m.contentWarnings(&m.objectModel, "", old)
}

// record is what the organization's records keep of it.
func (m *organizationSecretModel) record(owner recordOwnership, settings *providerSettings) airm.OrganizationSecret {
	definition, _ := m.definition(&m.objectModel, "")
	return airm.OrganizationSecret{
		Name:              m.Name.ValueString(),
		Definition:        definition,
		Manifest:          !m.Manifest.IsNull(),
		UseCaseInManifest: m.manifestHasUseCase(),
		WritesKind:        m.writesKind(),
		OwnerID:           owner.OwnerID,
		Owner:             settings.owner,
	}
}

func (m *organizationSecretModel) setRecorded(definition *organization.Definition, status airm.Status, upToDate bool) {
	m.setComputed(definition.Name, status, upToDate)
	m.Revision = types.Int64Value(definition.Revision)
}

// compare takes over how the organization secret stands. Where another user changed the definition,
// the arguments show theirs.
func (m *organizationSecretModel) compare(ctx context.Context, status *organization.SecretStatus) diag.Diagnostics {
	recorded := definitionObject(status.OrganizationSecret)
	own, _ := m.definition(&m.objectModel, "")
	mine := definitionObject(airm.OrganizationSecret{Definition: own})
	same := len(eso.Drift(mine, recorded)) == 0 && len(eso.Drift(recorded, mine)) == 0
	var diags diag.Diagnostics
	if m.isImported() || !same {
		diags = m.fillContent(ctx, &m.objectModel, recorded)
	}
	m.setHealth(status.Name, status.Health)
	m.Revision = types.Int64Value(status.Revision)
	return diags
}

// definitionObject writes a definition in the shape of an object, which fillContent reads.
func definitionObject(s airm.OrganizationSecret) map[string]any {
	labels, annotations := map[string]any{}, map[string]any{}
	for key, value := range s.Definition.Labels {
		labels[key] = value
	}
	for key, value := range s.Definition.Annotations {
		annotations[key] = value
	}
	if s.Definition.UseCase != "" {
		labels[airm.LabelUseCase] = string(s.Definition.UseCase)
	}
	switch {
	case s.UseCaseInManifest:
		annotations[airm.AnnotationDeclared] = declaredAsManifest + "," + declaredUseCase
	case s.Manifest:
		annotations[airm.AnnotationDeclared] = declaredAsManifest
	case s.WritesKind:
		annotations[airm.AnnotationDeclared] = declaredKind
	}
	return map[string]any{
		"metadata": map[string]any{"labels": labels, "annotations": annotations},
		"spec":     maps.Clone(s.Definition.Spec),
	}
}
