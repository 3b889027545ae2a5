// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package jsonvalue

import utiljson "k8s.io/apimachinery/pkg/util/json"

// Parse returns the value of a JSON text, whole numbers as int64, as the Kubernetes API has them.
func Parse(text string) (any, error) {
	var v any
	err := utiljson.Unmarshal([]byte(text), &v)
	return v, err
}
