package secrets

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// deepCopy copies a JSON-like value.
func deepCopy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return copyMap(v)
	case []any:
		if v == nil {
			return v
		}
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = deepCopy(item)
		}
		return list
	}
	return v
}

func copyMap(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	c := make(map[string]any, len(m))
	for k, v := range m {
		c[k] = deepCopy(v)
	}
	return c
}

// lookup walks down maps by keys; nil if something on the way is absent or no map.
func lookup(v any, keys ...string) any {
	for _, key := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

func mapAt(v any, keys ...string) map[string]any {
	m, _ := lookup(v, keys...).(map[string]any)
	return m
}

func listAt(v any, keys ...string) []any {
	l, _ := lookup(v, keys...).([]any)
	return l
}

func textAt(v any, keys ...string) string {
	s, _ := lookup(v, keys...).(string)
	return s
}

func timeAt(v any, keys ...string) time.Time {
	t, err := time.Parse(time.RFC3339, textAt(v, keys...))
	if err != nil {
		return time.Time{}
	}
	return t
}

// integer gives v as an int64 if it is a whole number.
func integer(v any) (int64, bool) {
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

// equalScalars compares two values that are neither maps nor lists; a number is equal however it is held.
func equalScalars(a, b any) bool {
	if i, ok := integer(a); ok {
		j, ok := integer(b)
		return ok && i == j
	}
	return scalar(a) && scalar(b) && a == b
}

func scalar(v any) bool {
	switch v.(type) {
	case nil, string, bool, int64, float64:
		return true
	}
	return false
}

// hollow tells whether a value says nothing: absent, an empty map or list.
func hollow(v any) bool {
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

// zero tells whether a value is the zero value of its type, which Go's omitempty leaves out.
func zero(v any) bool {
	i, isNumber := integer(v)
	return v == nil || v == false || v == "" || isNumber && i == 0
}

// typeName names the JSON type of v for people.
func typeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	case string:
		return "a text"
	case bool:
		return "the boolean " + strconv.FormatBool(v)
	case int64, float64:
		return "a number"
	}
	return "a value of an unexpected type"
}

// keysOf gives the keys in order, so that results do not depend on chance.
func keysOf[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

func textMap(m map[string]string) map[string]any {
	c := make(map[string]any, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}
