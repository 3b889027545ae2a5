// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package served

import (
	"testing"

	"sigs.k8s.io/yaml"
)

func TestHas(t *testing.T) {
	var schema map[string]any
	if err := yaml.Unmarshal([]byte(`
properties:
  spec:
    properties:
      policy: {type: string, enum: [Owner, Merge]}
      data:
        type: array
        items: {properties: {tags: {type: object, additionalProperties: {properties: {key: {}}}}}}
`), &schema); err != nil {
		t.Fatal(err)
	}
	for field, expected := range map[string]bool{
		"spec.policy": true, "spec.policy=Merge": true, "spec.policy=Other": false, "spec.data.tags.key": true, "spec.data.key": false,
		"spec.none": false, "spec.none=Merge": false, "status": false,
	} {
		if has(schema, field) != expected {
			t.Errorf("%s: %v", field, !expected)
		}
	}
}
