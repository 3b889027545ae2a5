// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func fakeBackend() schema.Attribute {
	return optionalObject("Fixed values, for tests. They are in the Terraform state, and in the store, where everyone who may read "+
		"stores can read them. `find` works with `name` only. ESO distinguishes fake stores by name only, so give each one a unique "+
		"name.", map[string]schema.Attribute{
		"data": requiredObjectList("The values.", map[string]schema.Attribute{
			"key": requiredString("Name of the value in this backend. Several entries may have the same name with different versions."),
			"value": schema.StringAttribute{
				Optional:      true,
				Computed:      true,
				Sensitive:     true,
				PlanModifiers: []planmodifier.String{fakeValue{}},
				MarkdownDescription: "The value, which every entry needs. Terraform hides it in its output, but keeps it in the state. " +
					"If it is left out, as in a configuration that Terraform generates for an import, the value in the state is kept.",
			},
			"version": optionalString("Version of the value. Without it, the value is read when no version is requested."),
		}),
		"validation_result": optionalInt64("Result of ESO's validation of the store: `0` ready, `1` unknown, `2` error. Defaults to " +
			"ready."),
	})
}

// leavesOut reports whether a path is that of a value which the argument fake leaves out: the plan decides about it.
func (m *providerStoreModel) leavesOut(at jsonvalue.Path) bool {
	value := jsonvalue.Path{"spec", "provider", "fake", "data", 0, "value"}
	if m.Fake.IsNull() || len(at) != len(value) {
		return false
	}
	value[4] = at[4]
	given, _ := jsonvalue.MapAt(m.backendSpec(), "provider", "fake")["data"].([]any)
	i, isIndex := at[4].(int)
	if !isIndex || i >= len(given) || !slices.Equal(at, value) {
		return false
	}
	entry, _ := given[i].(map[string]any)
	return entry["value"] == nil
}

// fakeValue plans a value that is left out as it is in the state, by key and version.
type fakeValue struct{}

// fakeEntry is an entry of data.
type fakeEntry struct {
	Key     types.String `tfsdk:"key"`
	Value   types.String `tfsdk:"value"`
	Version types.String `tfsdk:"version"`
}

func (fakeValue) Description(context.Context) string {
	return "A value that is left out stays as it is in the state."
}

func (f fakeValue) MarkdownDescription(ctx context.Context) string { return f.Description(ctx) }

func (fakeValue) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if !req.ConfigValue.IsNull() {
		return
	}
	var entry fakeEntry
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, req.Path.ParentPath(), &entry)...)
	var before []fakeEntry
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("fake").AtName("data"), &before)...)
	}
	at := slices.IndexFunc(before, func(b fakeEntry) bool { return b.Key.Equal(entry.Key) && b.Version.Equal(entry.Version) })
	if at < 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "A value of a fake store is missing", "Every entry of a fake store needs a value. Only a value that is already in the state may be left out.")
		return
	}
	resp.PlanValue = before[at].Value
}
