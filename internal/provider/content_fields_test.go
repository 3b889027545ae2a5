// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/attribute"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// esoField is what a CRD of ESO says about one field.
type esoField struct {
	typ      string
	required bool
}

// backendsWithArguments are those that have arguments.
var backendsWithArguments = []string{"aws", "azurekv", "fake", "gcpsm", "kubernetes", "openBao", "vault"}

// esoFields returns the fields of ESO's specs, by paths that start with the kind: `ExternalSecret.data[].secretKey`. Of
// the backends only those that have arguments are in it, and nothing that a supported version has dropped.
func esoFields(t *testing.T) map[string]esoField {
	t.Helper()
	fields := map[string]esoField{}
	var walk func(f *eso.Field, at string)
	walk = func(f *eso.Field, at string) {
		for name, child := range f.Fields {
			if at == "SecretStore.provider" && !slices.Contains(backendsWithArguments, name) || child.Until != "" {
				continue
			}
			required := child.Required != nil && *child.Required == (eso.Span{})
			fields[at+"."+name] = esoField{child.Type, required}
			if strings.HasPrefix(child.Type, "[]") {
				name += "[]"
			}
			walk(child, at+"."+name)
		}
	}
	for _, kind := range []string{airm.KindExternalSecret, airm.KindSecretStore} {
		walk(eso.Spec(kind), kind)
	}
	return fields
}

// fieldsIn notes the fields that a value holds, by their paths in the file of fields.
func fieldsIn(value any, at string, seen map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for name, its := range value {
			seen[at+"."+name] = true
			fieldsIn(its, at+"."+name, seen)
		}
	case []any:
		for _, its := range value {
			fieldsIn(its, at+"[]", seen)
		}
	}
}

// unmet lists the fields below a path that were not met.
func unmet(fields map[string]esoField, at string, seen map[string]bool) []string {
	var missing []string
	for name := range fields {
		if strings.HasPrefix(name, at+".") && !seen[name] {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return missing
}

func childrenOf(fields map[string]esoField, at string) []string {
	var names []string
	for esoPath := range fields {
		if name, ok := strings.CutPrefix(esoPath, at+"."); ok && !strings.ContainsAny(name, ".[") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// visitAttributes calls f for every attribute of a schema, with its path in our and in
// ESO's notation.
func visitAttributes(
	s attribute.Mapping, at, esoPath string, attrs map[string]schema.Attribute, f func(at, esoPath string, a schema.Attribute),
) {
	for name, a := range attrs {
		child := attribute.Join(at, name)
		esoChild := esoPath + "." + strings.Join(s.Place(child), ".")
		f(child, esoChild, a)
		switch a := a.(type) {
		case schema.SingleNestedAttribute:
			visitAttributes(s, child, esoChild, a.Attributes, f)
		case schema.ListNestedAttribute:
			visitAttributes(s, attribute.Join(child, "*"), esoChild+"[]", a.NestedObject.Attributes, f)
		case schema.MapNestedAttribute:
			visitAttributes(s, attribute.Join(child, "*"), esoChild+"[]", a.NestedObject.Attributes, f)
		}
	}
}

// esoType is the type that an attribute must have in ESO.
func esoType(typ attr.Type, keyed bool) string {
	switch typ := typ.(type) {
	case types.ObjectType:
		return "object"
	case types.ListType:
		return "[]" + esoType(typ.ElemType, false)
	case types.MapType:
		if keyed {
			return "[]" + esoType(typ.ElemType, false)
		}
		return "map[string]" + esoType(typ.ElemType, false)
	case jsontypes.NormalizedType:
		return "object"
	}
	switch typ {
	case types.StringType:
		return "string"
	case types.BoolType:
		return "boolean"
	case types.Int64Type:
		return "integer"
	}
	return typ.String()
}

// checkAgainstESO compares the arguments of a kind with the fields that ESO has.
// The exceptions say why: by our path if an argument differs from its field, by
// ESO's path if a field has no argument.
func checkAgainstESO(t *testing.T, s attribute.Mapping, kind string, attrs map[string]schema.Attribute, exceptions map[string]string) {
	t.Helper()
	if diags := (schema.Schema{Attributes: attrs}).ValidateImplementation(t.Context()); diags.HasError() {
		t.Error(diags)
	}
	fields := esoFields(t)
	served := map[string]bool{}
	used := map[string]bool{}
	visitAttributes(s, "", kind, attrs, func(at, esoPath string, a schema.Attribute) {
		if a.GetMarkdownDescription() == "" {
			t.Errorf("%s has no description", at)
		}
		served[esoPath] = true
		if exceptions[at] != "" {
			used[at] = true
			return
		}
		_, keyed := s.Keyed[at]
		field, ok := fields[esoPath]
		got := esoField{esoType(a.GetType(), keyed), a.IsRequired()}
		if !ok || got != field {
			t.Errorf("%s is %v, and %s in ESO %v", at, got, esoPath, field)
		}
	})
	for esoPath, field := range fields {
		hasFields := strings.HasSuffix(field.typ, "object")
		if !strings.HasPrefix(esoPath, kind+".") || hasFields || served[esoPath] {
			continue
		}
		exception := ""
		for prefix := range exceptions {
			if esoPath == prefix || strings.HasPrefix(esoPath, prefix+".") || strings.HasPrefix(esoPath, prefix+"[") {
				exception = prefix
			}
		}
		used[exception] = true
		if exception == "" {
			t.Errorf("%s has no argument", esoPath)
		}
	}
	for exception := range exceptions {
		if !used[exception] {
			t.Errorf("%s is no exception", exception)
		}
	}
}
