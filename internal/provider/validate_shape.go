// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Most of a validation is the framework's walk through configuration and schema, in search of validators; but what they see is the
// same for most secrets. A shape is what they see: which values are set, null or unknown, and the values of the attributes that have
// validators. A configuration of a shape that the framework has found nothing wrong with needs only ValidateConfig.

// validShapes are the shapes with which the framework found nothing wrong.
type validShapes struct{ known sync.Map }

// ValidateKnownShape reports whether a configuration is valid, as far as that is known without the framework. If it is not known,
// remember is to be called if the framework finds nothing to say.
func (p *airmProvider) ValidateKnownShape(
	ctx context.Context, request *tfprotov6.ValidateResourceConfigRequest,
) (valid bool, remember func()) {
	remember = func() {}
	if request.TypeName != "airm_project_secret" || request.Config == nil {
		return false, remember
	}
	direct := projectSecrets()
	config, err := request.Config.Unmarshal(direct.state)
	if err != nil {
		return false, remember
	}
	shape := &strings.Builder{}
	direct.shape.write(shape, config)
	if _, found := p.shapes.known.Load(shape.String()); !found {
		return false, func() { p.shapes.known.Store(shape.String(), true) }
	}
	m := &projectSecretModel{}
	return direct.fields.get(ctx, config, m) && len(errorsOf(m, config)) == 0, remember
}

// shapeOf writes what the framework's validation sees of a value: all of it if whole is set.
type shapeOf struct {
	whole      bool
	attributes map[string]shapeOf // of an object
	elements   *shapeOf           // of a collection of objects
}

// newShape is the shape of an object with these attributes.
func newShape(attributes map[string]schema.Attribute) shapeOf {
	of := shapeOf{attributes: map[string]shapeOf{}}
	for name, attribute := range attributes {
		of.attributes[name] = newAttributeShape(attribute)
	}
	return of
}

func newAttributeShape(attribute schema.Attribute) shapeOf {
	if attribute.IsWriteOnly() || hasValidators(attribute) {
		return shapeOf{whole: true}
	}
	switch typed := attribute.(type) {
	case schema.SingleNestedAttribute:
		return newShape(typed.Attributes)
	case schema.MapNestedAttribute:
		return newElementsShape(typed.NestedObject)
	case schema.ListNestedAttribute:
		return newElementsShape(typed.NestedObject)
	}
	return shapeOf{whole: !isPlain(attribute.GetType())}
}

func newElementsShape(object schema.NestedAttributeObject) shapeOf {
	elements := newShape(object.Attributes)
	return shapeOf{whole: len(object.Validators) > 0 || object.CustomType != nil, elements: &elements}
}

// hasValidators reports whether an attribute has validators, or a type of its own. Each kind of attribute has its own interface for
// that; the fields have the same names in all.
func hasValidators(attribute schema.Attribute) bool {
	fields := reflect.ValueOf(attribute)
	if fields.Kind() != reflect.Struct {
		return true
	}
	for _, name := range []string{"Validators", "CustomType", "DeprecationMessage"} {
		field := fields.FieldByName(name)
		if !field.IsValid() || !field.IsZero() {
			return true
		}
	}
	return false
}

// isPlain reports whether a type takes any value.
func isPlain(of attr.Type) bool {
	switch of := of.(type) {
	case basetypes.StringType, basetypes.BoolType, basetypes.Int64Type, basetypes.NumberType:
		return true
	case basetypes.MapType:
		return isPlain(of.ElemType)
	case basetypes.ListType:
		return isPlain(of.ElemType)
	}
	return false
}

func (s shapeOf) write(to *strings.Builder, value tftypes.Value) {
	switch {
	case !value.IsKnown():
		to.WriteByte('?')
	case value.IsNull():
		to.WriteByte('-')
	case s.whole:
		s.writeWhole(to, value)
	case s.attributes != nil:
		s.writeAttributes(to, value)
	case s.elements != nil:
		s.writeElements(to, value)
	case !value.IsFullyKnown():
		to.WriteByte('*') // a collection with an element that is unknown
	default:
		to.WriteByte('+')
	}
}

// writeWhole writes a value so that no other one reads the same.
func (shapeOf) writeWhole(to *strings.Builder, value tftypes.Value) {
	encoded, _ := tfprotov6.NewDynamicValue(value.Type(), value) // it was decoded with that type
	to.WriteString(strconv.Quote(string(encoded.MsgPack)))
}

func (s shapeOf) writeAttributes(to *strings.Builder, value tftypes.Value) {
	values := map[string]tftypes.Value{}
	_ = value.As(&values) // its type is that of the schema
	to.WriteByte('{')
	for _, name := range slices.Sorted(maps.Keys(values)) {
		to.WriteString(name)
		s.attributes[name].write(to, values[name])
	}
	to.WriteByte('}')
}

// writeElements writes each shape of the elements once.
func (s shapeOf) writeElements(to *strings.Builder, value tftypes.Value) {
	var elements []tftypes.Value
	byKey := map[string]tftypes.Value{}
	if value.As(&elements) != nil {
		_ = value.As(&byKey)
		elements = slices.Collect(maps.Values(byKey))
	}
	var shapes []string
	for _, element := range elements {
		one := &strings.Builder{}
		s.elements.write(one, element)
		shapes = append(shapes, one.String())
	}
	slices.Sort(shapes)
	to.WriteString("[" + strings.Join(slices.Compact(shapes), ",") + "]")
}
