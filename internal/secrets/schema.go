package secrets

import (
	"strings"
	"sync"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// shape is the JSON type of a field.
type shape int

const (
	// anything is a field of which only the defaults matter here.
	anything shape = iota
	object
	list
	text
	number
	flag
	textsByKey
)

// field describes a field of a spec: what ESO's definitions say of it, and what only ESO's code says.
type field struct {
	eso.Field
	shape  shape
	fields map[string]field // of an object
	item   *field           // of a list

	rule
}

// rule is what no definition says of a field.
type rule struct {
	mayBeEmpty bool // the empty text is a value of a required field
	// flaw says what is wrong with a text, empty if nothing.
	flaw func(string) string
	// one: exactly one of the fields of this object is set.
	one bool
	// always: ESO's Go type writes this object even when it is empty, so empty and absent are the same.
	always bool
	// preset is a default, and values are all that it takes, by ESO's code and not by its definition.
	preset any
	values []string
}

// specs describe spec by kind. The table is read at the first use.
var specs = sync.OnceValue(func() map[string]field {
	return map[string]field{
		KindExternalSecret: describe(eso.Spec(KindExternalSecret), nil, externalSecretRules),
		KindSecretStore:    describe(eso.Spec(KindSecretStore), nil, storeFieldRules),
	}
})

// specOf returns the description of spec for a kind.
func specOf(kind string) field {
	if kind == KindExternalSecret {
		return specs()[KindExternalSecret]
	}
	return specs()[KindSecretStore]
}

// describe puts the rules to the fields that they are for, by their dotted paths; the one without a path is for all.
func describe(f *eso.Field, at []string, rules map[string]rule) field {
	d := field{Field: *f, rule: rules[strings.Join(at, ".")]}
	d.mayBeEmpty = d.mayBeEmpty || rules[""].mayBeEmpty
	if d.flaw == nil {
		d.flaw = patternFlaws[f.Pattern]
	}
	if len(f.Fields) > 0 {
		d.fields = make(map[string]field, len(f.Fields))
		for name, child := range f.Fields {
			d.fields[name] = describe(child, append(at[:len(at):len(at)], name), rules)
		}
	}
	for _, value := range d.values {
		d.Values = append(d.Values, eso.Value{Text: value})
		d.Open = true // no definition holds a newer ESO to them
	}
	switch f.Type {
	case "[]object":
		d.shape, d.item, d.fields = list, &field{shape: object, fields: d.fields, rule: rule{one: d.one}}, nil
	case "[]string":
		d.shape, d.item = list, &field{shape: text, rule: rule{flaw: d.flaw}}
	default:
		d.shape = shapes[f.Type]
	}
	return d
}

var shapes = map[string]shape{"object": object, "string": text, "integer": number, "boolean": flag, "map[string]string": textsByKey}

// isRequired reports whether every supported version of ESO demands the field, and gives it no value by itself.
func (f field) isRequired() bool {
	return f.Required != nil && *f.Required == (eso.Span{}) && f.Default == nil
}

// presetValue is what the field holds where nobody has written anything; nil if nothing.
func (f field) presetValue() any {
	if f.preset != nil || f.shape == object {
		return f.preset
	}
	return f.Default
}

// isPreset reports whether v is what the field would hold if nobody had written anything.
func (f field) isPreset(v any) bool {
	if f.always && hollow(v) {
		return true
	}
	preset := f.presetValue()
	if preset == nil {
		return false
	}
	// A cluster holds the preset of a duration in either spelling.
	a, isText := preset.(string)
	b, alsoText := v.(string)
	if isText && alsoText {
		return EqualDurations(a, b)
	}
	return equalScalars(preset, v)
}

// holdsNewer reports whether an object has a field that the table does not know; at is where it stands, from spec on.
func holdsNewer(kind string, object map[string]any, at Path) bool {
	f, found := specOf(kind).at(belowSpec(at))
	for key, value := range object {
		if _, known := f.child(key); !known && value != nil {
			return true
		}
	}
	return !found
}

// child finds the description of a key of an object; none for what is not known.
func (f field) child(key string) (field, bool) {
	c, ok := f.fields[key]
	return c, ok
}
