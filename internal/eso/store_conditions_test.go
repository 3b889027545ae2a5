// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

func TestStoreConditions(t *testing.T) {
	const expressions = `"matchExpressions":[{"key":"airm.silogen.ai/project-id","operator":"Exists"}]`
	for name, test := range map[string]struct {
		allowed  Allowed
		selector string
		want     string
	}{
		"every project": {Allowed{}, airm.DefaultProjectSelector, `[{"namespaceSelector":{` + expressions + `}}]`},
		"by name":       {Allowed{Projects: []string{"a", "b"}}, airm.DefaultProjectSelector, `[{"namespaces":["a","b"]}]`},
		"by label": {Allowed{Labels: map[string]string{"tier": "gold"}}, airm.DefaultProjectSelector,
			`[{"namespaceSelector":{` + expressions + `,"matchLabels":{"tier":"gold"}}}]`},
		"by name and label": {Allowed{Projects: []string{"a"}, Labels: map[string]string{"tier": "gold"}}, airm.DefaultProjectSelector,
			`[{"namespaces":["a"]},{"namespaceSelector":{` + expressions + `,"matchLabels":{"tier":"gold"}}}]`},
		"every namespace": {Allowed{Labels: map[string]string{}}, airm.DefaultProjectSelector, `[{"namespaceSelector":{}}]`},
		"other selector": {Allowed{}, "team in (b, a),!test,tier!=free,stage=live",
			`[{"namespaceSelector":{"matchExpressions":[{"key":"stage","operator":"In","values":["live"]},{"key":"team","operator":"In","values":["a","b"]},{"key":"test","operator":"DoesNotExist"},{"key":"tier","operator":"NotIn","values":["free"]}]}}]`},
	} {
		t.Run(name, func(t *testing.T) {
			selector, err := labels.Parse(test.selector)
			if err != nil {
				t.Fatal(err)
			}
			conditions := StoreConditions(test.allowed, selector)
			got, err := json.Marshal(conditions)
			if err != nil || string(got) != test.want {
				t.Errorf("got  %s (%v)\nwant %s", got, err, test.want)
			}
			back, ok := ParseStoreConditions(conditions)
			if !ok || !reflect.DeepEqual(back, test.allowed) {
				t.Errorf("read back as %+v, %v", back, ok)
			}
		})
	}
}

func TestParseStoreConditionsThatSayMore(t *testing.T) {
	for _, conditions := range []any{
		nil,
		[]any{},
		[]any{map[string]any{"namespaceRegexes": []any{"team-.*"}}},
	} {
		if allowed, ok := ParseStoreConditions(conditions); ok {
			t.Errorf("%v is taken for %+v", conditions, allowed)
		}
	}
}

// A selector that compares numbers selects namespaces, but cannot be written into a store.
func TestCheckProjectSelector(t *testing.T) {
	const (
		greater = "its requirement tier>3 compares numbers, which the conditions of a cluster-wide store cannot express. Use only KEY, !KEY, =, !=, in and notin"
		less    = "its requirement tier<9 compares numbers, which the conditions of a cluster-wide store cannot express. Use only KEY, !KEY, =, !=, in and notin"
	)
	for text, want := range map[string]string{
		airm.DefaultProjectSelector: "",
		"team in (b, a),x notin (c),!test,tier!=free,stage=live,zone==a,project": "",
		"project,tier>3": greater,
		"tier<9":         less,
	} {
		selector, err := labels.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		err = CheckProjectSelector(selector)
		if got := fmt.Sprint(err); want == "" && err != nil || want != "" && got != want {
			t.Errorf("%s: %s", text, got)
		}
		for _, expression := range selectorExpressions(selector) {
			if jsonvalue.StringAt(expression, "operator") == "" {
				t.Errorf("%s: an expression without an operator: %v", text, expression)
			}
		}
	}
}
