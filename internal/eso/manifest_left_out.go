// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// What `kubectl get -o yaml` prints on a platform and is never declared.

// clusterMetadata belongs to the controllers of the cluster that a manifest comes from.
var clusterMetadata = []string{"finalizers", "managedFields", "ownerReferences"}

// leaveOut removes from a manifest what AIRM, this provider and the cluster have put there, and warns of all of it at once.
// What is on every object that an API server returns is not worth a warning.
func leaveOut(ps *jsonvalue.Problems, root map[string]any) {
	var found []jsonvalue.Path
	metadata := jsonvalue.MapAt(root, "metadata")
	for _, key := range clusterMetadata {
		if value, set := metadata[key]; set && !jsonvalue.IsEmpty(value) {
			found = append(found, jsonvalue.Path{"metadata", key})
		}
		delete(metadata, key)
	}
	found = append(found, dropReserved(metadata, jsonvalue.Path{"metadata"})...)
	found = append(found, dropTemplateReserved(jsonvalue.MapAt(root, "spec"))...)
	if status, set := root["status"]; set && !jsonvalue.IsEmpty(status) {
		found = append(found, jsonvalue.Path{"status"})
	}
	if len(found) == 0 {
		return
	}
	var names []string
	for _, at := range found {
		names = append(names, at.String())
	}
	ps.Warn(nil, "Ignored metadata", "These parts of the manifest are ignored, because AIRM, this provider or a controller of the cluster sets them: %s. Remove them from the manifest to avoid this warning.", strings.Join(names, ", "))
}

// WithoutReserved returns a spec without the labels and annotations of its template that belong to AIRM and to this
// provider.
func WithoutReserved(spec map[string]any) map[string]any {
	spec = jsonvalue.CopyMap(spec)
	dropTemplateReserved(spec)
	return spec
}

// dropTemplateReserved also removes what is empty without what it has removed.
func dropTemplateReserved(spec map[string]any) []jsonvalue.Path {
	target := jsonvalue.MapAt(spec, "target")
	template := jsonvalue.MapAt(target, "template")
	if isMade(template) {
		if delete(target, "template"); len(target) == 0 {
			delete(spec, "target")
		}
		return []jsonvalue.Path{{"spec", "target", "template"}}
	}
	metadata := jsonvalue.MapAt(template, "metadata")
	before := len(jsonvalue.MapAt(metadata, "labels")) + len(jsonvalue.MapAt(metadata, "annotations"))
	found := dropReserved(metadata, jsonvalue.Path{"spec", "target", "template", "metadata"})
	if len(jsonvalue.MapAt(metadata, "labels"))+len(jsonvalue.MapAt(metadata, "annotations")) < before && len(metadata) == 0 {
		delete(template, "metadata")
	}
	return found
}

// dropReserved removes labels and annotations that users may not set, and returns where they were, but for a use case, which
// is read elsewhere, and the label that render adds to the object anyway.
func dropReserved(metadata map[string]any, p jsonvalue.Path) []jsonvalue.Path {
	var found []jsonvalue.Path
	for _, kind := range []string{"annotations", "labels"} {
		entries := jsonvalue.MapAt(metadata, kind)
		before := len(entries)
		for _, key := range jsonvalue.SortedKeys(entries) {
			_, isText := entries[key].(string)
			switch {
			case isUseCaseKey(kind, key) && isText,
				len(p) == 1 && kind == "labels" && key == airm.LabelManagedBy && entries[key] == airm.ManagedByValue:
			case airm.Reserved(key) && !isUseCaseKey(kind, key), kind == "annotations" && key == airm.AnnotationForceSync:
				found = append(found, p.With(kind, key))
			default:
				continue
			}
			delete(entries, key)
		}
		if len(entries) == 0 && before > 0 {
			delete(metadata, kind)
		}
	}
	return found
}

func isUseCaseKey(kind, key string) bool {
	return kind == "labels" && slices.Contains(airm.UseCaseKeys, key)
}

// readUseCase takes the use case from the labels of the manifest, or else of its template, and checks it.
func (m *Manifest) readUseCase(ps *jsonvalue.Problems, root map[string]any, check func(string) error) {
	for _, at := range []jsonvalue.Path{{"metadata", "labels"}, {"spec", "target", "template", "metadata", "labels"}} {
		labels := jsonvalue.MapAt(root, at.Keys()...)
		useCase := airm.UseCaseOf(labels)
		at = at.With(airm.UseCaseKey(labels))
		if useCase == "" {
			continue
		}
		if err := check(string(useCase)); err != nil {
			ps.Fail(at, "Unknown use case", "%s.", err)
			return
		}
		if m.UseCase != "" && m.UseCase != useCase {
			ps.Fail(at, "Contradicting use case", "the template has the use case %s, but the secret has %s. Remove the label from the template: it gets the label of the secret.", useCase, m.UseCase)
			return
		}
		m.UseCase = useCase
	}
}
