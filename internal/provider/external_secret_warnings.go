// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// contentWarnings are the warnings of a change of content; before is nil when the resource is created.
func (m *contentModel) contentWarnings(object *objectModel, project string, before *airm.Definition) []problem {
	definition, found := m.definition(object, project)
	if definition.Spec == nil {
		return nil
	}
	var spec map[string]any
	if before != nil {
		spec = before.Spec
	}
	changed := spec == nil || len(eso.Drift(definition.Spec, spec)) > 0 || len(eso.Drift(spec, definition.Spec)) > 0
	var problems []problem
	if changed {
		for _, p := range append(found, eso.CheckExternalSecret(definition.Spec)...) {
			if p.Warning {
				problems = append(problems, m.locate(p, definition.Spec))
			}
		}
		for _, p := range slices.Concat(eso.ChangeWarnings(spec, definition.Spec), eso.CheckVersions(airm.KindExternalSecret, definition.Spec)) {
			problems = append(problems, m.locate(p, definition.Spec))
		}
	}
	if changed || before.UseCase != definition.UseCase {
		problems = append(problems, m.useCaseProblems(definition)...)
	}
	return problems
}

// useCaseProblems warn of a content that does not fit the use case. Where a part of it is not known yet, there is no warning.
func (m *contentModel) useCaseProblems(definition airm.Definition) []problem {
	if !m.knowsKeys() {
		return nil
	}
	at := path.Root("use_case")
	if m.UseCase.IsNull() {
		at = path.Root("manifest")
	}
	var problems []problem
	for _, p := range eso.UseCaseWarnings(definition) {
		problems = append(problems, problemAt(p, func(jsonvalue.Path) path.Path { return at }))
	}
	return problems
}

// knowsKeys reports whether the arguments that say which keys the Secret has are known.
func (m *contentModel) knowsKeys() bool {
	for _, element := range m.Data.Elements() {
		if element.IsUnknown() {
			return false
		}
	}
	return !m.Data.IsUnknown() && !m.DataFrom.IsUnknown() && isFullyKnown(m.Target)
}

// isFullyKnown reports whether nothing in a value is unknown.
func isFullyKnown(value attr.Value) bool {
	isUnknown := func(element attr.Value) bool { return !isFullyKnown(element) }
	switch v := value.(type) {
	case types.Object:
		return !v.IsUnknown() && !slices.ContainsFunc(slices.Collect(maps.Values(v.Attributes())), isUnknown)
	case types.Map:
		return !v.IsUnknown() && !slices.ContainsFunc(slices.Collect(maps.Values(v.Elements())), isUnknown)
	case types.List:
		return !v.IsUnknown() && !slices.ContainsFunc(v.Elements(), isUnknown)
	}
	return !value.IsUnknown()
}
