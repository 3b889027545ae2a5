// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package jsonvalue

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// Copy copies a JSON-like value.
func Copy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return CopyMap(v)
	case []any:
		if v == nil {
			return v
		}
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = Copy(item)
		}
		return list
	}
	return v
}

// CopyMap returns a deep copy of an object.
func CopyMap(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	c := make(map[string]any, len(m))
	for k, v := range m {
		c[k] = Copy(v)
	}
	return c
}

// WithoutNulls copies a JSON-like value but for the fields that are null: jsonencode writes such a field for every optional attribute
// without a value.
func WithoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		kept := make(map[string]any, len(v))
		for key, value := range v {
			if value != nil {
				kept[key] = WithoutNulls(value)
			}
		}
		return kept
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = WithoutNulls(item)
		}
		return list
	}
	return v
}

// At walks down maps by keys; nil if something on the way is absent or no map.
func At(v any, keys ...string) any {
	for _, key := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// MapAt returns the object at keys; nil if there is none.
func MapAt(v any, keys ...string) map[string]any {
	m, _ := At(v, keys...).(map[string]any)
	return m
}

// ListAt returns the list at keys; nil if there is none.
func ListAt(v any, keys ...string) []any {
	l, _ := At(v, keys...).([]any)
	return l
}

// StringAt returns the string at keys; empty if there is none.
func StringAt(v any, keys ...string) string {
	s, _ := At(v, keys...).(string)
	return s
}

// TimeAt returns the time at keys, which is written by RFC 3339; zero if there is none.
func TimeAt(v any, keys ...string) time.Time {
	t, err := time.Parse(time.RFC3339, StringAt(v, keys...))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Integer returns v as an int64 if it is a whole number.
func Integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case float64:
		// Beyond 2^53 a float64 no longer stands for one integer.
		if v == float64(int64(v)) && v >= -1<<53 && v <= 1<<53 {
			return int64(v), true
		}
	}
	return 0, false
}

// EqualScalars compares two values that are neither maps nor lists; a number is equal however it is held.
func EqualScalars(a, b any) bool {
	if i, ok := Integer(a); ok {
		j, ok := Integer(b)
		return ok && i == j
	}
	return IsScalar(a) && IsScalar(b) && a == b
}

// IsScalar reports whether v is neither an object nor a list.
func IsScalar(v any) bool {
	switch v.(type) {
	case nil, string, bool, int64, float64:
		return true
	}
	return false
}

// IsEmpty reports whether a value says nothing: absent, an empty map or list.
func IsEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// IsZero reports whether a value is the zero value of its type, which Go's omitempty leaves out.
func IsZero(v any) bool {
	i, isNumber := Integer(v)
	return v == nil || v == false || v == "" || isNumber && i == 0
}

// TypeName names the JSON type of v for people.
func TypeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	case string:
		return "a string"
	case bool:
		return "the boolean " + strconv.FormatBool(v)
	case int64, float64:
		return "a number"
	}
	return "a value of an unexpected type"
}

// SortedKeys returns the keys in order, so that results do not depend on chance.
func SortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// FromStrings returns m as a JSON object.
func FromStrings(m map[string]string) map[string]any {
	c := make(map[string]any, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

// MakeMap returns the map at key of m, and makes it if there is none.
func MakeMap(m map[string]any, key string) map[string]any {
	child, ok := m[key].(map[string]any)
	if !ok {
		child = map[string]any{}
		m[key] = child
	}
	return child
}
