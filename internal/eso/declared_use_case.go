// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// withDeclaredUseCase returns a live object as if it had the label of the desired one, where it names the same use case in
// another way. So nothing differs after an import, and the label is written with the next change. What this provider has
// written already stays as it is: there another spelling is an edit.
func withDeclaredUseCase(desired, live map[string]any) map[string]any {
	wanted := jsonvalue.StringAt(desired, "metadata", "labels", airm.LabelUseCase)
	isOurs := jsonvalue.StringAt(live, "metadata", "annotations", airm.AnnotationOwnerID) != ""
	if wanted == "" || isOurs || airm.UseCaseOf(jsonvalue.MapAt(live, "metadata", "labels")) != airm.UseCase(wanted) {
		return live
	}
	live = jsonvalue.CopyMap(live)
	jsonvalue.MakeMap(jsonvalue.MakeMap(live, "metadata"), "labels")[airm.LabelUseCase] = wanted
	template := jsonvalue.MapAt(live, "spec", "target", "template")
	found := airm.UseCaseOf(jsonvalue.MapAt(template, "metadata", "labels"))
	if template != nil && (found == "" || found == airm.UseCase(wanted)) {
		jsonvalue.MakeMap(jsonvalue.MakeMap(template, "metadata"), "labels")[airm.LabelUseCase] = wanted
	}
	return live
}
