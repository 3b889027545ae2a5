// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// The argument manifest, and the use case that a label of it may say.

func contradictingUseCases(argument, manifest airm.UseCase) jsonvalue.Problem {
	return jsonvalue.Problem{Summary: "Contradicting use case", Detail: fmt.Sprintf(
		"The argument use_case is %s, but a label of the manifest has %s. Remove one of the two.", argument, manifest)}
}

// manifestHasUseCase reports whether a label of the manifest says the use case, and not the argument.
func (m *contentModel) manifestHasUseCase() bool {
	return m.UseCase.IsNull() && useCaseIn(m.Manifest) != ""
}

// useCaseIn returns the use case that a label of a manifest says; empty if there is none.
func useCaseIn(manifest types.String) string {
	parsed, _ := eso.ParseManifest(manifest.ValueString(), "", "")
	if parsed == nil {
		return ""
	}
	return string(parsed.UseCase)
}

// fillManifest puts everything into the manifest. Labels, annotations and a use case that the arguments name stay with the
// arguments.
func (m *contentModel) fillManifest(object *objectModel, live, spec map[string]any) {
	labels := declarable(jsonvalue.MapAt(live, "metadata", "labels"))
	annotations := declarable(jsonvalue.MapAt(live, "metadata", "annotations"))
	object.Labels = stringMap(moveOut(labels, stringsOf(object.Labels)), object.Labels)
	object.Annotations = stringMap(moveOut(annotations, stringsOf(object.Annotations)), object.Annotations)
	manifest := eso.Manifest{Labels: labels, Annotations: annotations, Spec: spec}
	if m.declaresUseCaseInManifest(live) {
		manifest.UseCase = airm.UseCase(readUseCase(live, optional(useCaseIn(m.Manifest))).ValueString())
	} else {
		m.UseCase = readUseCase(live, m.UseCase)
	}
	m.Manifest = types.StringValue(eso.FormatManifest("", manifest))
}

// declaresUseCaseInManifest reports whether the manifest is where the use case belongs: where it was declared, or, of an
// object that is imported and was made by others, where kubectl prints it.
func (m *contentModel) declaresUseCaseInManifest(live map[string]any) bool {
	if !m.Manifest.IsNull() {
		return m.UseCase.IsNull()
	}
	return declaredAs(live, declaredUseCase) || !declaredAs(live, declaredAsManifest)
}

// moveOut takes the entries with those keys out of a map.
func moveOut(from, keys map[string]string) map[string]string {
	moved := map[string]string{}
	for key := range keys {
		if value, ok := from[key]; ok {
			moved[key] = value
			delete(from, key)
		}
	}
	return moved
}

// readUseCase returns the use case of an object. One that the argument may not have (unknown to AIRM, or S3 in a project) is
// not ours to declare, unless another user changed one that is declared: the plan shows that, in its spelling.
func readUseCase(live map[string]any, before types.String) types.String {
	labels := jsonvalue.MapAt(live, "metadata", "labels")
	found := string(airm.UseCaseOf(labels))
	if written, _ := labels[airm.LabelUseCase].(string); written != "" && !before.IsNull() {
		found = written
	}
	check := airm.CheckUseCase
	if _, inProject := jsonvalue.MapAt(live, "metadata")["namespace"]; inProject {
		check = airm.CheckProjectUseCase
	}
	if found == "" || before.IsNull() && check(found) != nil {
		return types.StringNull()
	}
	return types.StringValue(found)
}
