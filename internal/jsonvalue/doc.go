// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package jsonvalue reads, copies and compares JSON values as unstructured.Unstructured holds them (map[string]any, []any,
// string, bool, int64, float64), knows paths into them and problems at those paths, and makes text safe to show.
package jsonvalue
