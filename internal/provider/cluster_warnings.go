// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// mostWarnings is how many warnings of the clusters one operation reports: a text that names its object is another one with
// each of a thousand projects.
const mostWarnings = 10

// withWarnings is context.WithTimeout for an operation that writes: its end also reports what the clusters warned of in
// answer to its writes.
func withWarnings(ctx context.Context, limit time.Duration, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	ctx, collected := cluster.CollectWarnings(ctx)
	ctx, cancel := context.WithTimeout(ctx, limit)
	return ctx, func() {
		cancel()
		diags.Append(clusterWarnings(collected.All())...)
	}
}

func clusterWarnings(all []cluster.Warning) diag.Diagnostics {
	var diags diag.Diagnostics
	for i, warning := range all[:min(len(all), mostWarnings)] {
		detail := warning.Text + "\n\nThe API server, or an admission policy or webhook of the cluster, returned this warning for a write. Each text is shown once per run, even if it applies to other objects too."
		if more := len(all) - mostWarnings; more > 0 && i == mostWarnings-1 {
			detail += fmt.Sprintf("\n\nFurther warnings with other texts are not shown: %d.", more)
		}
		diags.AddWarning(fmt.Sprintf("Cluster %q warns about %s", warning.Cluster, warning.Object), detail)
	}
	return diags
}
