// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The functions below make the attributes that resource schemas consist of.
// None has a default: an argument that is absent stays null, so that an import
// plans empty.

func requiredString(description string) schema.Attribute {
	return schema.StringAttribute{Required: true, MarkdownDescription: description}
}

func optionalString(description string, modifiers ...planmodifier.String) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, PlanModifiers: modifiers}
}

func optionalBool(description string) schema.Attribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}

func optionalInt64(description string) schema.Attribute {
	return schema.Int64Attribute{Optional: true, MarkdownDescription: description}
}

func optionalStringList(description string) schema.Attribute {
	return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
}

func optionalStringSet(description string) schema.Attribute {
	return schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
}

func optionalStringMap(description string) schema.Attribute {
	return schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
}

func optionalObject(description string, attributes map[string]schema.Attribute) schema.Attribute {
	return schema.SingleNestedAttribute{Optional: true, Attributes: attributes, MarkdownDescription: description}
}

func requiredObject(description string, attributes map[string]schema.Attribute) schema.Attribute {
	return schema.SingleNestedAttribute{Required: true, Attributes: attributes, MarkdownDescription: description}
}

func optionalObjectList(description string, attributes map[string]schema.Attribute) schema.Attribute {
	return schema.ListNestedAttribute{
		Optional:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
		MarkdownDescription: description,
	}
}

func requiredObjectList(description string, attributes map[string]schema.Attribute) schema.Attribute {
	return schema.ListNestedAttribute{
		Required:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
		MarkdownDescription: description,
	}
}

func optionalObjectMap(description string, attributes map[string]schema.Attribute) schema.Attribute {
	return schema.MapNestedAttribute{
		Optional:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
		MarkdownDescription: description,
	}
}

// mergeAttributes returns all sets of attributes in one. Of attributes with one name the last one stays.
func mergeAttributes[T any](attributes map[string]T, more ...map[string]T) map[string]T {
	for _, set := range more {
		maps.Copy(attributes, set)
	}
	return attributes
}
