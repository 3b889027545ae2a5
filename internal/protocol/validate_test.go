// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package protocol

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// arguments are of airm_project_secret, each with values that are valid and others that are not.
var arguments = map[string][]string{
	"project": {`"team-a"`, `"team-b"`, `"Team A"`, `null`, `"?"`},
	"name":    {`"db"`, `"cache"`, `"a.b"`, `"-"`, `""`, `null`, `"?"`},
	"store": {
		`{"name":"v"}`, `{"name":"w","kind":"ClusterSecretStore"}`, `{"name":"v","kind":"Vault"}`, `{"name":null}`, `{"name":"?"}`,
		`"?"`, `null`,
	},
	"data": {
		`{"a":{"key":"k"}}`, `{"a":{"key":"k","property":"p"},"b":{"key":"l"}}`, `{"a":{"key":null}}`, `{"a b":{"key":"k"}}`,
		`{"a":{"key":"?"}}`, `{"a":null}`, `{}`, `"?"`, `null`,
	},
	"data_from": {
		`null`, `null`, `[{"extract":{"key":"user"}}]`, `[{"find":{"name":{"regexp":"("}}}]`, `[{}]`,
		`[{"extract":{"key":"a"},"find":{"path":"b"}}]`,
	},
	"manifest":         {`null`, `null`, `null`, `"kind: ExternalSecret"`, `"- a"`, `"?"`},
	"labels":           {`null`, `{"tier":"db"}`, `{"tier":null}`, `{"airm.silogen.ai/x":"y"}`, `{"tier":"?"}`},
	"use_case":         {`null`, `"Database"`, `"Sometimes"`},
	"refresh_interval": {`null`, `"1h"`, `"an hour"`, `"?"`},
	"wait_for_sync":    {`null`, `true`, `"?"`},
	"on_sync_failure":  {`null`, `"warn"`, `"error"`, `"never"`, `"?"`},
	"timeouts":         {`null`, `{"create":"1m"}`, `{"create":"soon"}`, `{"create":"?"}`, `{"read":"2m","create":"1m"}`},
	"clusters":         {`null`, `["default"]`, `[]`, `["a","a"]`, `["?"]`},
	"target":           {`null`, `{"name":"other"}`, `{"name":"Other"}`, `{"creation_policy":"Orphan"}`, `{"creation_policy":"Sometimes"}`},
}

// randomConfig is mostly what a configuration has in the first place of arguments.
func randomConfig(source *rand.Rand) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		value := arguments[name][0]
		if source.IntN(4) == 0 {
			value = arguments[name][source.IntN(len(arguments[name]))]
		}
		parts = append(parts, fmt.Sprintf("%q:%s", name, value))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// config encodes JSON as Terraform sends a configuration; "?" is what is known after apply only.
func (b *both) config(text string) *tfprotov6.DynamicValue {
	b.t.Helper()
	of := b.types["airm_project_secret"].(tftypes.Object)
	var given map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		b.t.Fatalf("%s: %s", text, err)
	}
	attributes := map[string]tftypes.Value{}
	for name, its := range of.AttributeTypes {
		attributes[name] = b.withUnknown(its, cmp.Or(string(given[name]), "null"))
	}
	sent, err := tfprotov6.NewDynamicValue(of, tftypes.NewValue(of, attributes))
	if err != nil {
		b.t.Fatalf("%s: %s", text, err)
	}
	return &sent
}

