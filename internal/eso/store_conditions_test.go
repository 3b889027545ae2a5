// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"encoding/json"
	"reflect"
	"testing"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
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
