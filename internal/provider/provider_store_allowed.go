// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"encoding/json"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Who may use a store: the arguments allowed_projects and allowed_project_selector, or ESO's own conditions.

// declaredConditions stands in the annotation that says how an object was declared.
const declaredConditions = "conditions"

func (m *providerStoreModel) allowedProblems() []problem {
	var problems []problem
	for _, element := range m.AllowedProjects.Elements() {
		name, _ := element.(types.String)
		problems = append(problems, checkString(name, "allowed_projects", airm.CheckProject)...)
	}
	if none := m.AllowedProjects; !none.IsNull() && !none.IsUnknown() && len(none.Elements()) == 0 && m.AllowedProjectSelector.IsNull() {
		problems = append(problems, problem{paths: []path.Path{path.Root("allowed_projects"), path.Root("allowed_project_selector")},
			summary: "No project is allowed", detail: "The list is empty, so no project could use the store. Name a project, or leave the " +
				"argument out to allow all projects."})
	}
	if !m.Conditions.IsNull() {
		if list, err := jsonvalue.Parse(m.Conditions.ValueString()); !m.Conditions.IsUnknown() && err == nil && !isList(list) {
			problems = append(problems, problem{paths: []path.Path{path.Root("conditions")}, summary: "Invalid conditions",
				detail: "The value must be a JSON list, such as jsonencode([{ namespaceRegexes = [\"team-.*\"] }])."})
		}
		problems = append(problems, conflicting("conditions", map[string]attr.Value{
			"allowed_projects": m.AllowedProjects, "allowed_project_selector": m.AllowedProjectSelector,
		}, "The conditions define completely who may use the store. Move the other argument into the conditions, or remove them.")...)
	}
	if m.Project.IsNull() {
		return problems
	}
	return append(problems, conflicting("project", map[string]attr.Value{
		"allowed_projects": m.AllowedProjects, "allowed_project_selector": m.AllowedProjectSelector,
	}, "A store of a project serves only that project. Remove this argument, or leave out project.")...)
}

func isList(value any) bool {
	_, ok := value.([]any)
	return ok
}

// unrestrictedBy names the argument that lets every namespace use the store, if one does.
func (m *providerStoreModel) unrestrictedBy() string {
	selects := !m.AllowedProjectSelector.IsNull() && !m.AllowedProjectSelector.IsUnknown()
	switch {
	case selects && len(m.allowed().Labels) == 0:
		return "allowed_project_selector"
	case m.Project.IsNull() && !m.Conditions.IsNull() && !m.Conditions.IsUnknown() && len(m.conditions(nil)) == 0:
		return "conditions"
	}
	return ""
}

// conditions are those of the store; without settings only those that do not depend on them.
func (m *providerStoreModel) conditions(settings *providerSettings) []any {
	switch {
	case !m.Conditions.IsNull():
		parsed, _ := jsonvalue.Parse(m.Conditions.ValueString())
		conditions, _ := jsonvalue.WithoutNulls(parsed).([]any)
		return conditions
	case settings == nil || !m.Project.IsNull():
		return nil
	}
	return eso.StoreConditions(m.allowed(), settings.projectSelector)
}

func (m *providerStoreModel) allowed() eso.Allowed {
	allowed := eso.Allowed{}
	for _, element := range m.AllowedProjects.Elements() {
		name, _ := element.(types.String)
		allowed.Projects = append(allowed.Projects, name.ValueString())
	}
	slices.Sort(allowed.Projects)
	if !m.AllowedProjectSelector.IsNull() {
		allowed.Labels = stringsOf(m.AllowedProjectSelector)
	}
	return allowed
}

// fillAllowed reads who may use the store. Where the arguments cannot say the very same, and of a store that
// had none, the conditions themselves do: an import changes nothing.
func (m *providerStoreModel) fillAllowed(object map[string]any, conditions any) {
	list, _ := conditions.([]any)
	if !m.Conditions.IsNull() || m.ID.IsNull() && !m.expressible(object, list) {
		text, _ := json.Marshal(append([]any{}, list...)) // what came from JSON goes there
		m.Conditions = jsontypes.NewNormalizedValue(string(text))
		return
	}
	if !m.Project.IsNull() {
		return
	}
	allowed, _ := eso.ParseStoreConditions(conditions)
	m.AllowedProjects = types.SetNull(types.StringType)
	if len(allowed.Projects) > 0 {
		m.AllowedProjects = stringSet(allowed.Projects)
	}
	m.AllowedProjectSelector = types.MapNull(types.StringType)
	if allowed.Labels != nil {
		m.AllowedProjectSelector = stringMap(allowed.Labels, types.MapValueMust(types.StringType, map[string]attr.Value{}))
	}
}

// expressible reports whether the arguments can say the same as conditions. In those that this provider wrote, the
// expressions are the project selector; in those of others they are not.
func (m *providerStoreModel) expressible(object map[string]any, conditions []any) bool {
	if !m.Project.IsNull() {
		return len(conditions) == 0
	}
	allowed, ok := eso.ParseStoreConditions(conditions)
	if eso.Managed(object) && len(conditions) > 0 {
		return ok && !declaredAs(object, declaredConditions)
	}
	return ok && reflect.DeepEqual(eso.StoreConditions(allowed, labels.Nothing()), conditions)
}
