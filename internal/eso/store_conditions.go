// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// Allowed says who may use a cluster-wide store: the projects of those names and those with those
// labels. Both nil is every project; labels that are empty but not nil are every namespace.
type Allowed struct {
	Projects []string
	Labels   map[string]string
}

// StoreConditions returns spec.conditions of a ClusterSecretStore. ESO lets a namespace use the store
// if any condition matches (pkg/controllers/secretstore/client_manager.go), so names and labels are
// conditions of their own. Labels only choose among the namespaces that are projects.
func StoreConditions(allowed Allowed, projects labels.Selector) []any {
	if allowed.Labels != nil && len(allowed.Labels) == 0 {
		return []any{map[string]any{"namespaceSelector": map[string]any{}}}
	}
	var conditions []any
	if len(allowed.Projects) > 0 {
		names := make([]any, len(allowed.Projects))
		for i, name := range allowed.Projects {
			names[i] = name
		}
		conditions = append(conditions, map[string]any{"namespaces": names})
	}
	if allowed.Labels != nil || len(allowed.Projects) == 0 {
		selector := map[string]any{"matchExpressions": selectorExpressions(projects)}
		if len(allowed.Labels) > 0 {
			selector["matchLabels"] = jsonvalue.FromStrings(allowed.Labels)
		}
		conditions = append(conditions, map[string]any{"namespaceSelector": selector})
	}
	return conditions
}

// ParseStoreConditions is the inverse; ok is false where the conditions say more than Allowed can.
// The expressions of a selector are taken for the project selector.
func ParseStoreConditions(conditions any) (allowed Allowed, ok bool) {
	list, _ := conditions.([]any)
	ok = len(list) > 0
	for _, item := range list {
		fields, _ := item.(map[string]any)
		for name, value := range fields {
			switch name {
			case "namespaces":
				for _, project := range jsonvalue.ListAt(fields, "namespaces") {
					text, _ := project.(string)
					allowed.Projects = append(allowed.Projects, text)
				}
			case "namespaceSelector":
				allowed.readSelector(value)
			default:
				ok = false
			}
		}
	}
	slices.Sort(allowed.Projects)
	return allowed, ok
}

func (a *Allowed) readSelector(selector any) {
	matchLabels := jsonvalue.MapAt(selector, "matchLabels")
	if len(matchLabels) == 0 && len(jsonvalue.ListAt(selector, "matchExpressions")) > 0 {
		return // every project
	}
	a.Labels = map[string]string{}
	for key, value := range matchLabels {
		a.Labels[key], _ = value.(string)
	}
}

// selectorOperators are those of a label selector that Kubernetes' LabelSelector has too, as it calls them.
var selectorOperators = map[selection.Operator]string{
	selection.In: "In", selection.Equals: "In", selection.DoubleEquals: "In",
	selection.NotIn: "NotIn", selection.NotEquals: "NotIn",
	selection.Exists: "Exists", selection.DoesNotExist: "DoesNotExist",
}

// CheckProjectSelector returns why the conditions of a cluster-wide store cannot say what a project selector does, nil where they can.
func CheckProjectSelector(selector labels.Selector) error {
	requirements, _ := selector.Requirements()
	for _, requirement := range requirements {
		if selectorOperators[requirement.Operator()] == "" {
			return fmt.Errorf("its requirement %s compares numbers, which the conditions of a cluster-wide store cannot express. Use only KEY, !KEY, =, !=, in and notin", &requirement)
		}
	}
	return nil
}

// selectorExpressions writes a label selector as the matchExpressions of Kubernetes' LabelSelector. Of one that CheckProjectSelector
// refuses, an operator stays as it is: ESO then lets no namespace use the store, where without it more could.
func selectorExpressions(selector labels.Selector) []any {
	requirements, _ := selector.Requirements()
	var list []any
	for _, requirement := range requirements {
		operator := cmp.Or(selectorOperators[requirement.Operator()], string(requirement.Operator()))
		expression := map[string]any{"key": requirement.Key(), "operator": operator}
		if values := requirement.ValuesUnsorted(); len(values) > 0 {
			slices.Sort(values)
			texts := make([]any, len(values))
			for i, value := range values {
				texts[i] = value
			}
			expression["values"] = texts
		}
		list = append(list, expression)
	}
	return list
}

// Seconds reads the refresh interval of a store, which ESO keeps as a number of seconds.
func Seconds(value any) (int64, bool) { return jsonvalue.Integer(value) }
