// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Imported returns what an import takes for declared in a live object: its spec without what the CRD's
// defaulting added, and those labels and annotations that this provider once wrote. What others put
// on the object stays theirs.
func Imported(live map[string]any) map[string]any {
	metadata := jsonvalue.MapAt(live, "metadata")
	kind := jsonvalue.StringAt(live, "kind")
	annotations := jsonvalue.MapAt(metadata, "annotations")
	declared, _ := annotations[airm.AnnotationDeclared].(string)
	ours := ourMetadata(metadata)
	labels := only(jsonvalue.MapAt(metadata, "labels"), ours["labels"], airm.LabelUseCase)
	if useCase := airm.UseCaseOf(jsonvalue.MapAt(metadata, "labels")); useCase != "" {
		labels[airm.LabelUseCase] = string(useCase)
	}
	spec := WithoutDefaults(kind, jsonvalue.MapAt(live, "spec"), declared)
	if kind == airm.KindExternalSecret && Managed(live) {
		for _, list := range entryLists { // a write of ours that gave it another store leaves an empty one
			if spec[list] != nil && jsonvalue.IsEmpty(spec[list]) {
				delete(spec, list)
			}
		}
	}
	return map[string]any{
		"kind": kind,
		"metadata": map[string]any{
			"name":        metadata["name"],
			"namespace":   metadata["namespace"],
			"labels":      labels,
			"annotations": only(annotations, ours["annotations"], airm.AnnotationDeclared),
		},
		"spec": spec,
	}
}

// ourMetadata returns the keys of labels and annotations that our field manager has set.
func ourMetadata(metadata map[string]any) map[string]map[string]bool {
	ours := map[string]map[string]bool{"labels": {}, "annotations": {}}
	for _, entry := range jsonvalue.ListAt(metadata, "managedFields") {
		if jsonvalue.StringAt(entry, "manager") != airm.FieldManager {
			continue
		}
		for field, keys := range ours {
			for key := range jsonvalue.MapAt(entry, "fieldsV1", "f:metadata", "f:"+field) {
				if name, ok := strings.CutPrefix(key, "f:"); ok {
					keys[name] = true
				}
			}
		}
	}
	return ours
}

func only(entries map[string]any, keys map[string]bool, always string) map[string]any {
	chosen := map[string]any{}
	for key, value := range entries {
		if keys[key] || key == always {
			chosen[key] = value
		}
	}
	return chosen
}

// KeepForeignManagedBy drops our LabelManagedBy from a desired object where the live one carries another
// value and the user did not ask for ours: the label belongs to the tool that set it first.
func KeepForeignManagedBy(desired, live map[string]any) {
	labels := jsonvalue.MapAt(desired, "metadata", "labels")
	found := jsonvalue.StringAt(live, "metadata", "labels", airm.LabelManagedBy)
	if found != "" && found != airm.ManagedByValue && labels[airm.LabelManagedBy] == airm.ManagedByValue {
		delete(labels, airm.LabelManagedBy)
	}
}
