// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// equalDuration keeps the prior duration where the new one is as long: `1h` is
// no change of `1h0m0s`.
func equalDuration() planmodifier.String {
	return keepIfEqual(eso.EqualDurations, "Another spelling of the same duration is not a change.")
}

// equalManifest keeps the prior manifest where the new one says the same.
func equalManifest() planmodifier.String {
	return keepIfEqual(eso.EqualManifests, "Another layout of the same manifest is not a change.")
}

// equalJSON keeps the prior JSON where the new one has the same value.
func equalJSON() planmodifier.String {
	return keepIfEqual(sameJSON, "Another layout of the same JSON is not a change.")
}

// keepIfEqual plans the prior value where the configured one is equal to it.
// The semantic equality of a custom type is not enough: the framework applies
// it to what Read and an apply return, but not to the plan.
func keepIfEqual(equal func(a, b string) bool, description string) planmodifier.String {
	return keepEqual{equal, description}
}

type keepEqual struct {
	equal       func(a, b string) bool
	description string
}

func (m keepEqual) Description(context.Context) string         { return m.description }
func (m keepEqual) MarkdownDescription(context.Context) string { return m.description }

func (m keepEqual) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	prior, planned := req.StateValue, req.PlanValue
	// Terraform lets a plan keep the prior value of an argument only if that is not null.
	if prior.IsNull() || prior.IsUnknown() || planned.IsNull() || planned.IsUnknown() {
		return
	}
	if m.equal(prior.ValueString(), planned.ValueString()) {
		resp.PlanValue = prior
	}
}

func sameJSON(a, b string) bool {
	x, errX := jsonvalue.Parse(a)
	y, errY := jsonvalue.Parse(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}
