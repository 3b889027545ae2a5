// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"strings"
	"sync"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// fieldType is the JSON type of a field.
type fieldType int

const (
	// anything is a field of which only the defaults matter here.
	anything fieldType = iota
	objectType
	listType
	stringType
	numberType
	booleanType
	stringMapType
)

// schemaField describes a field of a spec: what ESO's definitions say of it, and what only ESO's code says.
type schemaField struct {
	Field
	shape  fieldType
	fields map[string]schemaField // of an object
	item   *schemaField           // of a list

	rule
}

// rule is what no definition says of a field.
type rule struct {
	mayBeEmpty bool // the empty text is a value of a required field
	// validate says what is wrong with a text, empty if nothing.
	validate func(string) string
	// crossChecked: what it takes depends on other fields, so that a check of the whole says it.
	crossChecked bool
	// exactlyOne: exactly one of the fields of this object is set.
	exactlyOne bool
	// emptyIsAbsent: ESO's Go type writes this object even when it is empty, so empty and absent are the same.
	emptyIsAbsent bool
	// defaultValue is a default, and values are all that it takes, by ESO's code and not by its definition.
	defaultValue any
	values       []string
}

// schemas describe spec by kind. The table is read at the first use.
var schemas = sync.OnceValue(func() map[string]schemaField {
	return map[string]schemaField{
		airm.KindExternalSecret: newSchemaField(Spec(airm.KindExternalSecret), nil, externalSecretRules),
		airm.KindSecretStore:    newSchemaField(Spec(airm.KindSecretStore), nil, storeFieldRules),
	}
})

// specOf returns the description of spec for a kind.
func specOf(kind string) schemaField {
	if kind == airm.KindExternalSecret {
		return schemas()[airm.KindExternalSecret]
	}
	return schemas()[airm.KindSecretStore]
}

// newSchemaField puts the rules to the fields that they are for, by their dotted paths; the one without a path is for all.
func newSchemaField(f *Field, at []string, rules map[string]rule) schemaField {
	d := schemaField{Field: *f, rule: rules[strings.Join(at, ".")]}
	d.mayBeEmpty = d.mayBeEmpty || rules[""].mayBeEmpty
	if d.validate == nil {
		d.validate = patternChecks[f.Pattern]
	}
	if len(f.Fields) > 0 {
		d.fields = make(map[string]schemaField, len(f.Fields))
		for name, child := range f.Fields {
			d.fields[name] = newSchemaField(child, append(at[:len(at):len(at)], name), rules)
		}
	}
	for _, value := range d.values {
		d.Values = append(d.Values, Value{Text: value})
		d.Open = true // no definition holds a newer ESO to them
	}
	switch f.Type {
	case "[]object":
		d.shape, d.item, d.fields = listType, &schemaField{shape: objectType, fields: d.fields, rule: rule{exactlyOne: d.exactlyOne}}, nil
	case "[]string":
		d.shape, d.item = listType, &schemaField{shape: stringType, rule: rule{validate: d.validate}}
	default:
		d.shape = shapes[f.Type]
	}
	return d
}

var shapes = map[string]fieldType{
	"object":            objectType,
	"string":            stringType,
	"integer":           numberType,
	"boolean":           booleanType,
	"map[string]string": stringMapType,
}

// isRequired reports whether every supported version of ESO demands the field, and has no default for it.
func (f schemaField) isRequired() bool {
	return f.Required != nil && *f.Required == (Span{}) && f.Default == nil
}

// defaultOf is what the field holds if it was never written; nil if nothing.
func (f schemaField) defaultOf() any {
	if f.defaultValue != nil || f.shape == objectType {
		return f.defaultValue
	}
	return f.Default
}

// isDefault reports whether v is what the field would hold if it was never written.
func (f schemaField) isDefault(v any) bool {
	if f.emptyIsAbsent && jsonvalue.IsEmpty(v) {
		return true
	}
	preset := f.defaultOf()
	if preset == nil {
		return false
	}
	// A cluster holds the preset of a duration in either spelling.
	a, isText := preset.(string)
	b, alsoText := v.(string)
	if isText && alsoText {
		return EqualDurations(a, b)
	}
	return jsonvalue.EqualScalars(preset, v)
}

// holdsNewer reports whether an object has a field that the table does not know; at is where it stands, from spec on.
func holdsNewer(kind string, object map[string]any, at jsonvalue.Path) bool {
	f, found := specOf(kind).at(belowSpec(at))
	for key, value := range object {
		if _, known := f.child(key); !known && value != nil {
			return true
		}
	}
	return !found
}

// child finds the description of a key of an object; none for what is not known.
func (f schemaField) child(key string) (schemaField, bool) {
	c, ok := f.fields[key]
	return c, ok
}
