// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package oracle compares the rules of this provider with the verdicts of External Secrets Operator's own code, in both
// directions: what we reject ESO rejects too, and what ESO rejects we report. The control plane's binary has that code
// (controlplane validate): the schemas of ESO's CustomResourceDefinitions as the API server applies them, ESO's Go types,
// and the validators of its admission webhook with those of its backends.
package oracle
