// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package acctest

import (
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// ParseYAML reads an object, with whole numbers as int64, as the Kubernetes client has them.
func ParseYAML(t testing.TB, text string) map[string]any {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	OK(t, err)
	value, err := jsonvalue.Parse(string(asJSON))
	OK(t, err)
	object, isObject := value.(map[string]any)
	if !isObject {
		t.Fatalf("this is no object: %s", text)
	}
	return object
}
