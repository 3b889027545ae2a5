package secrets

// TargetSecretName gives the name of the Kubernetes Secret that ESO writes for the ExternalSecret ref: target.name, or
// the name of the ExternalSecret itself.
func TargetSecretName(ref Ref, spec map[string]any) string {
	if name := textAt(spec, "target", "name"); name != "" {
		return name
	}
	return ref.Name
}

// WipesExistingSecret tells whether ESO, when it finds a Secret of the target's name that nobody owns, replaces its
// content: it does with the creation policies Owner (the default) and Orphan. Merge only adds to it, and None leaves it.
func WipesExistingSecret(spec map[string]any) bool {
	policy := creationPolicy(spec)
	return policy == "Owner" || policy == "Orphan"
}
