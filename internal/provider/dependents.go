// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// hasDependents is a model of an object that has dependents; that of another has none.
type hasDependents interface {
	dependents(c *cluster.Cluster, settings *providerSettings) dependents
}

// dependents are what else there is in a cluster because of an object: what is kept beside it, and who uses it.
type dependents interface {
	// prepare finds what would be in the way of write, before the object itself is written; live is nil when it is created.
	prepare(ctx context.Context, live *unstructured.Unstructured) diag.Diagnostics
	// write brings what is kept beside the written object into line, and reports whether ESO has to look at the object again; before
	// is the state, nil for a create.
	write(ctx context.Context, live *unstructured.Unstructured, before kindModel) (bool, diag.Diagnostics)
	// inSync reports whether what is kept beside the object is as declared.
	inSync(ctx context.Context, live *unstructured.Unstructured) (bool, diag.Diagnostics)
	// notifyUsers lets the users of an updated object know.
	notifyUsers(ctx context.Context) diag.Diagnostics
	// checkDelete refuses a deletion that users of the object would suffer from.
	checkDelete(ctx context.Context) diag.Diagnostics
}
