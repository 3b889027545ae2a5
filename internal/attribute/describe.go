// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package attribute

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// Describe adds to the descriptions of arguments what the table of ESO's fields says of them: values, default, the versions
// of ESO that have them, and that they are deprecated.
func (s Mapping) Describe(kind string, attributes map[string]schema.Attribute) map[string]schema.Attribute {
	return s.describeBelow("", eso.Spec(kind), attributes)
}

func (s Mapping) describeBelow(at string, parent *eso.Field, attributes map[string]schema.Attribute) map[string]schema.Attribute {
	described := make(map[string]schema.Attribute, len(attributes))
	for name, a := range attributes {
		child := Join(at, name)
		described[name] = a
		if field := parent.Below(s.Place(child)...); field != nil {
			described[name] = s.describeOne(child, field, parent.Span, a)
		}
	}
	return described
}

func (s Mapping) describeOne(at string, f *eso.Field, parents eso.Span, a schema.Attribute) schema.Attribute {
	text := a.GetMarkdownDescription() + remarks(f, parents, a)
	switch a := a.(type) {
	case schema.StringAttribute:
		a.MarkdownDescription = text
		return a
	case schema.BoolAttribute:
		a.MarkdownDescription = text
		return a
	case schema.Int64Attribute:
		a.MarkdownDescription = text
		return a
	case schema.ListAttribute:
		a.MarkdownDescription = text
		return a
	case schema.MapAttribute:
		a.MarkdownDescription = text
		return a
	case schema.SingleNestedAttribute:
		a.MarkdownDescription = text
		a.Attributes = s.describeBelow(at, f, a.Attributes)
		return a
	case schema.ListNestedAttribute:
		a.MarkdownDescription = text
		a.NestedObject.Attributes = s.describeBelow(Join(at, "*"), f, a.NestedObject.Attributes)
		return a
	case schema.MapNestedAttribute:
		a.MarkdownDescription = text
		a.NestedObject.Attributes = s.describeBelow(Join(at, "*"), f, a.NestedObject.Attributes)
		return a
	}
	return a
}

// remarks are the sentences of the table about a field. What the object around it says already is not said again. That a field is
// deprecated stands here alone: from attributes with a deprecation message, Terraform generates no configuration for an import.
func remarks(f *eso.Field, parents eso.Span, a schema.Attribute) string {
	var b strings.Builder
	described := a.GetMarkdownDescription()
	if values := remarkValues(f, described); values != "" {
		fmt.Fprintf(&b, " One of %s.", values)
	}
	saysDefault := strings.Contains(described, "Absent: ") || strings.Contains(described, "Defaults to ")
	if text := defaultText(f.Default); text != "" && a.IsOptional() && !saysDefault {
		fmt.Fprintf(&b, " Defaults to ESO's `%s`.", text)
	}
	if f.Since != "" && f.Since != parents.Since {
		fmt.Fprintf(&b, " Needs ESO %s or later.", f.Since)
	}
	if f.Until != "" && f.Until != parents.Until {
		fmt.Fprintf(&b, " Removed after ESO %s.", f.Until)
	}
	if f.Deprecated && !strings.Contains(a.GetMarkdownDescription(), "deprecated") {
		b.WriteString(" Deprecated by ESO.")
	}
	return b.String()
}

// remarkValues lists the values of a field, if its description does not name them all, or some are not in every version.
func remarkValues(f *eso.Field, description string) string {
	var all []string
	said := true
	for _, value := range f.Values {
		text := "`" + value.Text + "`"
		said = said && strings.Contains(description, text)
		switch {
		case value.Since != "":
			text += fmt.Sprintf(" (ESO %s or later)", value.Since)
		case value.Until != "":
			text += fmt.Sprintf(" (up to ESO %s)", value.Until)
		}
		said = said && value.Span == (eso.Span{})
		all = append(all, text)
	}
	if said {
		return ""
	}
	return strings.Join(all, ", ")
}

// defaultText is a scalar default as it is written; empty where there is none to speak of.
func defaultText(v any) string {
	switch v := v.(type) {
	case nil, map[string]any:
		return ""
	case string:
		return v
	default:
		text, _ := json.Marshal(v)
		return string(text)
	}
}
