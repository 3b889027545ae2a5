package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

// aggregateStatusFunction exposes secrets.Aggregate.
type aggregateStatusFunction struct{}

func newAggregateStatusFunction() function.Function { return aggregateStatusFunction{} }

func (aggregateStatusFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "aggregate_status"
}

func (aggregateStatusFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The status of a whole from the statuses of its parts",
		MarkdownDescription: "Gives one status for many, by the rule by which an organization secret gets its status from those of its assignments. " +
			"The first match wins: being deleted (`DeleteFailed` if any is, else `Deleting`); none: `Unassigned`; any `DeleteFailed`; any `Failed`; any `SyncedError`; " +
			"all `Synced`; some `Synced`: `PartiallySynced`; all `Pending`; all `Deleting`; else `SyncedError`. Needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.ListParameter{Name: "statuses", ElementType: types.StringType, MarkdownDescription: "The statuses of the parts."},
			function.BoolParameter{Name: "being_deleted", MarkdownDescription: "Whether the whole is being deleted."},
		},
		Return: function.StringReturn{},
	}
}

func (aggregateStatusFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var texts []string
	var beingDeleted bool
	resp.Error = req.Arguments.Get(ctx, &texts, &beingDeleted)
	if resp.Error != nil {
		return
	}
	statuses := make([]secrets.Status, len(texts))
	for i, text := range texts {
		if !slices.Contains(secrets.Statuses(), text) {
			resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("statuses[%d] is %q, which is no status. The statuses are %s.", i, text, strings.Join(secrets.Statuses(), ", ")))
			return
		}
		statuses[i] = secrets.Status(text)
	}
	resp.Error = resp.Result.Set(ctx, string(secrets.Aggregate(statuses, beingDeleted)))
}
