// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package objects checks, writes, waits for and removes one object of ESO in one cluster, for the resource that owns the object and for an
// assignment that the organization's records name. It knows neither Terraform nor records.
package objects
