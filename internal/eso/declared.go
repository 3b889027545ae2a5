// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"maps"
	"strings"
	"time"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Drift returns the paths at which the live object differs from the desired one among the fields that desired declares, in
// order. What only the live object has (defaults, what controllers and admission webhooks add) is no drift, nor are our
// own stamps. A list is declared as a whole, though, so a field that was added to one of its items is drift, and so is what
// an ExternalSecret fetches: entries are drift where none are declared. A declared empty map, empty list or zero value
// equals an absent one; durations and numbers are compared by what they mean.
func Drift(desired, live map[string]any) []jsonvalue.Path {
	var found []jsonvalue.Path
	addDrift(&found, withEntryLists(desired, live), withDeclaredUseCase(desired, live), nil)
	return found
}

// entryLists are the fields of an ExternalSecret's spec that say what is fetched.
var entryLists = []string{"data", "dataFrom"}

// withEntryLists declares an empty list where the live ExternalSecret has entries and none are declared. Otherwise an apply that
// gives it back its store would also fetch what another user prepared.
func withEntryLists(desired, live map[string]any) map[string]any {
	spec, isDeclared := desired["spec"].(map[string]any)
	if !isDeclared || desired["kind"] != airm.KindExternalSecret {
		return desired
	}
	for _, list := range entryLists {
		if spec[list] == nil && len(jsonvalue.ListAt(live, "spec", list)) > 0 {
			desired, spec = maps.Clone(desired), maps.Clone(spec)
			spec[list], desired["spec"] = []any{}, spec
		}
	}
	return desired
}

func addDrift(found *[]jsonvalue.Path, desired, live any, p jsonvalue.Path) {
	switch desired := desired.(type) {
	case map[string]any:
		liveMap, ok := live.(map[string]any)
		if !ok && live != nil {
			*found = append(*found, p)
			return
		}
		for _, key := range jsonvalue.SortedKeys(desired) {
			at := p.With(key)
			if !stamped(at, desired[key]) {
				addDrift(found, desired[key], liveMap[key], at)
			}
		}
	case []any:
		liveList, ok := live.([]any)
		if !ok && live != nil || len(liveList) != len(desired) {
			*found = append(*found, p)
			return
		}
		liveList = inOrderOf(desired, liveList)
		for i, item := range desired {
			addDrift(found, item, liveList[i], p.With(i))
			undeclared(found, item, liveList[i], p.With(i))
		}
	default:
		if !equalDeclared(desired, live, p) {
			*found = append(*found, p)
		}
	}
}

// inOrderOf returns entries of spec.data in the order of others with the same keys: their order means nothing to ESO. Other
// lists, and entries of other keys, stay as they are.
func inOrderOf(others, entries []any) []any {
	byKey := map[string]any{}
	for _, entry := range entries {
		byKey[jsonvalue.StringAt(entry, "secretKey")] = entry
	}
	if len(others) != len(entries) || len(byKey) != len(entries) || byKey[""] != nil {
		return entries
	}
	ordered := make([]any, len(entries))
	for i, other := range others {
		if ordered[i] = byKey[jsonvalue.StringAt(other, "secretKey")]; ordered[i] == nil {
			return entries
		}
		delete(byKey, jsonvalue.StringAt(other, "secretKey"))
	}
	return ordered
}

func equalDeclared(desired, live any, p jsonvalue.Path) bool {
	if live == nil && (jsonvalue.IsZero(desired) || isImpliedKind(desired, p)) {
		return true // ESO before 1.1.1 writes the object back with its Go types, which leave out zero values
	}
	if isRefreshInterval(p) {
		return equalIntervals(desired, live)
	}
	return jsonvalue.EqualScalars(desired, live)
}

// equalIntervals compares refresh intervals: that of a store is a number of seconds, and since ESO 2.8 a duration too.
func equalIntervals(a, b any) bool {
	return jsonvalue.EqualScalars(a, b) || EqualDurations(intervalText(a), intervalText(b))
}

func intervalText(v any) string {
	if seconds, ok := jsonvalue.Integer(v); ok {
		return (time.Duration(seconds) * time.Second).String()
	}
	text, _ := v.(string)
	return text
}

