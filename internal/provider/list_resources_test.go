// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// A filter that would find nothing by a misspelling is refused.
func TestListFiltersRefuseUnknownValues(t *testing.T) {
	r := newConfiguredRPC(t, `{}`)
	for kind, config := range map[string]string{storeKind: `{"backend":"gcp"}`, "airm_organization_secret": `{"use_case":"s3"}`} {
		_, diagnostics := r.list(kind, config, 0, false)
		contains(t, diagnosticTexts(diagnostics), "Invalid Attribute Value Match")
	}
	contains(t, strings.Join(eso.Backends(), " "), " aws azurekv ", " fake ", " vault ")
}
