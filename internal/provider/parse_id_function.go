// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// parseIDFunction parses the ID of a project secret or a store.
type parseIDFunction struct{}

func newParseIDFunction() function.Function { return parseIDFunction{} }

func (parseIDFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_id"
}

var parsedIDTypes = map[string]attr.Type{
	"project": types.StringType, "name": types.StringType, "clusters": types.SetType{ElemType: types.StringType},
}

func (parseIDFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Parses the ID of a project secret or a store",
		MarkdownDescription: "Parses an import ID: the `id` of a project secret or a store, `team-a/db` or `vault`, followed by `@east,west` if it is restricted to clusters. " +
			"Returns an object of `project` (null for a store of the organization), `name` and `clusters` (null if the ID names none). Needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "id", MarkdownDescription: "The ID: `name` or `project/name`, followed by `@cluster,cluster` if it is restricted to clusters."},
		},
		Return: function.ObjectReturn{AttributeTypes: parsedIDTypes},
	}
}

func (parseIDFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	id, isKnown := stringArgument(ctx, req, resp, types.ObjectUnknown(parsedIDTypes))
	if !isKnown {
		return
	}
	rest, clusters, err := eso.SplitClusters(id)
	var ref airm.Ref
	if err == nil {
		ref, err = airm.ParseProviderStoreID(rest) // the form of a project secret is one of its two
	}
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, capitalized(err.Error())+".")
		return
	}
	resp.Error = resp.Result.Set(ctx, types.ObjectValueMust(parsedIDTypes, map[string]attr.Value{
		"project": optional(ref.Project), "name": types.StringValue(ref.Name), "clusters": stringSet(clusters),
	}))
}
