// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// UsesStore reports whether an ExternalSecret gets values from a store: by its secretStoreRef, or by that of an entry.
func UsesStore(obj map[string]any, store airm.Ref) bool {
	if namespace := jsonvalue.StringAt(obj, "metadata", "namespace"); store.Kind == airm.KindSecretStore && namespace != store.Project {
		return false
	}
	refs := []any{jsonvalue.At(obj, "spec", "secretStoreRef")}
	for _, field := range []string{"data", "dataFrom"} {
		for _, entry := range jsonvalue.ListAt(obj, "spec", field) {
			refs = append(refs, jsonvalue.At(entry, "sourceRef", "storeRef"))
		}
	}
	for _, ref := range refs {
		kind := jsonvalue.StringAt(ref, "kind")
		if kind == "" {
			kind = airm.KindSecretStore
		}
		if jsonvalue.StringAt(ref, "name") == store.Name && kind == store.Kind {
			return true
		}
	}
	return false
}

// Managed reports whether an object is one of this provider's, of any state, and is where it was made.
func Managed(obj map[string]any) bool {
	metadata := jsonvalue.MapAt(obj, "metadata")
	ref := airm.Ref{Project: jsonvalue.StringAt(metadata, "namespace"), Name: jsonvalue.StringAt(metadata, "name")}
	return jsonvalue.StringAt(metadata, "labels", airm.LabelManagedBy) == airm.ManagedByValue ||
		jsonvalue.StringAt(metadata, "annotations", airm.AnnotationHome) == ref.Home()
}
