// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"slices"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// DeclaredDefaults lists, sorted and separated by commas, the paths below spec of the fields that are declared with the
// very value that the CRD's defaulting would give them. Kept in AnnotationDeclared, it separates for an import what the user
// wrote from what was added. It is empty if there is none.
func DeclaredDefaults(kind string, spec map[string]any) string {
	var found []string
	var walk func(f schemaField, v any, p jsonvalue.Path)
	walk = func(f schemaField, v any, p jsonvalue.Path) {
		if f.isDefault(v) {
			found = append(found, p.String())
			return
		}
		f.each(v, p, walk)
	}
	walk(specOf(kind), spec, nil)
	slices.Sort(found)
	return strings.Join(found, ",")
}

// WithoutDefaults returns spec of a live object without what the CRD's defaulting and ESO's empty structs have added,
// except the fields named by declared, a result of DeclaredDefaults. An object such as target goes too if nothing else
// was in it, where ESO takes that for absent.
func WithoutDefaults(kind string, spec map[string]any, declared string) map[string]any {
	keep := map[string]bool{}
	for path := range strings.SplitSeq(declared, ",") {
		keep[path] = true
	}
	stripped, _ := withoutDefaults(specOf(kind), spec, nil, keep).(map[string]any)
	return stripped
}

func withoutDefaults(f schemaField, v any, p jsonvalue.Path, keep map[string]bool) any {
	switch v := v.(type) {
	case map[string]any:
		rest := make(map[string]any, len(v))
		for key, value := range v {
			child, known := f.child(key)
			if !known {
				rest[key] = jsonvalue.Copy(value)
				continue
			}
			at := p.With(key)
			value = withoutDefaults(child, value, at, keep)
			if !child.isDefault(value) || keep[at.String()] {
				rest[key] = value
			}
		}
		return rest
	case []any:
		if f.item == nil {
			return jsonvalue.Copy(v)
		}
		rest := make([]any, len(v))
		for i, item := range v {
			rest[i] = withoutDefaults(*f.item, item, p.With(i), keep)
		}
		return rest
	}
	return v
}

// ForApply returns a declared spec as it is to be applied to a live object. Empty objects have what the CRD's defaulting put
// into the live ones: server-side apply would make null of an object whose last field it removes, which the CRD then
// refuses. Items of lists, which are applied as a whole, keep the defaults that are written out in the live ones: a CRD
// without defaulting (ESO 2.9) would not bring them back. Entries of data keep their order. An interval that means the
// same keeps the live spelling.
func ForApply(kind string, spec, live map[string]any) map[string]any {
	sent, ok := withLiveDefaults(specOf(kind), spec, live).(map[string]any)
	declared, found := spec["refreshInterval"], live["refreshInterval"]
	if ok && found != nil && declared != nil && equalIntervals(declared, found) {
		sent["refreshInterval"] = found
	}
	if kind == airm.KindExternalSecret {
		emptyEntryLists(sent, live)
	}
	return sent
}

// emptyEntryLists sends an empty list for entries that are not declared: where the live object has some, and where it gets another
// store, so that entries which another user adds at this moment are a conflict and are not fetched from there.
func emptyEntryLists(sent, live map[string]any) {
	store := sent["secretStoreRef"]
	movesStore := store != nil && len(Drift(map[string]any{"secretStoreRef": store}, live)) > 0
	for _, list := range entryLists {
		if sent[list] == nil && (movesStore || len(jsonvalue.ListAt(live, list)) > 0) {
			sent[list] = []any{}
		}
	}
}

func withLiveDefaults(f schemaField, v, live any) any {
	switch v := v.(type) {
	case map[string]any:
		found, _ := live.(map[string]any)
		filled := make(map[string]any, len(v))
		for key, value := range v {
			filled[key] = value
			if child, known := f.child(key); known {
				filled[key] = withLiveDefaults(child, value, found[key])
			}
		}
		if len(v) == 0 {
			addDefaults(f, filled, found)
		}
		return filled
	case []any:
		found, _ := live.([]any)
		if f.item == nil || len(found) != len(v) {
			return v
		}
		items := make([]any, len(v))
		for i, item := range inOrderOf(found, v) {
			items[i] = withItemDefaults(*f.item, item, found[i])
		}
		return items
	}
	return v
}

// withItemDefaults adds at every level of an item the defaults of the live one that are not declared.
func withItemDefaults(f schemaField, v, live any) any {
	filled, isObject := withLiveDefaults(f, v, live).(map[string]any)
	found, both := live.(map[string]any)
	if !isObject || !both {
		return v
	}
	for key := range filled {
		if child, known := f.child(key); known {
			filled[key] = withItemDefaults(child, filled[key], found[key])
		}
	}
	addDefaults(f, filled, found)
	return filled
}

func addDefaults(f schemaField, filled, live map[string]any) {
	for key, value := range live {
		if child, known := f.child(key); known && filled[key] == nil && child.isDefault(value) {
			filled[key] = value
		}
	}
}

// UndeclaredDefaults are the paths below spec, outside of lists, of what the live object has by default and spec does
// not declare.
func UndeclaredDefaults(kind string, spec, live map[string]any) []jsonvalue.Path {
	var found []jsonvalue.Path
	var walk func(f schemaField, declared, v any, p jsonvalue.Path)
	walk = func(f schemaField, declared, v any, p jsonvalue.Path) {
		own, isObject := declared.(map[string]any)
		object, both := v.(map[string]any)
		if !isObject || !both {
			return
		}
		f.each(object, p, func(child schemaField, value any, at jsonvalue.Path) {
			below, set := own[at[len(at)-1].(string)]
			switch {
			case set:
				walk(child, below, value, at)
			case child.isDefault(value):
				found = append(found, at)
			}
		})
	}
	walk(specOf(kind), spec, live, nil)
	return found
}

// each calls visit for every known field that is present in v, in order.
func (f schemaField) each(v any, p jsonvalue.Path, visit func(schemaField, any, jsonvalue.Path)) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range jsonvalue.SortedKeys(v) {
			if child, known := f.child(key); known {
				visit(child, v[key], p.With(key))
			}
		}
	case []any:
		if f.item != nil {
			for i, item := range v {
				visit(*f.item, item, p.With(i))
			}
		}
	}
}
