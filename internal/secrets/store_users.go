package secrets

// UsesStore tells whether an ExternalSecret gets values from a store: by its secretStoreRef, or by that of an entry.
func UsesStore(obj map[string]any, store Ref) bool {
	if namespace := textAt(obj, "metadata", "namespace"); store.Kind == KindSecretStore && namespace != store.Project {
		return false
	}
	refs := []any{lookup(obj, "spec", "secretStoreRef")}
	for _, field := range []string{"data", "dataFrom"} {
		for _, entry := range listAt(obj, "spec", field) {
			refs = append(refs, lookup(entry, "sourceRef", "storeRef"))
		}
	}
	for _, ref := range refs {
		kind := textAt(ref, "kind")
		if kind == "" {
			kind = KindSecretStore
		}
		if textAt(ref, "name") == store.Name && kind == store.Kind {
			return true
		}
	}
	return false
}

// Managed tells whether an object is one of this provider's, from whatever state, where it was made.
func Managed(obj map[string]any) bool {
	ref := Ref{Project: textAt(obj, "metadata", "namespace"), Name: textAt(obj, "metadata", "name")}
	return textAt(obj, "metadata", "labels", LabelManagedBy) == FieldManager || textAt(obj, "metadata", "annotations", AnnotationHome) == ref.home()
}
