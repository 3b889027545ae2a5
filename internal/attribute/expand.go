// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package attribute

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Expand renders arguments as ESO's spec. What is null or unknown is left out;
// empty objects, lists and maps are kept. Invalid JSON is left out as well: its
// type reports it.
func (s Mapping) Expand(attrs map[string]attr.Value) map[string]any {
	own := maps.Clone(attrs)
	maps.DeleteFunc(own, func(name string, _ attr.Value) bool { return s.Types[name] == nil })
	return s.expandObject("", own)
}

func (s Mapping) expandObject(at string, attrs map[string]attr.Value) map[string]any {
	spec := map[string]any{}
	for _, name := range s.outermostFirst(at, maps.Keys(attrs)) {
		child := Join(at, name)
		if v, ok := s.expandValue(child, attrs[name]); ok {
			put(spec, s.Place(child), v)
		}
	}
	return spec
}

// expandValue returns false for a value that is not sent.
func (s Mapping) expandValue(at string, value attr.Value) (any, bool) {
	if value.IsNull() {
		v, ok := s.Defaults[at]
		return v, ok
	}
	if value.IsUnknown() {
		return nil, false
	}
	switch v := value.(type) {
	case types.Object:
		return s.expandObject(at, v.Attributes()), true
	case types.Map:
		if field, ok := s.Keyed[at]; ok {
			return s.expandKeyed(at, field, v.Elements()), true
		}
		return s.expandMap(at, v.Elements()), true
	case types.List:
		return s.expandList(at, v.Elements()), true
	case types.Set:
		list := s.expandList(at, v.Elements())
		slices.SortFunc(list, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return list, true
	case types.String:
		return v.ValueString(), true
	case types.Bool:
		return v.ValueBool(), true
	case types.Int64:
		return v.ValueInt64(), true
	case jsontypes.Normalized:
		parsed, err := jsonvalue.Parse(v.ValueString())
		return jsonvalue.WithoutNulls(parsed), err == nil
	}
	panic(fmt.Sprintf("%s: no conversion for %T", at, value)) // A test expands every attribute of our schemas.
}

func (s Mapping) expandMap(at string, elements map[string]attr.Value) map[string]any {
	m := map[string]any{}
	for key, element := range elements {
		if v, ok := s.expandValue(Join(at, "*"), element); ok {
			m[key] = v
		}
	}
	return m
}

func (s Mapping) expandList(at string, elements []attr.Value) []any {
	list := []any{}
	for _, element := range elements {
		if v, ok := s.expandValue(Join(at, "*"), element); ok {
			list = append(list, v)
		}
	}
	return list
}

// expandKeyed sorts by key, so that equal maps render equally.
func (s Mapping) expandKeyed(at, field string, elements map[string]attr.Value) []any {
	list := []any{}
	m := s.expandMap(at, elements)
	for _, key := range slices.Sorted(maps.Keys(m)) {
		item := m[key].(map[string]any)
		item[field] = key
		list = append(list, item)
	}
	return list
}

// put sets a field, making the objects on the way to it.
func put(object map[string]any, place []string, value any) {
	for _, field := range place[:len(place)-1] {
		next, ok := object[field].(map[string]any)
		if !ok {
			next = map[string]any{}
			object[field] = next
		}
		object = next
	}
	object[place[len(place)-1]] = value
}
