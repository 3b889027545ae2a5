// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// What did not answer before the run was interrupted does not count as reached.
func TestInterruptedClusterIsNotReachable(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	far := cluster.New("far", cluster.Config{Host: "http://127.0.0.1:1"}, cluster.Options{})
	if m := clusterData(ctx, far, cluster.NewClusters("", far)); m.Reachable.ValueBool() || m.Reason.ValueString() == "" {
		t.Errorf("reachable %s, because %s", m.Reachable, m.Reason)
	}
}
