// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// stringMap returns a map of strings. No entries stay what they were before: null or {}.
func stringMap(entries map[string]string, before types.Map) types.Map {
	if len(entries) == 0 && len(before.Elements()) == 0 {
		if before.IsNull() || before.IsUnknown() {
			return types.MapNull(types.StringType)
		}
		return before
	}
	elements := make(map[string]attr.Value, len(entries))
	for key, value := range entries {
		elements[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}

// stringsOf returns the entries of a map of strings; unknown and null values are left out.
func stringsOf(m types.Map) map[string]string {
	entries := map[string]string{}
	for key, value := range m.Elements() {
		if text, ok := value.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			entries[key] = text.ValueString()
		}
	}
	return entries
}

// optional returns null for an empty text.
func optional(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// stringsIn returns the known strings of a list.
func stringsIn(list types.List) []string {
	var texts []string
	for _, value := range list.Elements() {
		if text, ok := value.(types.String); ok {
			texts = append(texts, text.ValueString())
		}
	}
	return texts
}

// stringList returns a list of strings.
func stringList(texts []string) types.List {
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, elements)
}

// stringSet returns a set of strings, null where there are none.
func stringSet(texts []string) types.Set {
	if len(texts) == 0 {
		return types.SetNull(types.StringType)
	}
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = types.StringValue(text)
	}
	return types.SetValueMust(types.StringType, elements)
}

// orUnknown returns unknown for an empty text.
func orUnknown(text string) types.String {
	if text == "" {
		return types.StringUnknown()
	}
	return types.StringValue(text)
}

// moment returns a time as RFC 3339, null where there is none.
func moment(at time.Time) types.String {
	if at.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(at.UTC().Format(time.RFC3339))
}
