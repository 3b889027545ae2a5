// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package oracle

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// configured is a resource of a configuration, with its arguments as JSON.
type configured struct {
	name, resourceType string
	arguments          []byte
}

// later are the values of arguments that are not known, where not any text will do.
var later = map[string]cty.Value{
	"credentials_wo": cty.MapVal(map[string]cty.Value{"id": cty.StringVal("a"), "secret": cty.StringVal("b")}),
	"kind":           cty.StringVal("SecretStore"),
	"server":         cty.StringVal("https://vault.example.com"),
}

// metaArguments are Terraform's own.
var metaArguments = []string{"count", "depends_on", "for_each", "provider"}

// resourcesIn evaluates the resources of a configuration, as far as that goes without a CLI: a variable has its default,
// and whatever else is not known is the text "known-later".
func resourcesIn(t *testing.T, name string, text []byte) []configured {
	t.Helper()
	file, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	blocks := file.Body.(*hclsyntax.Body).Blocks
	scope := &hcl.EvalContext{Functions: functions(filepath.Dir(name)), Variables: map[string]cty.Value{
		"var":  defaults(t, blocks),
		"each": cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal(project), "value": cty.DynamicVal}),
		"path": cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(".")}),
	}}
	var found []configured
	for _, block := range blocks {
		if block.Type != "resource" {
			continue
		}
		arguments := map[string]cty.Value{}
		for argument, attribute := range block.Body.Attributes {
			if !slices.Contains(metaArguments, argument) {
				arguments[argument] = evaluate(t, argument, attribute.Expr, scope)
			}
		}
		object := cty.ObjectVal(arguments)
		asJSON, err := ctyjson.Marshal(object, object.Type())
		if err != nil {
			t.Fatal(err)
		}
		address := strings.Join(block.Labels, ".")
		found = append(found, configured{fmt.Sprintf("%s: %s", strings.TrimPrefix(name, root), address), block.Labels[0], asJSON})
	}
	return found
}

func defaults(t *testing.T, blocks hclsyntax.Blocks) cty.Value {
	t.Helper()
	variables := map[string]cty.Value{}
	for _, block := range blocks {
		for _, attribute := range block.Body.Attributes {
			for _, reference := range attribute.Expr.Variables() { // a part of a document may not declare it
				if step, isName := reference[min(1, len(reference)-1)].(hcl.TraverseAttr); isName && reference.RootName() == "var" {
					variables[step.Name] = cty.DynamicVal
				}
			}
		}
	}
	for _, block := range blocks {
		if block.Type != "variable" {
			continue
		}
		variables[block.Labels[0]] = cty.DynamicVal
		if attribute := block.Body.Attributes["default"]; attribute != nil {
			variables[block.Labels[0]] = evaluate(t, "", attribute.Expr, nil)
		}
	}
	return cty.ObjectVal(variables)
}

// evaluate returns the value of an argument, wholly known.
func evaluate(t *testing.T, argument string, expression hcl.Expression, scope *hcl.EvalContext) cty.Value {
	t.Helper()
	if scope != nil {
		scope = scope.NewChild()
		scope.Variables = map[string]cty.Value{}
		for _, reference := range expression.Variables() {
			if _, exists := scope.Parent().Variables[reference.RootName()]; !exists {
				scope.Variables[reference.RootName()] = cty.DynamicVal // another resource, a local value
			}
		}
		if len(scope.Variables) == 0 {
			scope = scope.Parent()
		}
	}
	value, diags := expression.Value(scope)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	value, err := cty.Transform(value, func(at cty.Path, v cty.Value) (cty.Value, error) {
		name := argument
		if len(at) > 0 {
			if step, isName := at[len(at)-1].(cty.GetAttrStep); isName {
				name = step.Name
			}
		}
		switch {
		case v.IsKnown():
			return v, nil
		case v.Type() == cty.Bool:
			return cty.True, nil
		case later[name] != cty.NilVal:
			return later[name], nil
		}
		return cty.StringVal("known-later"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// functions are those that our examples call. Files are those beside the configuration.
func functions(dir string) map[string]function.Function {
	text := function.Parameter{Name: "text", Type: cty.String}
	ofText := func(f func(string) (string, error)) function.Function {
		return function.New(&function.Spec{Params: []function.Parameter{text}, Type: function.StaticReturnType(cty.String),
			Impl: func(arguments []cty.Value, _ cty.Type) (cty.Value, error) {
				result, err := f(arguments[0].AsString())
				return cty.StringVal(result), err
			}})
	}
	return map[string]function.Function{
		"base64encode": ofText(func(s string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil }),
		"file": ofText(func(name string) (string, error) {
			content, err := os.ReadFile(filepath.Join(dir, name))
			return string(content), err
		}),
		"coalesce": stdlib.CoalesceFunc, "contains": stdlib.ContainsFunc, "jsonencode": stdlib.JSONEncodeFunc, "merge": stdlib.MergeFunc,
		"sort": stdlib.SortFunc, "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	}
}
