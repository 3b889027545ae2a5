// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package attribute

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// Path translates a path in ESO's spec, such as
// ["data", 0, "remoteRef", "key"], to that of the argument: data["PASSWORD"].key.
// A path without an argument of its own becomes the nearest one above. The spec
// is what esoPath points into; the keys of keyed lists are read from it.
func (s Mapping) Path(esoPath []any, spec map[string]any) path.Path {
	root := types.ObjectType{AttrTypes: s.Types}
	return s.locate("", root, path.Empty(), esoPath, spec)
}

func (s Mapping) locate(at string, t attr.Type, found path.Path, esoPath []any, value any) path.Path {
	if len(esoPath) == 0 {
		return found
	}
	switch t := t.(type) {
	case basetypes.ObjectType:
		name := s.attributeAt(at, t.AttrTypes, esoPath)
		if name == "" {
			return found
		}
		place := s.Place(Join(at, name))
		for _, field := range place {
			value = dig(value, field)
		}
		return s.locate(Join(at, name), t.AttrTypes[name], found.AtName(name), esoPath[len(place):], value)
	case basetypes.ListType:
		if i, ok := esoPath[0].(int); ok {
			return s.locate(Join(at, "*"), t.ElemType, found.AtListIndex(i), esoPath[1:], dig(value, i))
		}
	case basetypes.MapType:
		key, _ := esoPath[0].(string)
		if field, ok := s.Keyed[at]; ok {
			key, _ = keyOf(field, dig(value, esoPath[0]))
		}
		if key != "" {
			return s.locate(Join(at, "*"), t.ElemType, found.AtMapKey(key), esoPath[1:], dig(value, esoPath[0]))
		}
	}
	return found
}

// attributeAt returns the attribute that stands at the start of an ESO path, or
// "". Of several it is the innermost: of `provider.vault.path` it is vault, not
// the one that takes the rest of `provider`.
func (s Mapping) attributeAt(at string, attrTypes map[string]attr.Type, esoPath []any) string {
	isField := func(field string, step any) bool { return field == step }
	names := s.outermostFirst(at, maps.Keys(attrTypes))
	for _, name := range slices.Backward(names) {
		place := s.Place(Join(at, name))
		if len(place) <= len(esoPath) && slices.EqualFunc(place, esoPath[:len(place)], isField) {
			return name
		}
	}
	return ""
}

// dig returns the field or element of a JSON value, or nil.
func dig(value any, step any) any {
	switch v := value.(type) {
	case map[string]any:
		if field, ok := step.(string); ok {
			return v[field]
		}
	case []any:
		if i, ok := step.(int); ok && 0 <= i && i < len(v) {
			return v[i]
		}
	}
	return nil
}

// keyOf splits an element of a keyed list into its key and the other fields.
func keyOf(field string, item any) (string, map[string]any) {
	m, _ := item.(map[string]any)
	key, _ := m[field].(string)
	rest := maps.Clone(m)
	delete(rest, field)
	return key, rest
}
