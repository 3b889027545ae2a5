package organization

import (
	"context"
	"errors"
)

// mostExplained bounds of how many copies that are being deleted it is found out what they wait for.
const mostExplained = 20

// Terminating returns the copies that are being deleted, each with what it waits for; of many only the first ones.
func Terminating(ctx context.Context, copies []*Copy) (explained Failures, total int) {
	var some []*Copy
	for _, its := range copies {
		if !its.isTerminating() {
			continue
		}
		if total++; total <= mostExplained {
			some = append(some, its)
		}
	}
	return InParallel(some, func(its *Copy) string { return its.Project }, func(its *Copy) error {
		return errors.New("ExternalSecret " + its.Project + "/" + its.Object.GetName() + " in cluster " + its.Cluster + " is being deleted. " + its.In.ExplainDeletion(ctx, its.Object))
	}), total
}

func (c *Copy) isTerminating() bool { return c.Object != nil && c.Object.GetDeletionTimestamp() != nil }
