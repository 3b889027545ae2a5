// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// mostExplained bounds of how many copies that are being deleted it is found out what they wait for.
const mostExplained = 20

// Terminating returns the copies that are being deleted, each with what it waits for; of many only the first ones.
func Terminating(ctx context.Context, copies []*CopyStatus) (explained Failures, total int) {
	var some []*CopyStatus
	for _, copied := range copies {
		if !copied.isTerminating() {
			continue
		}
		if total++; total <= mostExplained {
			some = append(some, copied)
		}
	}
	return InParallel(some, func(copied *CopyStatus) string { return copied.Project }, func(copied *CopyStatus) error {
		return terminating(ctx, copied.In, copied.Object)
	}), total
}

// terminating is the error of a copy that is being deleted.
func terminating(ctx context.Context, c *cluster.Cluster, live *unstructured.Unstructured) error {
	return fmt.Errorf("ExternalSecret %s/%s is being deleted. %s", live.GetNamespace(), live.GetName(), c.ExplainDeletion(ctx, live))
}

func (c *CopyStatus) isTerminating() bool {
	return c.Object != nil && c.Object.GetDeletionTimestamp() != nil
}
