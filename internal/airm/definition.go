// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package airm

// Definition is what an ExternalSecret shall hold, wherever it is placed.
type Definition struct {
	UseCase             UseCase
	Labels, Annotations map[string]string
	Spec                map[string]any
}
