// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package airm stands in for AMD Resource Manager (AIRM) in tests and in the demo: its admission webhooks, its agent, and what
// its API keeps of secrets. It follows the rules of AIRM's release 1.0, so that a test can say what a real platform would do
// with an operation of the provider, and whether AIRM's API would refuse it. It is not shipped.
package airm

// The labels, annotations and finalizer of AIRM, as AIRM writes them. They are literals on purpose: a test compares what the
// provider writes with them.
const (
	labelProjectID = "airm.silogen.ai/project-id"
	labelSecretID  = "airm.silogen.ai/project-secret-id"
	labelScope     = "airm.silogen.ai/secret-scope"
	labelUseCase   = "airm.silogen.ai/use-case"
	// labelAPIUseCase is the key that AIRM's API writes, with the use case in lower case. Its agent does not read it.
	labelAPIUseCase = "airm.silogen.com/use-case"

	annotationDiscovered = "airm.silogen.ai/auto-discovered"
	annotationSubmitter  = "airm.silogen.ai/submitter"

	// Finalizer is on every ExternalSecret and Secret that AIRM's agent has seen.
	Finalizer = "airm.silogen.ai/secret-finalizer"

	// labelStandIn is the one thing that AIRM does not have: it keeps the stand-ins of one cluster apart.
	labelStandIn = "airm-standin"
)

// Kinds of a Row.
const (
	ExternalSecret   = "ExternalSecret"
	KubernetesSecret = "KubernetesSecret"
)

// Scopes of a Row.
const (
	Project      = "Project"
	Organization = "Organization"
)