func (b *both) withUnknown(of tftypes.Type, text string) tftypes.Value {
	b.t.Helper()
	if text == `"?"` {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	value, err := (tfprotov6.DynamicValue{JSON: []byte(text)}).Unmarshal(of)
	if err == nil {
		value, err = tftypes.Transform(value, func(_ *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
			var text string
			if value.Type().Is(tftypes.String) && value.As(&text) == nil && text == "?" {
				return tftypes.NewValue(value.Type(), tftypes.UnknownValue), nil
			}
			return value, nil
		})
	}
	if err != nil {
		b.t.Fatalf("%s: %s", text, err)
	}
	return value
}

// validate validates both ways and reports whether the framework was left out.
func (b *both) validate(text string) (got, want *tfprotov6.ValidateResourceConfigResponse, short bool) {
	b.t.Helper()
	request := &tfprotov6.ValidateResourceConfigRequest{TypeName: "airm_project_secret", Config: b.config(text)}
	want, err := b.long.fullServer.ValidateResourceConfig(b.t.Context(), request)
	if err != nil {
		b.t.Fatal(err)
	}
	before := b.long.validations
	got, err = b.short.ValidateResourceConfig(b.t.Context(), request)
	if err != nil {
		b.t.Fatal(err)
	}
	return got, want, b.long.validations == before
}

// Whatever was validated before, the answer is that of the framework.
func TestValidatesAsTheFramework(t *testing.T) {
	b := newBoth(t)
	source := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	shorts, valid := 0, 0
	for range 1500 {
		config := randomConfig(source)
		got, want, short := b.validate(config)
		if fmt.Sprint(said(got)) != fmt.Sprint(said(want)) {
			t.Fatalf("%s: without the framework\n%s\nwith it\n%s", config, said(got), said(want))
		}
		if short {
			shorts++
		}
		if len(want.Diagnostics) == 0 {
			valid++
		}
	}
	if valid < 150 || shorts < valid/2 {
		t.Errorf("%d configurations were valid, %d answered without the framework", valid, shorts)
	}
}

func said(answer *tfprotov6.ValidateResourceConfigResponse) string {
	var all []string
	for _, d := range answer.Diagnostics {
		all = append(all, fmt.Sprint(d.Severity, d.Summary, d.Detail, d.Attribute))
	}
	slices.Sort(all)
	text, _ := json.MarshalIndent(all, "", " ")
	return string(text)
}

// The framework validates one configuration of a shape, and all of other resources.
func TestValidatesAShapeOnce(t *testing.T) {
	b := newBoth(t)
	for i, test := range []struct {
		config string
		short  bool
	}{
		{`{"project":"team-a","name":"db","store":{"name":"v"},"data":{"a":{"key":"k"}}}`, false},
		{`{"project":"team-b","name":"cache","store":{"name":"w"},"data":{"b":{"key":"l"},"c":{"key":"m"}}}`, true},
		{`{"project":"team-b","name":"cache","store":{"name":"w"},"data":{"b":{"key":"l","property":"p"}}}`, false},
		{`{"project":"team-b","name":"no name","store":{"name":"w"},"data":{"b":{"key":"l"}}}`, false},
		{`{"project":"?","name":"cache","store":{"name":"w"},"data":{"b":{"key":"l"}}}`, false},
		{`{"project":"team-b","name":"cache","on_sync_failure":"warn","store":{"name":"w"},"data":{"b":{"key":"l"}}}`, false},
		{`{"project":"team-b","name":"cache","on_sync_failure":"warn","store":{"name":"w"},"data":{"b":{"key":"m"}}}`, true},
		{`{"project":"team-b","name":"cache","on_sync_failure":"error","store":{"name":"w"},"data":{"b":{"key":"m"}}}`, false},
	} {
		if _, _, short := b.validate(test.config); short != test.short {
			t.Errorf("%d: %s: answered without the framework: %t", i, test.config, short)
		}
	}
	plain := Wrap(b.long, b.shortcuts, func(name string) string { return map[string]string{plainVariable: "1"}[name] })
	before := b.long.validations
	_, _ = plain.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: "airm_project_secret", Config: b.config(`{"project":"team-b","name":"cache","store":{"name":"w"},"data":{"b":{"key":"l"}}}`)})
	if b.long.validations == before {
		t.Errorf("with %s it is answered without the framework", plainVariable)
	}
}
