// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// An update that did not reach the record of one project leaves the set not up to date, whatever the state declares by then.
func TestSetIsUpToDateOnlyAsItsRecords(t *testing.T) {
	labels := types.MapValueMust(types.StringType, map[string]attr.Value{"tier": types.StringValue("gold")})
	row := func(project string, change func(*airm.Assignment)) *organization.Row {
		r := &organization.Row{Assignment: airm.Assignment{Secret: "s", Project: project,
			Labels: map[string]string{"tier": "gold"}, Only: map[string]string{"home": "id"}}}
		change(&r.Assignment)
		return r
	}
	for name, c := range map[string]struct {
		change func(*airm.Assignment)
		want   bool
	}{
		"as declared":      {func(*airm.Assignment) {}, true},
		"no label":         {func(a *airm.Assignment) { a.Labels = nil }, false},
		"an annotation":    {func(a *airm.Assignment) { a.Annotations = map[string]string{"a": "b"} }, false},
		"another cluster":  {func(a *airm.Assignment) { a.Only = map[string]string{"east": "id"} }, false},
		"all the clusters": {func(a *airm.Assignment) { a.Only = nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := &secretAssignmentsModel{Secret: types.StringValue("s")}
			m.ID, m.Labels, m.Clusters = types.StringValue("s"), labels, stringSet([]string{"home"})
			m.UpToDate, m.Status = types.BoolValue(true), types.StringValue("Synced")
			var status organization.SecretStatus
			status.Definition = &organization.Definition{}
			for _, r := range []*organization.Row{row("team-a", func(*airm.Assignment) {}), row("team-b", c.change)} {
				health := organization.Health{UpToDate: true, Status: airm.Synced}
				status.Assignments = append(status.Assignments, &organization.AssignmentStatus{Row: r, Health: health})
			}
			m.readAssignments(&status, status.Rows())
			if m.UpToDate.ValueBool() != c.want {
				t.Errorf("up_to_date is %v", m.UpToDate)
			}
		})
	}
}
