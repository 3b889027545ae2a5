// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// parseManifestFunction turns the YAML of an ExternalSecret into the arguments of a resource.
type parseManifestFunction struct{}

func newParseManifestFunction() function.Function { return parseManifestFunction{} }

func (parseManifestFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_manifest"
}

// parsedManifestTypes are the arguments that a manifest sets.
func parsedManifestTypes() map[string]attr.Type {
	attrTypes := map[string]attr.Type{
		"project": types.StringType, "name": types.StringType, "use_case": types.StringType,
		"labels": types.MapType{ElemType: types.StringType}, "annotations": types.MapType{ElemType: types.StringType},
	}
	maps.Copy(attrTypes, contentMapping.Types)
	return attrTypes
}

func (parseManifestFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Parses the YAML of an ExternalSecret into arguments",
		MarkdownDescription: "Parses the YAML (or JSON) of one ExternalSecret and returns an object of arguments for `airm_project_secret` and " +
			"`airm_organization_secret`: `project`, `name`, `use_case`, `labels`, `annotations`, `store`, `refresh_interval`, `refresh_policy`, `sync_windows`, `data`, " +
			"`data_from` and `target`. Fields that the manifest lacks are null. A store without a kind is a `SecretStore`, as it is for " +
			"External Secrets Operator. `status` and metadata that a cluster, AIRM or this provider sets are ignored, so that the output of `kubectl get -o yaml` can be parsed. " +
			"If the manifest has a field without an argument, the error names it; use the argument `manifest` for such a secret. Needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "manifest", MarkdownDescription: "The YAML of one ExternalSecret of `external-secrets.io/v1` or `v1beta1`."},
		},
		Return: function.ObjectReturn{AttributeTypes: parsedManifestTypes()},
	}
}

func (parseManifestFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	text, isKnown := stringArgument(ctx, req, resp, types.ObjectUnknown(parsedManifestTypes()))
	if !isKnown {
		return
	}
	values, refused := argumentsOf(ctx, text)
	if refused != "" {
		resp.Error = function.NewArgumentFuncError(0, refused)
		return
	}
	resp.Error = resp.Result.Set(ctx, types.ObjectValueMust(parsedManifestTypes(), values))
}

// stringArgument returns the only argument of a function. It is not known where the CLI passes an unknown, to which the
// result is unknown too, or a null, which is an error.
func stringArgument(ctx context.Context, req function.RunRequest, resp *function.RunResponse, unknown attr.Value) (string, bool) {
	var text types.String
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return "", false
	}
	switch {
	case text.IsNull():
		resp.Error = function.NewArgumentFuncError(0, "The argument is null. Pass a string.")
	case text.IsUnknown():
		resp.Error = resp.Result.Set(ctx, unknown)
	default:
		return text.ValueString(), true
	}
	return "", false
}

// argumentsOf returns the arguments that a manifest sets, or why there are none.
func argumentsOf(ctx context.Context, text string) (map[string]attr.Value, string) {
	authored, problems := eso.ParseFullManifest(text)
	if authored == nil {
		return nil, details(problems)
	}
	values, diags := contentMapping.Flatten(ctx, authored.Spec, contentMapping.Types)
	if diags.HasError() {
		return nil, capitalized(diags[0].Detail()) + "."
	}
	if lost := eso.Drift(authored.Spec, contentMapping.Expand(values)); len(lost) > 0 {
		return nil, "The arguments cannot express " + inSpec(lost) +
			". Remove it from the manifest, or set the argument manifest of the resource to the whole manifest."
	}
	none := types.MapNull(types.StringType)
	maps.Copy(values, map[string]attr.Value{
		"project": optional(authored.Project), "name": optional(authored.Name), "use_case": optional(string(authored.UseCase)),
		"labels": stringMap(authored.Labels, none), "annotations": stringMap(authored.Annotations, none),
	})
	return values, ""
}

// details are the texts of the errors among the problems, a line for each.
func details(problems []jsonvalue.Problem) string {
	var lines []string
	for _, p := range problems {
		if !p.Warning {
			lines = append(lines, p.Summary+": "+p.Detail)
		}
	}
	return strings.Join(lines, "\n")
}

// inSpec names paths below spec for people.
func inSpec(paths []jsonvalue.Path) string {
	var names []string
	for _, path := range paths {
		names = append(names, append(jsonvalue.Path{"spec"}, path...).String())
	}
	return strings.Join(names, ", ")
}
