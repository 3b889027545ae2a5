// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// SpecDifferences returns the paths below spec at which a live spec differs from a desired one in either direction:
// declared fields that are missing or have another value, and fields that are there and neither declared nor a default
// of ESO. It is empty where applying desired would complete nothing that another user prepared.
func SpecDifferences(kind string, desired, live map[string]any) []jsonvalue.Path {
	return differences(kind, desired, live, func(jsonvalue.Path) bool { return false })
}

// differences leaves out fields that ESO's table does not know and isDefaulted says the API server filled in.
func differences(kind string, desired, live map[string]any, isDefaulted func(jsonvalue.Path) bool) []jsonvalue.Path {
	found := Drift(map[string]any{"spec": desired}, map[string]any{"spec": live})
	e := excess{isDefaulted: isDefaulted}
	e.walk(specOf(kind), desired, live, jsonvalue.Path{"spec"})
	return append(found, e.found...)
}

// excess collects what a live spec has beyond the desired one.
type excess struct {
	found       []jsonvalue.Path
	isDefaulted func(jsonvalue.Path) bool
}

func (e *excess) walk(f schemaField, desired, live any, p jsonvalue.Path) {
	declared, isObject := desired.(map[string]any)
	object, both := live.(map[string]any)
	if !isObject || !both {
		return // Drift compares scalars, and lists with their items
	}
	for _, key := range jsonvalue.SortedKeys(object) {
		child, known := f.child(key)
		known = known || f.shape == stringMapType
		at := p.With(key)
		if value, set := declared[key]; set {
			e.walk(child, value, object[key], at)
			continue
		}
		if !isAbsent(child, object[key]) && (known || !e.isDefaulted(at)) {
			e.found = append(e.found, at)
		}
	}
}

// isAbsent reports whether a value says no more than an absent field: it is a default, a zero value, an empty list, or an
// object of ESO's that is always written and in which everything is so.
func isAbsent(f schemaField, value any) bool {
	object, isObject := value.(map[string]any)
	if !isObject {
		return f.isDefault(value) || jsonvalue.IsEmpty(value) || jsonvalue.IsZero(value)
	}
	for key, below := range object {
		child, known := f.child(key)
		if !known || !isAbsent(child, below) {
			return false
		}
	}
	return f.emptyIsAbsent
}

// undeclared collects what the item of a live list has beyond the desired one, as far as ESO's table knows the field:
// of other objects it is unknown whether a newer CRD filled them in.
func undeclared(found *[]jsonvalue.Path, desired, live any, p jsonvalue.Path) {
	for _, spec := range []schemaField{specOf(airm.KindExternalSecret), specOf(airm.KindSecretStore)} {
		if f, known := spec.at(belowSpec(p)); known {
			e := excess{isDefaulted: func(jsonvalue.Path) bool { return true }}
			e.walk(f, desired, live, p)
			*found = append(*found, e.found...)
			return
		}
	}
}

// CopyDrift returns the paths at which a copy of an organization secret differs from the desired object. A copy is owned
// as a whole: besides what Drift finds, fields of spec that are not declared, labels and annotations by which the
// organization's objects are protected and recognized, or AIRM would register them, and owner references are drift.
func CopyDrift(desired, live map[string]any) []jsonvalue.Path {
	ours, all, whole := ownedSpec(live)
	kind, spec := jsonvalue.StringAt(desired, "kind"), jsonvalue.MapAt(desired, "spec")
	found := differences(kind, spec, jsonvalue.MapAt(live, "spec"), func(p jsonvalue.Path) bool {
		at := fieldKeys(p)
		return jsonvalue.At(ours, at...) != nil || whole && jsonvalue.At(all, at...) == nil
	})
	metadata := func(m map[string]any) map[string]any { return map[string]any{"metadata": m["metadata"]} }
	found = append(found, Drift(metadata(desired), metadata(live))...)
	for _, at := range []jsonvalue.Path{
		{"metadata", "labels", airm.LabelOrganizationSecret},
		{"metadata", "annotations", airm.AnnotationOrganizationSecret},
		{"metadata", "annotations", airm.AnnotationOrganization},
		{"metadata", "annotations", airm.AnnotationHome},
	} {
		if jsonvalue.StringAt(desired, at.Keys()...) != jsonvalue.StringAt(live, at.Keys()...) {
			found = append(found, at)
		}
	}
	if len(jsonvalue.ListAt(live, "metadata", "ownerReferences")) > 0 {
		found = append(found, jsonvalue.Path{"metadata", "ownerReferences"})
	}
	return append(found, trackingDrift(desired, live)...)
}

// ownedSpec returns the fields that our field manager owns, and those that any does, as FieldsV1. A field that no one owns is
// a default that a newer CRD has filled in; that is certain only if no one has emptied metadata.managedFields.
func ownedSpec(live map[string]any) (ours, all map[string]any, whole bool) {
	ours, all = map[string]any{}, map[string]any{}
	entries := jsonvalue.ListAt(live, "metadata", "managedFields")
	whole = len(entries) > 0
	for _, entry := range entries {
		if jsonvalue.StringAt(entry, "subresource") != "" {
			continue
		}
		mergeFields(all, jsonvalue.MapAt(entry, "fieldsV1"))
		switch jsonvalue.StringAt(entry, "manager") {
		case airm.FieldManager:
			mergeFields(ours, jsonvalue.MapAt(entry, "fieldsV1"))
		case "before-first-apply":
			whole = false
		}
	}
	return ours, all, whole
}

func mergeFields(into, fields map[string]any) {
	for key, below := range fields {
		inner, isObject := below.(map[string]any)
		if !isObject {
			continue
		}
		mine, exists := into[key].(map[string]any)
		if !exists {
			mine = map[string]any{}
			into[key] = mine
		}
		mergeFields(mine, inner)
	}
}

func fieldKeys(p jsonvalue.Path) []string {
	var keys []string
	for _, key := range p.Keys() {
		keys = append(keys, "f:"+key)
	}
	return keys
}

// retained is the message of the Ready condition where nothing was found to synchronize and no Secret was written
// (externalsecret_controller.go): ESO reports that as a success.
const retained = "secret retained due to DeletionPolicy=Retain"

func (c condition) wroteNothing() bool { return strings.HasPrefix(c.message, retained) }
