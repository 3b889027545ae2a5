// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

func TestClusterWarnings(t *testing.T) {
	t.Parallel()
	one := cluster.Warning{Cluster: "east", Object: airm.Ref{Kind: airm.KindExternalSecret, Project: "a", Name: "b"}}
	const left = "\n\nFurther warnings with other texts are not shown: 7."
	for count, more := range map[int]string{0: "", 1: "", mostWarnings: "", mostWarnings + 7: left} {
		var all []cluster.Warning
		for i := range count {
			one.Text = fmt.Sprintf("Mind gap %d.", i)
			all = append(all, one)
		}
		diags := clusterWarnings(all)
		if len(diags) != min(count, mostWarnings) || diags.HasError() {
			t.Fatalf("%d: %v", count, diags)
		}
		for i, found := range diags {
			if found.Summary() != `Cluster "east" warns about ExternalSecret a/b` || !strings.HasPrefix(found.Detail(), all[i].Text) {
				t.Errorf("%d: %v", count, found)
			}
			if last := i == len(diags)-1; more != "" && strings.HasSuffix(found.Detail(), more) != last {
				t.Errorf("%d, %d: %s", count, i, found.Detail())
			}
		}
	}
}
