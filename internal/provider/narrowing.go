package provider

import (
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// narrowingAttribute is the argument clusters of an assignment.
func narrowingAttribute() schema.Attribute {
	return schema.SetAttribute{Optional: true, ElementType: types.StringType,
		MarkdownDescription: "Names of clusters in the provider block. Only there the project gets the secret. Default: every cluster that holds the project."}
}

// narrowing gives the names in clusters, in order; none where it is absent.
func narrowing(clusters types.Set) []string {
	var names []string
	for _, element := range clusters.Elements() {
		if name, ok := element.(types.String); ok && !name.IsUnknown() && !name.IsNull() {
			names = append(names, name.ValueString())
		}
	}
	slices.Sort(names)
	return names
}

// narrowedTo is how a record keeps the names; which clusters these are is found out when it is written.
func narrowedTo(clusters types.Set) map[string]string {
	only := map[string]string{}
	for _, name := range narrowing(clusters) {
		only[name] = ""
	}
	return only
}

func narrowingProblems(clusters types.Set) []problem {
	if clusters.IsNull() || clusters.IsUnknown() || len(clusters.Elements()) > 0 {
		return nil
	}
	return []problem{invalid(path.Root("clusters"), errors.New("no cluster is named: leave the argument out to mean every cluster that holds the project"))}
}

// narrowingOf gives the argument clusters from a record.
func narrowingOf(only map[string]string) types.Set {
	if len(only) == 0 {
		return types.SetNull(types.StringType)
	}
	var elements []attr.Value
	for name := range only {
		elements = append(elements, types.StringValue(name))
	}
	return types.SetValueMust(types.StringType, elements)
}
