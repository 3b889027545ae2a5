// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"maps"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

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
func ExternalSecret(ref airm.Ref, d airm.Definition, s Stamp) map[string]any {
	spec := jsonvalue.CopyMap(d.Spec)
	labels := d.Labels
	if d.UseCase != "" {
		labels = maps.Clone(labels)
		if labels == nil {
			labels = map[string]string{}
		}
		labels[airm.LabelUseCase] = string(d.UseCase)
		if template := jsonvalue.MapAt(spec, "target", "template"); template != nil {
			jsonvalue.MakeMap(jsonvalue.MakeMap(template, "metadata"), "labels")[airm.LabelUseCase] = string(d.UseCase)
		}
	}
	return render(ref, labels, d.Annotations, spec, s)
}

// Store renders the whole SecretStore or ClusterSecretStore that shall be at ref, without its apiVersion. The result
// shares nothing with the arguments.
func Store(ref airm.Ref, labels, annotations map[string]string, spec map[string]any, s Stamp) map[string]any {
	return render(ref, labels, annotations, jsonvalue.CopyMap(spec), s)
}

func render(ref airm.Ref, labels, annotations map[string]string, spec map[string]any, s Stamp) map[string]any {
	allLabels := jsonvalue.FromStrings(labels)
	if _, set := allLabels[airm.LabelManagedBy]; !set {
		allLabels[airm.LabelManagedBy] = airm.ManagedByValue
	}
	allAnnotations := jsonvalue.FromStrings(annotations)
	allAnnotations[airm.AnnotationHome] = ref.Home()
	for key, value := range map[string]string{
		airm.AnnotationOwnerID: s.OwnerID, airm.AnnotationOwner: s.Owner, airm.AnnotationDeclared: s.Declared,
	} {
		if value != "" {
			allAnnotations[key] = value
		}
	}
	if s.Unconfirmed {
		allAnnotations[airm.AnnotationUnconfirmed] = "true"
	}
	metadata := map[string]any{"name": ref.Name, "labels": allLabels, "annotations": allAnnotations}
	if ref.Project != "" {
		metadata["namespace"] = ref.Project
	}
	return map[string]any{"kind": ref.Kind, "metadata": metadata, "spec": spec}
}
