// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// random is a value of a type as a state keeps it in JSON; now and then one of another type, or with an attribute that the
// schema does not have.
func random(of tftypes.Type, source *rand.Rand) any {
	switch dice := source.IntN(40); {
	case dice < 8:
		return nil
	case dice == 8:
		return []any{true, 1.5, "text", map[string]any{}, []any{}}[source.IntN(5)]
	}
	switch of := of.(type) {
	case tftypes.Object:
		return randomObject(of, source)
	case tftypes.Map:
		entries := map[string]any{}
		for i := range source.IntN(4) {
			entries[fmt.Sprintf("key-%d", i)] = random(of.ElementType, source)
		}
		return entries
	case tftypes.List:
		return randomItems(of.ElementType, source)
	case tftypes.Set:
		return randomItems(of.ElementType, source)
	}
	switch {
	case of.Is(tftypes.Bool):
		return source.IntN(2) == 0
	case of.Is(tftypes.Number):
		return source.IntN(1000)
	}
	return fmt.Sprintf("up_to_date Ã %d", source.IntN(3))
}

func randomItems(of tftypes.Type, source *rand.Rand) any {
	items := []any{}
	for range source.IntN(4) {
		items = append(items, random(of, source))
	}
	return items
}

func randomObject(of tftypes.Object, source *rand.Rand) any {
	attributes := map[string]any{}
	for name, its := range of.AttributeTypes {
		if source.IntN(40) > 0 {
			attributes[name] = random(its, source)
		}
	}
	if source.IntN(20) == 0 {
		attributes["of_another_version"] = "value"
	}
	return attributes
}

func TestUpgradesAsTheFramework(t *testing.T) {
	b := newBoth(t)
	source := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	for name, of := range b.types {
		object, _ := of.(tftypes.Object)
		states := map[string]*tfprotov6.RawState{
			"none": nil, "empty": {}, "null": {JSON: []byte("null")},
			"no JSON": {JSON: []byte("{")}, "flat": {Flatmap: map[string]string{"id": "a"}},
		}
		for i := range 100 {
			text, err := json.Marshal(randomObject(object, source))
			if err != nil {
				t.Fatal(err)
			}
			states[fmt.Sprint(i)] = &tfprotov6.RawState{JSON: text}
		}
		short := 0
		for what, state := range states {
			for version := range int64(2) {
				if b.sameUpgrade(what, of, &tfprotov6.UpgradeResourceStateRequest{TypeName: name, Version: version, RawState: state}) {
					short++
				}
			}
		}
		if short == 0 || short >= len(states) {
			t.Errorf("%s: %d of %d states are answered without the framework", name, short, len(states))
		}
	}
}

// sameUpgrade sends a request both ways and reports whether the framework was left out. The answers are equal.
func (b *both) sameUpgrade(what string, of tftypes.Type, request *tfprotov6.UpgradeResourceStateRequest) (short bool) {
	b.t.Helper()
	want, err := b.long.UpgradeResourceState(b.t.Context(), request)
	if err != nil {
		b.t.Fatal(err)
	}
	b.long.upgrades = 0
	got, err := b.short.UpgradeResourceState(b.t.Context(), request)
	if err != nil {
		b.t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Diagnostics, want.Diagnostics) || b.decode(got.UpgradedState, of) != b.decode(want.UpgradedState, of) {
		b.t.Errorf("%s %s: the short way answers\n%+v, the framework\n%+v", request.TypeName, what, got, want)
	}
	return b.long.upgrades == 0
}

func (b *both) decode(value *tfprotov6.DynamicValue, of tftypes.Type) string {
	b.t.Helper()
	if value == nil {
		return "none"
	}
	decoded, err := value.Unmarshal(of)
	if err != nil {
		b.t.Fatal(err)
	}
	return decoded.String()
}

// With the variable every answer is the framework's.
func TestPlainProtocol(t *testing.T) {
	b := newBoth(t)
	plain := Wrap(b.long, b.shortcuts, func(name string) string { return map[string]string{"TF_AIRM_PLAIN_PROTOCOL": "1"}[name] })
	of, r := b.types["airm_project_secret"], resources["airm_project_secret"]
	state := b.value(of, r.state)
	for name, wrapped := range map[string]tfprotov6.ProviderServer{"plain": plain, "short": b.short} {
		b.long.plans, b.long.upgrades = 0, 0
		upgrade := &tfprotov6.UpgradeResourceStateRequest{
			TypeName: "airm_project_secret", RawState: &tfprotov6.RawState{JSON: []byte(r.state)},
		}
		if _, err := wrapped.UpgradeResourceState(t.Context(), upgrade); err != nil {
			t.Fatal(err)
		}
		plan := &tfprotov6.PlanResourceChangeRequest{
			TypeName: "airm_project_secret", PriorState: state, ProposedNewState: state, Config: state,
		}
		if _, err := wrapped.PlanResourceChange(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
		if asked := b.long.plans + b.long.upgrades; asked != map[string]int{"plain": 2}[name] {
			t.Errorf("%s: the framework was asked %d times", name, asked)
		}
	}
}
