// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

var _ list.ListResourceWithConfigure = (*listResource)(nil)

// listResource finds what exists of a resource, no matter who made it, for `terraform query`. What it returns
// is what an import of each would return.
type listResource struct {
	name        string
	description string
	filters     map[string]schema.Attribute
	// find returns, in order, what passes the filters.
	find        func(ctx context.Context, settings *providerSettings, filters listFilters) ([]listEntry, diag.Diagnostics)
	newResource func() resource.Resource

	settings *providerSettings
}

// listEntry is something that was found.
type listEntry struct {
	id     string // its import ID
	madeBy string // empty where only this provider makes such things
}

// displayName is the import ID, and says whether the object is one that AIRM itself made.
func (e listEntry) displayName() string {
	if e.madeBy == airm.MadeByAIRM {
		return e.id + " (made by AIRM)"
	}
	return e.id
}

// compareIDs orders results by their ids: what belongs to no project first, then by project, name and clusters.
func compareIDs(a, b string) int {
	a, inA, _ := strings.Cut(a, "@")
	b, inB, _ := strings.Cut(b, "@")
	partsA, partsB := strings.Split(a, "/"), strings.Split(b, "/")
	return cmp.Or(cmp.Compare(len(partsA), len(partsB)), slices.Compare(partsA, partsB), strings.Compare(inA, inB))
}

// inOrder sorts entries, and leaves out those up to an id.
func inOrder(entries []listEntry, after string) []listEntry {
	slices.SortFunc(entries, func(a, b listEntry) int { return compareIDs(a.id, b.id) })
	return slices.DeleteFunc(entries, func(e listEntry) bool { return after != "" && compareIDs(e.id, after) <= 0 })
}

func (l *listResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + l.name
}

func (l *listResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	l.settings, _ = req.ProviderData.(*providerSettings)
}

func (l *listResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	attributes := maps.Clone(l.filters)
	attributes["after"] = listFilter("Only results after this import ID. Results are sorted by ID, so the last ID of a batch continues the list.")
	resp.Schema = schema.Schema{
		MarkdownDescription: l.description + "\n\nNeeds Terraform 1.14 (`terraform query`). It takes the first 100 results unless the list block sets `limit`; a warning has the total.",
		Attributes:          attributes,
	}
}

// listFilters are the values of the filters; those that are not set are empty.
type listFilters struct {
	texts    map[string]string
	flags    map[string]bool
	clusters []string
	after    string
}

func (l *listResource) readFilters(ctx context.Context, config tfsdk.Config) (listFilters, diag.Diagnostics) {
	values := listFilters{texts: map[string]string{}, flags: map[string]bool{}}
	var diags diag.Diagnostics
	var after types.String
	diags.Append(config.GetAttribute(ctx, path.Root("after"), &after)...)
	values.after = after.ValueString()
	for name, attribute := range l.filters {
		switch attribute.(type) {
		case schema.StringAttribute:
			var text types.String
			diags.Append(config.GetAttribute(ctx, path.Root(name), &text)...)
			values.texts[name] = text.ValueString()
		case schema.BoolAttribute:
			var flag types.Bool
			diags.Append(config.GetAttribute(ctx, path.Root(name), &flag)...)
			values.flags[name] = flag.ValueBool()
		default:
			var names types.List
			diags.Append(config.GetAttribute(ctx, path.Root(name), &names)...)
			values.clusters = stringsIn(names)
		}
	}
	return values, diags
}

// List streams the results: each is read only when it is asked for, and not more than the limit. The CLI drops all results
// of a list for one error, so once there are some, errors are warnings.
func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	values, diags := l.readFilters(ctx, req.Config)
	var entries []listEntry
	if l.settings.clustersFor(&diags) != nil && !diags.HasError() {
		found, problems := l.find(ctx, l.settings, values)
		diags.Append(problems...)
		entries = inOrder(found, values.after)
	}
	if total := int64(len(entries)); req.Limit > 0 && total > req.Limit {
		diags.AddWarning(fmt.Sprintf("There are %d results, and the limit is %d", total, req.Limit), fmt.Sprintf(
			"The other results are left out. Set limit = %d in the list block (Terraform's default is 100), or restrict the list with filters. To list in batches, set the filter after to the ID of the last result: the next list continues there.", total))
	}
	stream.Results = func(push func(list.ListResult) bool) {
		if len(diags) > 0 && !push(list.ListResult{Diagnostics: diags}) {
			return
		}
		var pushed int64
		for _, entry := range entries {
			if req.Limit > 0 && pushed >= req.Limit || ctx.Err() != nil {
				return
			}
			result, found := l.result(ctx, req, entry)
			if result.Identity != nil {
				pushed++
			}
			if found && !push(result) {
				return
			}
		}
	}
}

// result imports one: by its id alone or, where the resource is asked for, with all that is in it. Nothing is found of what was
// deleted meanwhile.
func (l *listResource) result(ctx context.Context, req list.ListRequest, entry listEntry) (result list.ListResult, found bool) {
	result = req.NewListResult(ctx)
	result.DisplayName = entry.displayName()
	r := l.newResource().(interface {
		resource.ResourceWithConfigure
		resource.ResourceWithImportState
	})
	r.Configure(ctx, resource.ConfigureRequest{ProviderData: l.settings}, &resource.ConfigureResponse{})
	empty := tfsdk.State{Raw: tftypes.NewValue(req.ResourceSchema.Type().TerraformType(ctx), nil), Schema: req.ResourceSchema}
	imported := resource.ImportStateResponse{State: empty, Identity: result.Identity}
	imported.Private = newLike(imported.Private)
	r.ImportState(ctx, resource.ImportStateRequest{ID: entry.id}, &imported)
	result.Diagnostics.Append(imported.Diagnostics...)
	if !req.IncludeResource || result.Diagnostics.HasError() {
		result.Resource = nil
		return orLeftOut(entry, result)
	}
	read := resource.ReadResponse{State: imported.State, Identity: imported.Identity}
	read.Private = newLike(read.Private)
	r.Read(ctx, resource.ReadRequest{State: imported.State, Identity: imported.Identity, Private: imported.Private}, &read)
	result.Diagnostics.Append(read.Diagnostics...)
	if !result.Diagnostics.HasError() && read.State.Raw.IsNull() {
		return list.ListResult{}, false
	}
	result.Resource.Raw = read.State.Raw
	return orLeftOut(entry, result)
}

// orLeftOut returns a warning instead of a result that could not be read, and nothing for one that is gone.
func orLeftOut(entry listEntry, result list.ListResult) (list.ListResult, bool) {
	if !result.Diagnostics.HasError() {
		return result, true
	}
	var reasons []string
	for _, d := range result.Diagnostics.Errors() {
		if isGone(d) {
			return list.ListResult{}, false
		}
		reasons = append(reasons, d.Summary()+": "+d.Detail())
	}
	var diags diag.Diagnostics
	diags.AddWarning(fmt.Sprintf("%s is left out of the list", entry.id), strings.Join(reasons, "\n"))
	return list.ListResult{Diagnostics: diags}, true
}

// goneDiagnostic is the error of a read that found nothing.
type goneDiagnostic struct{ diag.Diagnostic }

func isGone(d diag.Diagnostic) bool {
	_, is := d.(goneDiagnostic)
	return is
}

// newLike makes a value of a type that has no name here: the framework's private state.
func newLike[T any](*T) *T { return new(T) }

func listFilter(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}
