package secrets

import (
	"slices"
	"strings"
)

// DeclaredDefaults lists, sorted and separated by commas, the paths below spec of the fields that are declared with the
// very value that the CRD's defaulting would give them. Kept in AnnotationDeclared it tells an import what somebody
// wrote from what was added. It is empty if there is none.
func DeclaredDefaults(kind string, spec map[string]any) string {
	var found []string
	var walk func(f field, v any, p Path)
	walk = func(f field, v any, p Path) {
		if f.isPreset(v) {
			found = append(found, p.String())
			return
		}
		f.each(v, p, walk)
	}
	walk(specOf(kind), spec, nil)
	slices.Sort(found)
	return strings.Join(found, ",")
}

// WithoutDefaults gives spec of a live object without what the CRD's defaulting and ESO's empty structs have added,
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

func withoutDefaults(f field, v any, p Path, keep map[string]bool) any {
	switch v := v.(type) {
	case map[string]any:
		rest := make(map[string]any, len(v))
		for key, value := range v {
			child, known := f.child(key)
			if !known {
				rest[key] = deepCopy(value)
				continue
			}
			at := p.with(key)
			value = withoutDefaults(child, value, at, keep)
			if !child.isPreset(value) || keep[at.String()] {
				rest[key] = value
			}
		}
		return rest
	case []any:
		if f.item == nil {
			return deepCopy(v)
		}
		rest := make([]any, len(v))
		for i, item := range v {
			rest[i] = withoutDefaults(*f.item, item, p.with(i), keep)
		}
		return rest
	}
	return v
}

// SentTo gives a declared spec as it is to be applied to a live object. Empty objects have what the CRD's defaulting put
// into the live ones: server-side apply would make null of an object whose last field it takes away, which the CRD then
// refuses. An interval that is the same is spelled as it is there: whoever wrote "1h" is not corrected.
func SentTo(kind string, spec, live map[string]any) map[string]any {
	sent, ok := withDefaultsInEmpty(specOf(kind), spec, live).(map[string]any)
	declared, isText := spec["refreshInterval"].(string)
	if found, both := live["refreshInterval"].(string); ok && isText && both && EqualDurations(declared, found) {
		sent["refreshInterval"] = found
	}
	return sent
}

func withDefaultsInEmpty(f field, v, live any) any {
	object, isObject := v.(map[string]any)
	found, _ := live.(map[string]any)
	if !isObject {
		return v // lists are applied as a whole
	}
	filled := make(map[string]any, len(object))
	for key, value := range object {
		filled[key] = value
		if child, known := f.child(key); known {
			filled[key] = withDefaultsInEmpty(child, value, found[key])
		}
	}
	if len(object) == 0 {
		for key, value := range found {
			if child, known := f.child(key); known && child.isPreset(value) {
				filled[key] = value
			}
		}
	}
	return filled
}

// UndeclaredDefaults are the paths below spec, outside of lists, of what the live object has by default and spec does
// not declare.
func UndeclaredDefaults(kind string, spec, live map[string]any) []Path {
	var found []Path
	var walk func(f field, declared, v any, p Path)
	walk = func(f field, declared, v any, p Path) {
		own, isObject := declared.(map[string]any)
		object, both := v.(map[string]any)
		if !isObject || !both {
			return
		}
		f.each(object, p, func(child field, value any, at Path) {
			below, set := own[at[len(at)-1].(string)]
			switch {
			case set:
				walk(child, below, value, at)
			case child.isPreset(value):
				found = append(found, at)
			}
		})
	}
	walk(specOf(kind), spec, live, nil)
	return found
}

// each calls visit for every known field that is present in v, in order.
func (f field) each(v any, p Path, visit func(field, any, Path)) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range keysOf(v) {
			if child, known := f.child(key); known {
				visit(child, v[key], p.with(key))
			}
		}
	case []any:
		if f.item != nil {
			for i, item := range v {
				visit(*f.item, item, p.with(i))
			}
		}
	}
}
