// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// problem is something wrong, or surprising, with a configuration: at attribute paths, the first
// of which is the one to show.
type problem struct {
	paths           []path.Path
	warning         bool
	later           bool // an apply may know the value that a plan lacks: that of an ephemeral resource
	summary, detail string
}

// problemAt translates a problem of the domain, whose paths are those of ESO's spec.
func problemAt(found jsonvalue.Problem, attribute func(jsonvalue.Path) path.Path) problem {
	p := problem{paths: []path.Path{attribute(found.Path)}, warning: found.Warning, summary: found.Summary, detail: found.Detail}
	for _, other := range found.Also {
		p.paths = append(p.paths, attribute(other))
	}
	return p
}

// foundInBoth returns what was found for each of two values that an argument may get which is not known yet.
func foundInBoth[T any](these, those []T) []T {
	return slices.DeleteFunc(slices.Clone(these), func(one T) bool {
		return !slices.ContainsFunc(those, func(other T) bool { return reflect.DeepEqual(one, other) })
	})
}

// diagnostic points at the first path; where that is none, the CLI points at the block.
func (p problem) diagnostic() diag.Diagnostic {
	if len(p.paths[0].Steps()) == 0 {
		if p.warning {
			return diag.NewWarningDiagnostic(p.summary, p.detail)
		}
		return diag.NewErrorDiagnostic(p.summary, p.detail)
	}
	if p.warning {
		return diag.NewAttributeWarningDiagnostic(p.paths[0], p.summary, p.detail)
	}
	return diag.NewAttributeErrorDiagnostic(p.paths[0], p.summary, p.detail)
}

// knownProblems leaves out the problems of what is not known yet: they are looked for again in the plan of
// the apply that knows.
func knownProblems(problems []problem, config tftypes.Value) []problem {
	unknown := unknownPaths(config)
	var rest []problem
	for _, p := range problems {
		if !touches(p.paths, unknown) {
			rest = append(rest, p)
		}
	}
	return rest
}

func touches(paths []path.Path, unknown []string) bool {
	for _, p := range paths {
		for _, u := range unknown {
			if isWithin(p.String(), u) || isWithin(u, p.String()) {
				return true
			}
		}
	}
	return false
}

// isWithin reports whether an attribute path is the other one or below it.
func isWithin(inner, outer string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// unknownPaths returns the paths of all unknown values in a configuration, as path.Path prints them.
func unknownPaths(config tftypes.Value) []string {
	var unknown []string
	_ = tftypes.Walk(config, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		if !value.IsKnown() {
			unknown = append(unknown, frameworkPath(at).String())
		}
		return true, nil
	})
	return unknown
}

// nullAsNone are the arguments that may have null elements: they are as if they were not there, or have an error of their own.
var nullAsNone = []string{"labels", "annotations", "sync_triggers", "credentials_wo"}

// nullElements are the elements of maps, lists and sets that are null, usually a variable without a value. Left out without a word, they
// would change what the others mean.
func nullElements(config tftypes.Value) []problem {
	var problems []problem
	_ = tftypes.Walk(config, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		steps := at.Steps()
		if len(steps) == 0 || !value.IsNull() {
			return true, nil
		}
		root, _ := steps[0].(tftypes.AttributeName)
		if _, isAttribute := steps[len(steps)-1].(tftypes.AttributeName); !isAttribute && !slices.Contains(nullAsNone, string(root)) {
			problems = append(problems, problem{paths: []path.Path{frameworkPath(at)}, summary: "Null element",
				detail: "An element that is null is not the same as none. Leave it out, for example by a for expression with an if, or give it a value."})
		}
		return true, nil
	})
	return problems
}

func frameworkPath(at *tftypes.AttributePath) path.Path {
	p := path.Empty()
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			p = p.AtName(string(step))
		case tftypes.ElementKeyString:
			p = p.AtMapKey(string(step))
		case tftypes.ElementKeyInt:
			p = p.AtListIndex(int(step))
		default:
			return p // elements of sets: the set as a whole
		}
	}
	return p
}

// checkString runs a check of the domain over a known string.
func checkString(value types.String, attribute string, check func(string) error) []problem {
	if value.IsNull() || value.IsUnknown() {
		return nil
	}
	if err := check(value.ValueString()); err != nil {
		return []problem{invalidArgument(path.Root(attribute), err)}
	}
	return nil
}

func checkLabels(value types.Map, attribute string, check func(key, value string) error) []problem {
	var problems []problem
	for key, element := range value.Elements() {
		text, _ := element.(types.String)
		if err := check(key, text.ValueString()); err != nil {
			problems = append(problems, invalidArgument(path.Root(attribute).AtMapKey(key), err))
		}
	}
	return problems
}

func invalidArgument(at path.Path, err error) problem {
	name := at.String()
	return problem{paths: []path.Path{at}, summary: "Invalid " + name, detail: capitalized(err.Error())}
}

// conflicting finds the arguments that must not be set beside another one.
func conflicting(with string, set map[string]attr.Value, why string) []problem {
	var problems []problem
	for name, value := range set {
		if !value.IsNull() {
			problems = append(problems, problem{
				paths:   []path.Path{path.Root(name), path.Root(with)},
				summary: fmt.Sprintf("%s and %s exclude each other", name, with),
				detail:  why,
			})
		}
	}
	return problems
}
