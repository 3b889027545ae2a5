// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// nameSetType is types.SetType for thousands of strings. The framework compares each element with each other one to look for
// duplicates, and does so once more whenever it writes a state; this type sorts them.
type nameSetType struct{ basetypes.SetType }

var _ basetypes.SetTypable = nameSetType{}

func newNameSetType() nameSetType {
	return nameSetType{basetypes.SetType{ElemType: types.StringType}}
}

// Equal reports whether the other type is this one.
func (nameSetType) Equal(other attr.Type) bool {
	_, same := other.(nameSetType)
	return same
}

// String returns a name for messages.
func (nameSetType) String() string { return "nameSetType" }

// ValueType returns an empty value of the type.
func (nameSetType) ValueType(context.Context) attr.Value { return nameSet{} }

// ValueFromSet returns a set of the framework as one of this type.
func (nameSetType) ValueFromSet(_ context.Context, set basetypes.SetValue) (basetypes.SetValuable, diag.Diagnostics) {
	return nameSet{set}, nil
}

// ValueFromTerraform decodes a value, which has to be a set of strings.
func (t nameSetType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	decoded, err := t.SetType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	return nameSet{decoded.(basetypes.SetValue)}, nil
}

// Validate leaves it to the framework to say what is wrong, where something is.
func (t nameSetType) Validate(ctx context.Context, in tftypes.Value, at path.Path) diag.Diagnostics {
	value, err := t.ValueFromTerraform(ctx, in)
	if set, ok := value.(nameSet); err == nil && ok && !set.hasDuplicates() {
		return nil
	}
	return t.SetType.Validate(ctx, in, at)
}

// nameSet is a value of nameSetType.
type nameSet struct{ basetypes.SetValue }

var _ basetypes.SetValuableWithSemanticEquals = nameSet{}

func newNameSet(elements []string) nameSet {
	values := make([]attr.Value, len(elements))
	for i, element := range elements {
		values[i] = types.StringValue(element)
	}
	return nameSet{types.SetValueMust(types.StringType, values)}
}

// Type returns nameSetType.
func (nameSet) Type(context.Context) attr.Type { return newNameSetType() }

// Equal reports whether the other value is a set with the same elements.
func (s nameSet) Equal(other attr.Value) bool {
	set, ok := other.(nameSet)
	if !ok || s.IsNull() != set.IsNull() || s.IsUnknown() != set.IsUnknown() {
		return false
	}
	return slices.Equal(s.sorted(), set.sorted())
}

// SetSemanticEquals is Equal: without it, the framework compares all elements of a new state with all of the one before.
func (s nameSet) SetSemanticEquals(_ context.Context, other basetypes.SetValuable) (bool, diag.Diagnostics) {
	return s.Equal(other), nil
}

func (s nameSet) hasDuplicates() bool {
	sorted := s.sorted()
	return len(slices.Compact(sorted)) < len(s.Elements())
}

// sorted returns the elements as they are quoted in messages, so that null and unknown ones differ from all strings.
func (s nameSet) sorted() []string {
	var all []string
	for _, element := range s.Elements() {
		all = append(all, element.String())
	}
	slices.Sort(all)
	return all
}
