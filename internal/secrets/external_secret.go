package secrets

import "maps"

// Definition is what an ExternalSecret shall hold, wherever it is placed.
type Definition struct {
	UseCase             UseCase
	Labels, Annotations map[string]string
	Spec                map[string]any
}

// Stamp says whose object it is. OwnerID is the random id of the resource, Owner a hint for people (may be empty),
// Declared a result of DeclaredDefaults (may be empty).
type Stamp struct {
	OwnerID  string
	Owner    string
	Declared string
	// Unconfirmed marks what a create has made, until it has come to its end.
	Unconfirmed bool
}

// ExternalSecret renders the whole object that shall be at ref, without its apiVersion, which depends on the cluster. The
// use case is a label of the object and, where there is a template, of the template: ESO copies labels to the Secret,
// where AIRM reads them, only when there is none. The result shares nothing with the arguments.
func ExternalSecret(ref Ref, d Definition, s Stamp) map[string]any {
	spec := copyMap(d.Spec)
	labels := d.Labels
	if d.UseCase != "" {
		labels = maps.Clone(labels)
		if labels == nil {
			labels = map[string]string{}
		}
		labels[LabelUseCase] = string(d.UseCase)
		if template := mapAt(spec, "target", "template"); template != nil {
			inner(inner(template, "metadata"), "labels")[LabelUseCase] = string(d.UseCase)
		}
	}
	return render(ref, labels, d.Annotations, spec, s)
}

// Store renders the whole SecretStore or ClusterSecretStore that shall be at ref, without its apiVersion. The result
// shares nothing with the arguments.
func Store(ref Ref, labels, annotations map[string]string, spec map[string]any, s Stamp) map[string]any {
	return render(ref, labels, annotations, copyMap(spec), s)
}

func render(ref Ref, labels, annotations map[string]string, spec map[string]any, s Stamp) map[string]any {
	allLabels := textMap(labels)
	if _, set := allLabels[LabelManagedBy]; !set {
		allLabels[LabelManagedBy] = FieldManager
	}
	allAnnotations := textMap(annotations)
	allAnnotations[AnnotationHome] = ref.home()
	for key, value := range map[string]string{AnnotationOwnerID: s.OwnerID, AnnotationOwner: s.Owner, AnnotationDeclared: s.Declared} {
		if value != "" {
			allAnnotations[key] = value
		}
	}
	if s.Unconfirmed {
		allAnnotations[AnnotationUnconfirmed] = "true"
	}
	metadata := map[string]any{"name": ref.Name, "labels": allLabels, "annotations": allAnnotations}
	if ref.Project != "" {
		metadata["namespace"] = ref.Project
	}
	return map[string]any{"kind": ref.Kind, "metadata": metadata, "spec": spec}
}

// home is the value of AnnotationHome.
func (r Ref) home() string {
	return r.Project + "/" + r.Name
}

// inner gives the map at key of m, and makes it if there is none.
func inner(m map[string]any, key string) map[string]any {
	child, ok := m[key].(map[string]any)
	if !ok {
		child = map[string]any{}
		m[key] = child
	}
	return child
}
