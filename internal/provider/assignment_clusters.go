// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
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

// isRecorded reports whether the record of an assignment has what the state declares of it: not if a write did not reach it, if
// it was edited, or if a set was imported whose assignments differ.
func (m *narrowedModel) isRecorded(common *commonModel, row *organization.Row) bool {
	return maps.Equal(stringsOf(common.Labels), row.Labels) && maps.Equal(stringsOf(common.Annotations), row.Annotations) &&
		slices.Equal(m.only(), slices.Sorted(maps.Keys(row.Only)))
}
