// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"cmp"
	"slices"

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
	return slices.ContainsFunc(refs, func(ref any) bool {
		return jsonvalue.StringAt(ref, "name") == store.Name && storeKind(ref) == store.Kind
	})
}

// storeKind returns the kind of store that a reference means.
func storeKind(ref any) string { return cmp.Or(jsonvalue.StringAt(ref, "kind"), airm.KindSecretStore) }

// ProjectStores returns the SecretStores of its own project that the entries of an ExternalSecret fetch from: each from its own store,
// or from that of the secretStoreRef.
func ProjectStores(live map[string]any) []airm.Ref {
	var stores []airm.Ref
	for _, field := range []string{"data", "dataFrom"} {
		for _, entry := range jsonvalue.ListAt(live, "spec", field) {
			ref := jsonvalue.At(entry, "sourceRef", "storeRef")
			if ref == nil && jsonvalue.At(entry, "sourceRef", "generatorRef") == nil {
				ref = jsonvalue.At(live, "spec", "secretStoreRef")
			}
			store := airm.Ref{
				Kind: airm.KindSecretStore, Project: jsonvalue.StringAt(live, "metadata", "namespace"), Name: jsonvalue.StringAt(ref, "name"),
			}
			if store.Name != "" && storeKind(ref) == store.Kind && !slices.Contains(stores, store) {
				stores = append(stores, store)
			}
		}
	}
	return stores
}

// Managed reports whether an object is one of this provider's, of any state, and is where it was made.
func Managed(obj map[string]any) bool {
	metadata := jsonvalue.MapAt(obj, "metadata")
	ref := airm.Ref{Project: jsonvalue.StringAt(metadata, "namespace"), Name: jsonvalue.StringAt(metadata, "name")}
	return jsonvalue.StringAt(metadata, "labels", airm.LabelManagedBy) == airm.ManagedByValue ||
		jsonvalue.StringAt(metadata, "annotations", airm.AnnotationHome) == ref.Home()
}