func isRefreshInterval(p jsonvalue.Path) bool {
	p = belowSpec(p)
	return len(p) == 1 && p[0] == "refreshInterval"
}

// belowSpec returns p as seen from spec: whole objects are compared, and specs alone.
func belowSpec(p jsonvalue.Path) jsonvalue.Path {
	if len(p) > 0 && p[0] == "spec" {
		return p[1:]
	}
	return p
}

// stamped reports whether the field at p is one that render or Track adds by itself. The label LabelManagedBy is ours only
// with our value.
func stamped(p jsonvalue.Path, value any) bool {
	if isTrackingMark(p) {
		return true
	}
	if len(p) != 3 || p[0] != "metadata" {
		return false
	}
	key, _ := p[2].(string)
	switch p[1] {
	case "annotations":
		return strings.HasPrefix(key, airm.AnnotationPrefix+"/")
	case "labels":
		return strings.HasPrefix(key, airm.AnnotationPrefix+"/") || key == airm.LabelManagedBy && value == airm.ManagedByValue
	}
	return false
}

// DeclaredPart returns the part of live that desired declares, thus desired with live's values: what state holds after a
// refresh. Fields that live lacks are left out. Of a list all live items are taken, each narrowed to what desired's item
// at that index declares, if there is one, and to the fields that were added to it. A value that only is spelled
// differently keeps desired's spelling.
func DeclaredPart(desired, live map[string]any) map[string]any {
	narrowed, _ := narrow(withEntryLists(desired, live), withDeclaredUseCase(desired, live), nil).(map[string]any)
	return narrowed
}

func narrow(desired, live any, p jsonvalue.Path) any {
	switch desired := desired.(type) {
	case map[string]any:
		liveMap, ok := live.(map[string]any)
		if !ok {
			return jsonvalue.Copy(live)
		}
		part := make(map[string]any, len(desired))
		for key, value := range desired {
			if liveValue, found := liveMap[key]; found {
				part[key] = narrow(value, liveValue, p.With(key))
			} else if jsonvalue.IsEmpty(value) || jsonvalue.IsZero(value) || isImpliedKind(value, p.With(key)) {
				part[key] = jsonvalue.Copy(value)
			}
		}
		return part
	case []any:
		liveList, ok := live.([]any)
		if !ok {
			return jsonvalue.Copy(live)
		}
		items := make([]any, len(liveList))
		for i, item := range inOrderOf(desired, liveList) {
			if i < len(desired) {
				items[i] = withUndeclared(narrow(desired[i], item, p.With(i)), desired[i], item, p.With(i))
			} else {
				items[i] = undefaulted(p.With(i), item)
			}
		}
		return items
	}
	if equalDeclared(desired, live, p) {
		return desired
	}
	return jsonvalue.Copy(live)
}

// withUndeclared adds to an item of a list what another user set in the live one.
func withUndeclared(narrowed, desired, live any, p jsonvalue.Path) any {
	var extra []jsonvalue.Path
	undeclared(&extra, desired, live, p)
	for _, at := range extra {
		below, _ := narrowed.(map[string]any)
		keys := at[len(p):].Keys()
		for _, key := range keys[:len(keys)-1] {
			below = jsonvalue.MakeMap(below, key)
		}
		below[keys[len(keys)-1]] = jsonvalue.Copy(jsonvalue.At(live, keys...))
	}
	return narrowed
}

// undefaulted strips the defaults of ESO from an undeclared item of a list.
func undefaulted(p jsonvalue.Path, item any) any {
	for _, spec := range []schemaField{specOf(airm.KindExternalSecret), specOf(airm.KindSecretStore)} {
		if f, found := spec.at(belowSpec(p)); found {
			return withoutDefaults(f, item, nil, nil)
		}
	}
	return jsonvalue.Copy(item)
}

// at finds the description of the field that p leads to.
func (f schemaField) at(p jsonvalue.Path) (schemaField, bool) {
	for _, step := range p {
		switch step := step.(type) {
		case string:
			child, found := f.child(step)
			if !found {
				return schemaField{}, false
			}
			f = child
		default:
			if f.item == nil {
				return schemaField{}, false
			}
			f = *f.item
		}
	}
	return f, true
}
