package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

var _ list.ListResourceWithConfigure = (*listResource)(nil)

// listResource finds what exists of a resource, whoever made it, for `terraform query`. What it gives
// is what an import of each would give.
type listResource struct {
	name        string
	description string
	filters     map[string]schema.Attribute
	// find returns, in order, what passes the filters.
	find func(ctx context.Context, settings *settings, filters filters) ([]listEntry, diag.Diagnostics)
	of   func() resource.Resource

	settings *settings
}

// listEntry is something that was found.
type listEntry struct {
	id     string // its import ID
	madeBy string // empty where only this provider makes such things
}

// displayName is the import ID, and says whether the object is one that AIRM itself made.
func (e listEntry) displayName() string {
	if e.madeBy == secrets.MadeByAIRM {
		return e.id + " (made by AIRM)"
	}
	return e.id
}

func (l *listResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + l.name
}

func (l *listResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	l.settings, _ = req.ProviderData.(*settings)
}

func (l *listResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: l.description + "\n\nNeeds Terraform 1.14 (`terraform query`).", Attributes: l.filters}
}

// filters are the values of the filters; those that are not set are empty.
type filters struct {
	texts    map[string]string
	flags    map[string]bool
	clusters []string
}

func (l *listResource) readFilters(ctx context.Context, config tfsdk.Config) (filters, diag.Diagnostics) {
	values := filters{texts: map[string]string{}, flags: map[string]bool{}}
	var diags diag.Diagnostics
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

// List streams the results: each is read only when it is asked for, and not more than the limit.
func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	values, diags := l.readFilters(ctx, req.Config)
	var entries []listEntry
	if l.settings.clustersFor(&diags) != nil && !diags.HasError() {
		var found diag.Diagnostics
		entries, found = l.find(ctx, l.settings, values)
		diags.Append(found...)
	}
	stream.Results = func(push func(list.ListResult) bool) {
		if len(diags) > 0 && !push(list.ListResult{Diagnostics: diags}) {
			return
		}
		for i, entry := range entries {
			if req.Limit > 0 && int64(i) >= req.Limit || ctx.Err() != nil {
				return
			}
			if !push(l.result(ctx, req, entry)) {
				return
			}
		}
	}
}

// result imports one: by its id alone or, where the resource is asked for, with all that is in it.
func (l *listResource) result(ctx context.Context, req list.ListRequest, entry listEntry) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = entry.displayName()
	r := l.of().(interface {
		resource.ResourceWithConfigure
		resource.ResourceWithImportState
	})
	r.Configure(ctx, resource.ConfigureRequest{ProviderData: l.settings}, &resource.ConfigureResponse{})
	empty := tfsdk.State{Raw: tftypes.NewValue(req.ResourceSchema.Type().TerraformType(ctx), nil), Schema: req.ResourceSchema}
	imported := resource.ImportStateResponse{State: empty, Identity: result.Identity}
	imported.Private = newOf(imported.Private)
	r.ImportState(ctx, resource.ImportStateRequest{ID: entry.id}, &imported)
	result.Diagnostics.Append(imported.Diagnostics...)
	if !req.IncludeResource {
		result.Resource = nil
	}
	if !req.IncludeResource || result.Diagnostics.HasError() {
		return result
	}
	read := resource.ReadResponse{State: imported.State, Identity: imported.Identity}
	read.Private = newOf(read.Private)
	r.Read(ctx, resource.ReadRequest{State: imported.State, Identity: imported.Identity, Private: imported.Private}, &read)
	result.Diagnostics.Append(read.Diagnostics...)
	if read.State.Raw.IsNull() && !result.Diagnostics.HasError() {
		result.Diagnostics.AddError(fmt.Sprintf("%s is gone", entry.id), "It was deleted while the list was made.")
	}
	result.Resource.Raw = read.State.Raw
	return result
}

// newOf makes a value of a type that has no name here: the framework's private state.
func newOf[T any](*T) *T { return new(T) }

func listFilter(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}
