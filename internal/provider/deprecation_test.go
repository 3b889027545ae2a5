// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// From what is deprecated, Terraform generates no configuration for an import: what ESO deprecates is content all the same.
func TestNoArgumentIsDeprecated(t *testing.T) {
	var visit func(at string, attributes []*tfprotov6.SchemaAttribute)
	visit = func(at string, attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			if a.Deprecated {
				t.Errorf("%s.%s", at, a.Name)
			}
			if a.NestedType != nil {
				visit(at+"."+a.Name, a.NestedType.Attributes)
			}
		}
	}
	for name, schema := range newRPC(t).schemas.ResourceSchemas {
		visit(name, schema.Block.Attributes)
	}
}
