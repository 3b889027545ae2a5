// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// aggregateStatusFunction exposes airm.Aggregate.
type aggregateStatusFunction struct{}

func newAggregateStatusFunction() function.Function { return aggregateStatusFunction{} }

func (aggregateStatusFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "aggregate_status"
}

func (aggregateStatusFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Combines several statuses into one",
		MarkdownDescription: "Combines several statuses into one, by the rule for an organization secret and its assignments. The " +
			"first match applies: being deleted (`DeleteFailed` if any is, else `Deleting`); none: `Unassigned`; any `DeleteFailed`; " +
			"any `Failed`; any `SyncedError`; all `Synced`; some `Synced` or `PartiallySynced`: `PartiallySynced`; all " +
			"`Deleting`; else `Pending`. Needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.ListParameter{Name: "statuses", ElementType: types.StringType, MarkdownDescription: "The statuses to combine."},
			function.BoolParameter{Name: "being_deleted", MarkdownDescription: "Whether the object that the result is for is being deleted."},
		},
		Return: function.StringReturn{},
	}
}

func (aggregateStatusFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var texts types.List
	var beingDeleted types.Bool
	if resp.Error = req.Arguments.Get(ctx, &texts, &beingDeleted); resp.Error != nil {
		return
	}
	if texts.IsNull() || beingDeleted.IsNull() {
		argument, hint := int64(0), "The argument statuses is null. Pass a list, which may be empty."
		if !texts.IsNull() {
			argument, hint = 1, "The argument being_deleted is null. Pass true or false."
		}
		resp.Error = function.NewArgumentFuncError(argument, hint)
		return
	}
	statuses, isKnown, refused := parsedStatuses(texts)
	switch {
	case refused != "":
		resp.Error = function.NewArgumentFuncError(0, refused)
	case !isKnown || beingDeleted.IsUnknown():
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
	case beingDeleted.ValueBool():
		resp.Error = resp.Result.Set(ctx, string(airm.AggregateDeleting(statuses)))
	default:
		resp.Error = resp.Result.Set(ctx, string(airm.Aggregate(statuses)))
	}
}

// parsedStatuses returns the statuses of a list, whether all of them are known, and what is wrong with one of them.
func parsedStatuses(texts types.List) (statuses []airm.Status, isKnown bool, refused string) {
	isKnown = !texts.IsUnknown()
	for i, element := range texts.Elements() {
		text, _ := element.(types.String)
		switch {
		case text.IsUnknown():
			isKnown = false
		case text.IsNull():
			return nil, isKnown, fmt.Sprintf("The element statuses[%d] is null. Remove it from the list, for example with compact().", i)
		case !slices.Contains(airm.Statuses(), text.ValueString()):
			return nil, isKnown, fmt.Sprintf("The element statuses[%d] is %q, which is not a status. The statuses are %s.", i, text.ValueString(), strings.Join(airm.Statuses(), ", "))
		default:
			statuses = append(statuses, airm.Status(text.ValueString()))
		}
	}
	return statuses, isKnown, ""
}
