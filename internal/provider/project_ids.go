// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// AIRM's IDs of the projects that have an organization secret. A project that was deleted and made again under its name has
// another id, and does not get the secret unless a plan has shown that.

// projectModel is the model of a resource that knows the ids of its projects.
type projectModel interface {
	planModel
	projects() []string
	// projectIDs are those that are known, by project.
	projectIDs() map[string]string
	// projectIDsAttribute returns the attribute that has them, with the ids to plan; an empty one is not known yet.
	projectIDsAttribute(ids map[string]string) (name string, value attr.Value)
	// projectPath is the argument that names the projects.
	projectPath() path.Path
	clusters() types.Set
}

// projectsNowKey is the key, in private state, of the ids that Read found where they are not those of the state.
const projectsNowKey = "projects_now"

// noteProjects keeps for the plan which projects have the names now.
func noteProjects(ctx context.Context, m projectModel, all []*organization.AssignmentStatus, private privateWriter) diag.Diagnostics {
	known, now := m.projectIDs(), map[string]string{}
	for _, assignment := range all {
		if assignment.ProjectNow != "" && assignment.ProjectNow != known[assignment.Project] {
			now[assignment.Project] = assignment.ProjectNow
		}
	}
	text, err := json.Marshal(now)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The private state cannot be written", err.Error())}
	}
	return private.SetKey(ctx, projectsNowKey, text)
}

// planProjectIDs plans for which projects an update assigns the secret: those that have the names now, of which it warns where
// the secret was assigned to others.
func planProjectIDs(ctx context.Context, private privateReader, m, before planModel, plan *tfsdk.Plan) diag.Diagnostics {
	planned, ok := m.(projectModel)
	was := modelBefore[projectModel](before)
	if !ok || was == nil {
		return nil
	}
	var now map[string]string
	text, diags := private.GetKey(ctx, projectsNowKey)
	if len(text) > 0 && json.Unmarshal(text, &now) != nil {
		now = nil
	}
	known, ids := was.projectIDs(), map[string]string{}
	for _, project := range planned.projects() {
		ids[project] = known[project]
		if now[project] == "" || now[project] == known[project] { // noted before it was applied
			continue
		}
		if ids[project] = now[project]; known[project] != "" {
			diags.AddAttributeWarning(planned.projectPath(), fmt.Sprintf("%q is the name of another project now", project), fmt.Sprintf(
				"The secret was assigned to the project with the ID %s. The namespace of that name now belongs to the project with the ID %s, which may be another team's. Applying gives the secret to this project. If this project must not have it, remove it from the configuration.", known[project], now[project]))
		}
	}
	if !planned.clusters().Equal(was.clusters()) {
		for project := range ids {
			ids[project] = "" // it may be a project of another cluster, which was not asked
		}
	}
	name, value := planned.projectIDsAttribute(ids)
	diags.Append(plan.SetAttribute(ctx, path.Root(name), value)...)
	return diags
}

// warnProjectsGone names the assignments whose project is gone.
func warnProjectsGone(what string, all []*organization.AssignmentStatus, diags *diag.Diagnostics) {
	var gone []string
	for _, assignment := range all {
		if assignment.ProjectGone {
			gone = append(gone, assignment.Project)
		}
	}
	if len(gone) == 0 {
		return
	}
	slices.Sort(gone)
	diags.AddWarning(fmt.Sprintf("A project of %s is gone", what), fmt.Sprintf(
		"The clusters no longer have the namespace %s, and the secret was deleted with it. Applying fails until a project of that name exists. If the project no longer exists, remove it from the configuration: the destroy works without the project.", strings.Join(gone, ", ")))
}

func (m *secretAssignmentModel) projects() []string { return []string{m.Project.ValueString()} }

func (m *secretAssignmentModel) projectIDs() map[string]string {
	return map[string]string{m.Project.ValueString(): m.ProjectID.ValueString()}
}

func (m *secretAssignmentModel) projectIDsAttribute(ids map[string]string) (string, attr.Value) {
	return "project_id", orUnknown(ids[m.Project.ValueString()])
}

func (m *secretAssignmentModel) projectPath() path.Path { return path.Root("project") }

// setProjectID sets the id of a record, unless the plan has set one. An earlier version recorded none: then the state's stays.
func (m *secretAssignmentModel) setProjectID(recorded string) {
	switch {
	case recorded != "":
		m.ProjectID = types.StringValue(recorded)
	case m.ProjectID.IsUnknown():
		m.ProjectID = types.StringNull()
	}
}

func (m *narrowedModel) clusters() types.Set { return m.Clusters }

func (m *secretAssignmentsModel) projectIDs() map[string]string { return stringsOf(m.ProjectIDs) }

func (m *secretAssignmentsModel) projectIDsAttribute(ids map[string]string) (string, attr.Value) {
	if m.Projects.IsUnknown() || slices.ContainsFunc(m.Projects.Elements(), attr.Value.IsUnknown) {
		return "project_ids", types.MapUnknown(types.StringType)
	}
	elements := map[string]attr.Value{}
	for project, id := range ids {
		elements[project] = orUnknown(id)
	}
	return "project_ids", types.MapValueMust(types.StringType, elements)
}

func (m *secretAssignmentsModel) projectPath() path.Path { return path.Root("projects") }

// setProjectIDs sets the ids of the records of all projects; where a record has none, what was known or planned stays.
func (m *secretAssignmentsModel) setProjectIDs(recorded map[string]string) {
	before, elements := m.projectIDs(), map[string]attr.Value{}
	for _, project := range m.projects() {
		id := recorded[project]
		if id == "" {
			id = before[project]
		}
		elements[project] = types.StringValue(id)
	}
	m.ProjectIDs = types.MapValueMust(types.StringType, elements)
}

func recordedProjects(rows []*organization.Row) map[string]string {
	ids := map[string]string{}
	for _, row := range rows {
		ids[row.Project] = row.ProjectID
	}
	return ids
}
