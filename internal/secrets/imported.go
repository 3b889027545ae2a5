package secrets

import "strings"

// Imported gives what an import takes for declared in a live object: its spec without what the CRD's
// defaulting added, and those labels and annotations that this provider once wrote. What others put
// on the object stays theirs.
func Imported(live map[string]any) map[string]any {
	metadata := mapAt(live, "metadata")
	kind := textAt(live, "kind")
	annotations := mapAt(metadata, "annotations")
	declared, _ := annotations[AnnotationDeclared].(string)
	ours := ourMetadata(metadata)
	labels := only(mapAt(metadata, "labels"), ours["labels"], LabelUseCase)
	if useCase := UseCaseOf(mapAt(metadata, "labels")); useCase != "" {
		labels[LabelUseCase] = string(useCase)
	}
	return map[string]any{
		"kind": kind,
		"metadata": map[string]any{
			"name":        metadata["name"],
			"namespace":   metadata["namespace"],
			"labels":      labels,
			"annotations": only(annotations, ours["annotations"], AnnotationDeclared),
		},
		"spec": WithoutDefaults(kind, mapAt(live, "spec"), declared),
	}
}

// ourMetadata gives the keys of labels and annotations that our field manager has set.
func ourMetadata(metadata map[string]any) map[string]map[string]bool {
	ours := map[string]map[string]bool{"labels": {}, "annotations": {}}
	for _, entry := range listAt(metadata, "managedFields") {
		if textAt(entry, "manager") != FieldManager {
			continue
		}
		for field, keys := range ours {
			for key := range mapAt(entry, "fieldsV1", "f:metadata", "f:"+field) {
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

// YieldManagedBy drops our LabelManagedBy from a desired object where the live one carries another
// value and the user did not ask for ours: the label belongs to whoever set it first.
func YieldManagedBy(desired, live map[string]any) {
	labels := mapAt(desired, "metadata", "labels")
	found := textAt(live, "metadata", "labels", LabelManagedBy)
	if found != "" && found != FieldManager && labels[LabelManagedBy] == FieldManager {
		delete(labels, LabelManagedBy)
	}
}
