// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

type secretAssignmentsModel struct {
	commonModel
	narrowedModel
	Secret   types.String `tfsdk:"secret"`
	Projects nameSet      `tfsdk:"projects"`
	// ProjectIDs are AIRM's IDs of the projects, empty where one has none.
	ProjectIDs types.Map `tfsdk:"project_ids"`
}

func (m *secretAssignmentsModel) keyValues() []string { return []string{m.Secret.ValueString()} }

// projects are the known projects, in order.
func (m *secretAssignmentsModel) projects() []string {
	var names []string
	for _, element := range m.Projects.Elements() {
		if name, ok := element.(types.String); ok && !name.IsUnknown() {
			names = append(names, name.ValueString())
		}
	}
	slices.Sort(names)
	return names
}

func (m *secretAssignmentsModel) setProjects(names []string) {
	m.Projects = newNameSet(names)
}

// readAssignments sets the projects that have the secret, and how their copies stand. After an import, the arguments that all
// assignments have in common are those of the first one. Own are the rows that are this resource's. A project whose record was
// deleted keeps the secret until the record is written again, or the copy is deleted: it counts, as the set is exclusive.
func (m *secretAssignmentsModel) readAssignments(status *organization.SecretStatus, own []*organization.Row) {
	health := status.Health
	projects := slices.Concat(status.Unrecorded, m.inDoubt(status))
	health.UpToDate = len(projects) == 0 // the definition is not this resource's
	for _, assignment := range status.Assignments {
		projects = append(projects, assignment.Project)
		health.UpToDate = health.UpToDate && assignment.UpToDate
	}
	if m.isImported() && len(status.Assignments) > 0 {
		first := status.Assignments[0]
		m.fillClusters(first.Only)
		m.Labels, m.Annotations = stringMap(first.Labels, m.Labels), stringMap(first.Annotations, m.Annotations)
	}
	for _, row := range own {
		health.UpToDate = health.UpToDate && m.isRecorded(&m.commonModel, row)
	}
	m.setProjects(projects)
	m.setProjectIDs(recordedProjects(status.Rows()))
	m.setHealth(status.Name, health)
}

// inDoubt returns the projects of the state that no record and no copy is found of, while a cluster does not say whether it has a copy.
func (m *secretAssignmentsModel) inDoubt(status *organization.SecretStatus) []string {
	mayHave := func(name string) bool { return len(m.only()) == 0 || slices.Contains(m.only(), name) }
	if !slices.ContainsFunc(slices.Collect(maps.Keys(status.Unasked)), mayHave) {
		return nil
	}
	found := slices.Clone(status.Unrecorded)
	for _, assignment := range status.Assignments {
		found = append(found, assignment.Project)
	}
	return withoutNames(m.projects(), found)
}

func (m *secretAssignmentsModel) problems() []problem {
	problems := append(m.metadataProblems(), checkString(m.Secret, "secret", airm.CheckName)...)
	for _, name := range m.projects() {
		problems = append(problems, checkString(types.StringValue(name), "projects", airm.CheckProject)...)
	}
	return append(problems, m.clustersProblems()...)
}

// planWarnings names every project that loses the secret, in one warning: the CLI folds equal ones.
func (m *secretAssignmentsModel) planWarnings(before planModel) []problem {
	was := modelBefore[*secretAssignmentsModel](before)
	if was == nil {
		return nil
	}
	revoked := withoutNames(was.projects(), m.projects())
	if len(revoked) == 0 {
		return nil
	}
	return []problem{{
		paths: []path.Path{path.Root("projects")}, warning: true,
		summary: fmt.Sprintf("Organization secret %q will be removed from %s", m.Secret.ValueString(), countNoun(len(revoked), "project")),
		detail:  fmt.Sprintf("The argument projects no longer lists these projects, so the apply deletes the ExternalSecret and its Kubernetes Secret there: %s.", strings.Join(revoked, ", ")),
	}}
}

func (m *secretAssignmentsModel) sameRecords(before planModel) bool {
	was := modelBefore[*secretAssignmentsModel](before)
	return was != nil && m.Projects.Equal(was.Projects)
}

func (m *secretAssignmentsModel) rowName(project string) string {
	return airm.AssignmentRecordName(m.Secret.ValueString(), project)
}

// record is what the organization's records keep of one of the assignments.
func (m *secretAssignmentsModel) record(project string, owner recordOwnership, settings *providerSettings) airm.Assignment {
	return airm.Assignment{
		Secret: m.Secret.ValueString(), Project: project,
		Labels: stringsOf(m.Labels), Annotations: stringsOf(m.Annotations),
		OwnerID: owner.OwnerID, Owner: settings.owner, Only: m.narrowedModel.record(),
		ProjectID: stringsOf(m.ProjectIDs)[project],
	}
}
