// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var setOfStrings = tftypes.Set{ElementType: tftypes.String}

// setsOfNames are sets as Terraform may send them: with duplicates, which it leaves to the provider, and with values that are
// null or not known.
func setsOfNames() []tftypes.Value {
	all := []tftypes.Value{tftypes.NewValue(setOfStrings, nil), tftypes.NewValue(setOfStrings, tftypes.UnknownValue)}
	for _, elements := range [][]any{
		{}, {"a"}, {"b"}, {"a", "b"}, {"b", "a"}, {"a", "a"}, {"a", "a", "b"}, {"a", "b", "b"}, {nil}, {nil, nil}, {"<null>"}, {"<unknown>"},
		{tftypes.UnknownValue}, {tftypes.UnknownValue, tftypes.UnknownValue}, {"a", tftypes.UnknownValue}, {"a", nil},
	} {
		var values []tftypes.Value
		for _, element := range elements {
			values = append(values, tftypes.NewValue(tftypes.String, element))
		}
		all = append(all, tftypes.NewValue(setOfStrings, values))
	}
	return all
}

// A set of names is valid, and equals another one, whenever the framework's own set is and does.
func TestNameSetIsASet(t *testing.T) {
	t.Parallel()
	framework, at := basetypes.SetType{ElemType: types.StringType}, path.Root("projects")
	decode := func(value tftypes.Value) (basetypes.SetValue, nameSet) {
		want, err := framework.ValueFromTerraform(t.Context(), value)
		if err != nil {
			t.Fatal(err)
		}
		got, err := newNameSetType().ValueFromTerraform(t.Context(), value)
		if err != nil {
			t.Fatal(err)
		}
		return want.(basetypes.SetValue), got.(nameSet)
	}
	for _, one := range setsOfNames() {
		if got, want := newNameSetType().Validate(t.Context(), one, at), framework.Validate(t.Context(), one, at); !got.Equal(want) {
			t.Errorf("%s: %v, not %v", one, got, want)
		}
		want, got := decode(one)
		if sent, err := got.ToTerraformValue(t.Context()); err != nil || !sent.Equal(one) {
			t.Errorf("%s is sent as %s, %v", one, sent, err)
		}
		for _, other := range setsOfNames() {
			wantOther, gotOther := decode(other)
			invalid := got.hasDuplicates() || gotOther.hasDuplicates()
			if !invalid && want.Equal(wantOther) != got.Equal(gotOther) {
				t.Errorf("%s equals %s: %t", one, other, got.Equal(gotOther))
			}
			if isSame(one, other) != one.Equal(other) {
				t.Errorf("%s is the same as %s: %t", one, other, isSame(one, other))
			}
		}
	}
	if wrong := tftypes.NewValue(tftypes.String, "a"); !newNameSetType().Validate(t.Context(), wrong, at).HasError() {
		t.Error("a string is a valid set")
	}
}

// BenchmarkManyProjects measures what Terraform asks of a set of assignments besides reading it. The framework's own set takes four
// times as long for twice as many projects.
func BenchmarkManyProjects(b *testing.B) {
	server := providerserver.NewProtocol6(&airmProvider{version: "test"})()
	schemas, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		b.Fatal(err)
	}
	const kind = "airm_secret_assignments"
	of := schemas.ResourceSchemas[kind].ValueType()
	for _, count := range []int{500, 1000} {
		var projects []string
		for i := range count {
			projects = append(projects, fmt.Sprintf(`"project-%d"`, i))
		}
		encode := func(more string) *tfprotov6.DynamicValue {
			text := fmt.Sprintf(`{"secret":"shared","projects":[%s]%s}`, strings.Join(projects, ","), more)
			options := tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}}
			value, err := (tfprotov6.RawState{JSON: []byte(text)}).UnmarshalWithOpts(of, options)
			if err != nil {
				b.Fatal(err)
			}
			sent, err := tfprotov6.NewDynamicValue(of, value)
			if err != nil {
				b.Fatal(err)
			}
			return &sent
		}
		config, state := encode(""), encode(`,"id":"shared","status":"Synced","up_to_date":false`)
		for name, call := range map[string]func(context.Context) ([]*tfprotov6.Diagnostic, error){
			"validate": func(ctx context.Context) ([]*tfprotov6.Diagnostic, error) {
				answer, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: kind, Config: config})
				return answer.Diagnostics, err
			},
			"plan": func(ctx context.Context) ([]*tfprotov6.Diagnostic, error) {
				answer, err := server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
					TypeName: kind, Config: config, PriorState: state, ProposedNewState: state,
				})
				return answer.Diagnostics, err
			},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, count), func(b *testing.B) {
				for b.Loop() {
					if said, err := call(b.Context()); err != nil || len(said) > 0 {
						b.Fatal(said, err)
					}
				}
			})
		}
	}
}
