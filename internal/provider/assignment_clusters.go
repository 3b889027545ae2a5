// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// assignmentClustersAttribute is the argument of narrowedModel, for assignments: there is one of a secret and a project.
func assignmentClustersAttribute() schema.Attribute {
	return schema.SetAttribute{Optional: true, ElementType: types.StringType,
		MarkdownDescription: "Clusters in which the project gets the secret, by their names in the provider block. Defaults to every " +
			"cluster that has the project. A change is made in place. A secret can be assigned to a project only once, so name all " +
			"clusters here."}
}

// record is how the organization's records keep the names; which clusters these are is found out when it is written.
func (m *narrowedModel) record() map[string]string {
	recorded := map[string]string{}
	for _, name := range m.only() {
		recorded[name] = ""
	}
	return recorded
}

// fillClusters takes the names from a record.
func (m *narrowedModel) fillClusters(recorded map[string]string) {
	m.Clusters = stringSet(slices.Collect(maps.Keys(recorded)))
}
