// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestKeepIfEqual(t *testing.T) {
	text := types.StringValue
	for name, test := range map[string]struct {
		modifier             planmodifier.String
		prior, planned, want types.String
	}{
		"same duration":     {equalDuration(), text("1h0m0s"), text("1h"), text("1h0m0s")},
		"other duration":    {equalDuration(), text("1h"), text("2h"), text("2h")},
		"no duration":       {equalDuration(), text("1h"), text("1d"), text("1d")},
		"null prior":        {equalDuration(), types.StringNull(), text("1h"), text("1h")},
		"null plan":         {equalDuration(), text("0s"), types.StringNull(), types.StringNull()},
		"unknown plan":      {equalDuration(), text("0s"), types.StringUnknown(), types.StringUnknown()},
		"unknown prior":     {equalDuration(), types.StringUnknown(), text("0s"), text("0s")},
		"same JSON":         {equalJSON(), text(`{"a":1,"b":[2]}`), text(`{ "b": [2], "a": 1 }`), text(`{"a":1,"b":[2]}`)},
		"other JSON":        {equalJSON(), text(`{"a":1}`), text(`{"a":"1"}`), text(`{"a":"1"}`)},
		"no JSON":           {equalJSON(), text(`{`), text(`}`), text(`}`)},
		"the same manifest": {equalManifest(), text("spec: {}"), text("spec: {}"), text("spec: {}")},
	} {
		t.Run(name, func(t *testing.T) {
			req := planmodifier.StringRequest{StateValue: test.prior, PlanValue: test.planned}
			resp := planmodifier.StringResponse{PlanValue: test.planned}
			test.modifier.PlanModifyString(t.Context(), req, &resp)
			if !resp.PlanValue.Equal(test.want) {
				t.Errorf("got %s, want %s", resp.PlanValue, test.want)
			}
		})
	}
}

// A null prior must never meet equal, which may take "" as the zero value.
func TestKeepIfEqualAsksOnlyAboutKnownValues(t *testing.T) {
	always := keepIfEqual(func(_, _ string) bool { return true }, "")
	for _, values := range [][2]types.String{
		{types.StringNull(), types.StringValue("x")},
		{types.StringUnknown(), types.StringValue("x")},
		{types.StringValue("x"), types.StringNull()},
		{types.StringValue("x"), types.StringUnknown()},
	} {
		resp := planmodifier.StringResponse{PlanValue: values[1]}
		always.PlanModifyString(t.Context(), planmodifier.StringRequest{StateValue: values[0], PlanValue: values[1]}, &resp)
		if !resp.PlanValue.Equal(values[1]) {
			t.Errorf("%s, %s: got %s", values[0], values[1], resp.PlanValue)
		}
	}
}

func TestArgumentsThatKeepEqualValues(t *testing.T) {
	const hourly = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec: {refreshInterval: "
	retry := storeAttributes()["retry"].(schema.SingleNestedAttribute)
	for name, test := range map[string]struct {
		attribute        schema.Attribute
		prior, respelled string
	}{
		"manifest":               {contentAttributes()["manifest"], hourly + "1h}", hourly + "60m}"},
		"refresh_interval":       {contentAttributes()["refresh_interval"], "1h", "60m"},
		"store refresh_interval": {storeAttributes()["refresh_interval"], "1h", "60m"},
		"retry.interval":         {retry.Attributes["interval"], "1h", "60m"},
		"other":                  {storeAttributes()["other"], `{"a":1}`, `{ "a": 1 }`},
	} {
		prior, planned := types.StringValue(test.prior), types.StringValue(test.respelled)
		resp := planmodifier.StringResponse{PlanValue: planned}
		for _, modifier := range test.attribute.(schema.StringAttribute).PlanModifiers {
			modifier.PlanModifyString(t.Context(), planmodifier.StringRequest{StateValue: prior, PlanValue: planned}, &resp)
		}
		if !resp.PlanValue.Equal(prior) {
			t.Errorf("%s plans another spelling as a change: %s", name, resp.PlanValue)
		}
	}
}
