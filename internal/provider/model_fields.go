// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// modelFields are the fields of a model, by the attribute. The framework looks them up with each Get, which is most of its time.
type modelFields map[string]modelField

type modelField struct {
	index []int
	of    attr.Type
}

func newModelFields(model reflect.Type, attributes map[string]schema.Attribute) modelFields {
	fields := modelFields{}
	for _, field := range reflect.VisibleFields(model) {
		name := field.Tag.Get("tfsdk")
		if attribute, found := attributes[name]; found {
			fields[name] = modelField{index: field.Index, of: attribute.GetType()}
		}
	}
	return fields
}

// get fills a model as the framework's Get does. It returns false where Get may have something to say; the model is then to be
// filled anew.
func (f modelFields) get(ctx context.Context, object tftypes.Value, model any) bool {
	var values map[string]tftypes.Value
	if object.IsNull() || !object.IsKnown() || object.As(&values) != nil || len(values) != len(f) {
		return false
	}
	target := reflect.ValueOf(model).Elem()
	for name, value := range values {
		field, found := f[name]
		if !found || !field.set(ctx, value, target) {
			return false
		}
	}
	return true
}

// checkedType is a type that checks its values when Get decodes them, such as a set.
type checkedType interface {
	Validate(ctx context.Context, value tftypes.Value, at path.Path) diag.Diagnostics
}

func (f modelField) set(ctx context.Context, value tftypes.Value, model reflect.Value) bool {
	if checked, ok := f.of.(checkedType); ok && len(checked.Validate(ctx, value, path.Empty())) > 0 {
		return false
	}
	decoded, err := f.of.ValueFromTerraform(ctx, value)
	if _, checked := decoded.(xattr.ValidateableAttribute); checked || err != nil {
		return false
	}
	field := model.FieldByIndex(f.index)
	if reflect.TypeOf(decoded) != field.Type() {
		return false
	}
	field.Set(reflect.ValueOf(decoded))
	return true
}
