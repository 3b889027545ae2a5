// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package attribute

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Flatten is the inverse of expand: it returns one value for each of the given
// types. What the spec does not have is null. What no argument can express is
// dropped; lossless reports whether nothing is.
func (s Mapping) Flatten(
	ctx context.Context, spec map[string]any, attrTypes map[string]attr.Type,
) (map[string]attr.Value, diag.Diagnostics) {
	var diags diag.Diagnostics
	f := flattening{Mapping: s}
	attrs, err := f.root(ctx, spec, attrTypes)
	if err != nil {
		diags.AddError("Unexpected content of an External Secrets object", err.Error())
	}
	return attrs, diags
}

// IsLossless reports whether expand makes the same spec again out of what flatten
// makes of it. The order of a keyed list does not count.
func (s Mapping) IsLossless(ctx context.Context, spec map[string]any, attrTypes map[string]attr.Type) bool {
	f := flattening{Mapping: s}
	_, err := f.root(ctx, spec, attrTypes)
	return err == nil && !f.lossy
}

// flattening is one run of flatten. It takes value by value out of (copies of)
// the ESO objects; what is left over in the end is lost.
type flattening struct {
	Mapping
	lossy bool
}

func (f *flattening) root(ctx context.Context, spec map[string]any, attrTypes map[string]attr.Type) (map[string]attr.Value, error) {
	own := maps.Clone(attrTypes)
	maps.DeleteFunc(own, func(name string, _ attr.Type) bool { return f.Types[name] == nil })
	attrs, err := f.object(ctx, "", spec, own)
	for name, t := range attrTypes {
		if attrs[name] == nil {
			attrs[name] = Null(ctx, t)
		}
	}
	return attrs, err
}

// object also returns on error what it has converted until then.
func (f *flattening) object(
	ctx context.Context, at string, spec map[string]any, attrTypes map[string]attr.Type,
) (map[string]attr.Value, error) {
	attrs := make(map[string]attr.Value, len(attrTypes))
	rest := maps.Clone(spec)
	names := f.outermostFirst(at, maps.Keys(attrTypes))
	for _, name := range slices.Backward(names) {
		child := Join(at, name)
		taken := take(rest, f.Place(child))
		if taken == nil {
			_, replaced := f.Defaults[child]
			f.lossy = f.lossy || replaced
			attrs[name] = Null(ctx, attrTypes[name])
			continue
		}
		v, err := f.value(ctx, child, taken, attrTypes[name])
		if err != nil {
			return attrs, err
		}
		attrs[name] = v
	}
	f.lossy = f.lossy || len(rest) > 0
	return attrs, nil
}

func (f *flattening) value(ctx context.Context, at string, value any, t attr.Type) (attr.Value, error) {
	switch t := t.(type) {
	case basetypes.ObjectType:
		if m, ok := value.(map[string]any); ok {
			attrs, err := f.object(ctx, at, m, t.AttrTypes)
			if err != nil {
				return nil, err
			}
			return types.ObjectValueMust(t.AttrTypes, attrs), nil
		}
	case basetypes.MapType:
		elements, err := f.mapElements(ctx, at, value, t.ElemType)
		if err != nil {
			return nil, err
		}
		return types.MapValueMust(t.ElemType, elements), nil
	case basetypes.ListType:
		elements, err := f.listElements(ctx, at, value, t.ElemType)
		if err != nil {
			return nil, err
		}
		return types.ListValueMust(t.ElemType, elements), nil
	case basetypes.SetType:
		elements, err := f.listElements(ctx, at, value, t.ElemType)
		if err != nil {
			return nil, err
		}
		return types.SetValueMust(t.ElemType, elements), nil
	case jsontypes.NormalizedType:
		text, err := json.Marshal(value)
		return jsontypes.NewNormalizedValue(string(text)), err
	default:
		if v := scalar(value, t); v != nil {
			return v, nil
		}
	}
	return nil, mismatch(at, t, value)
}

// scalar returns a string, boolean or number, or nil if the value does not fit the type.
func scalar(value any, t attr.Type) attr.Value {
	switch t.(type) {
	case basetypes.StringType:
		if v, ok := value.(string); ok {
			return types.StringValue(v)
		}
	case basetypes.BoolType:
		if v, ok := value.(bool); ok {
			return types.BoolValue(v)
		}
	case basetypes.Int64Type:
		if v, ok := integer(value); ok {
			return types.Int64Value(v)
		}
	}
	return nil
}

func (f *flattening) listElements(ctx context.Context, at string, value any, t attr.Type) ([]attr.Value, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, mismatch(at, types.ListType{ElemType: t}, value)
	}
	elements := make([]attr.Value, len(list))
	for i, item := range list {
		v, err := f.value(ctx, Join(at, "*"), item, t)
		if err != nil {
			return nil, err
		}
		elements[i] = v
	}
	return elements, nil
}

func (f *flattening) mapElements(ctx context.Context, at string, value any, t attr.Type) (map[string]attr.Value, error) {
	m, ok := value.(map[string]any)
	if field, isKeyed := f.Keyed[at]; isKeyed {
		m, ok = f.byKey(field, value)
	}
	if !ok {
		return nil, mismatch(at, types.MapType{ElemType: t}, value)
	}
	elements := make(map[string]attr.Value, len(m))
	for key, item := range m {
		v, err := f.value(ctx, Join(at, "*"), item, t)
		if err != nil {
			return nil, err
		}
		elements[key] = v
	}
	return elements, nil
}

// byKey turns a list of objects into a map. Of several with the same key the
// last one stays, as in ESO.
func (f *flattening) byKey(field string, value any) (map[string]any, bool) {
	list, ok := value.([]any)
	m := make(map[string]any, len(list))
	for _, item := range list {
		key, rest := keyOf(field, item)
		if key == "" {
			return nil, false
		}
		_, duplicate := m[key]
		f.lossy = f.lossy || duplicate
		m[key] = rest
	}
	return m, ok
}

// take removes a field and returns its value, or nil. Objects on the way to it
// that end up empty are removed too; they are copied, so that the caller's spec
// stays as it is.
func take(object map[string]any, place []string) any {
	field := place[0]
	if len(place) == 1 {
		value := object[field]
		delete(object, field)
		return value
	}
	next, ok := object[field].(map[string]any)
	if !ok {
		return nil
	}
	next = maps.Clone(next)
	value := take(next, place[1:])
	object[field] = next
	if len(next) == 0 {
		delete(object, field)
	}
	return value
}

// integer accepts the number types that the Kubernetes and the standard JSON
// decoders make.
func integer(value any) (int64, bool) {
	switch v := value.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case float64:
		return int64(v), v == math.Trunc(v)
	}
	return 0, false
}

// Null returns the null value of a type.
func Null(ctx context.Context, t attr.Type) attr.Value {
	v, err := t.ValueFromTerraform(ctx, tftypes.NewValue(t.TerraformType(ctx), nil))
	if err != nil {
		panic(err) // Every type has a null.
	}
	return v
}

// mismatch names types only: a value may be secret.
func mismatch(at string, t attr.Type, value any) error {
	return fmt.Errorf("the content for argument %s has the type %T, which does not fit %s", at, value, t)
}
