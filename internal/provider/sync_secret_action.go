// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/actionvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

var (
	_ action.ActionWithConfigure        = (*syncSecretAction)(nil)
	_ action.ActionWithConfigValidators = (*syncSecretAction)(nil)
	_ action.ActionWithValidateConfig   = (*syncSecretAction)(nil)
	_ action.ActionWithModifyPlan       = (*syncSecretAction)(nil)
)

// syncSecretAction has External Secrets Operator fetch values now.
type syncSecretAction struct {
	actionBase
}

func newSyncSecretAction() action.Action {
	return &syncSecretAction{actionBase{name: "sync_secret", newModel: func() actionModel { return &syncSecretModel{} }}}
}

type syncSecretModel struct {
	secretIDs
	OrganizationSecret types.String `tfsdk:"organization_secret"`
	Timeout            types.String `tfsdk:"timeout"`
}

func (m *syncSecretModel) problems() []problem {
	problems := append(m.secretIDs.problems(), checkString(m.OrganizationSecret, "organization_secret", airm.CheckName)...)
	return append(problems, timeoutProblems(m.Timeout)...)
}

func (m *syncSecretModel) ids() map[string]types.String {
	return map[string]types.String{"project_secret_id": m.ProjectSecretID, "assignment_id": m.AssignmentID}
}

func (a *syncSecretAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes External Secrets Operator fetch the values of a secret at once instead of after the refresh " +
			"interval, and waits until the Kubernetes Secret has them. The action works for one project secret, one assignment, or all " +
			"assignments of an organization secret. It reports each synced secret, the progress every 10 seconds, and all failures in " +
			"one error. A secret that External Secrets Operator writes only once (`refresh_policy = \"CreatedOnce\"`, or " +
			"`refresh_interval = \"0s\"`) is not fetched again; in this case the action warns." + needsAction,
		Attributes: map[string]schema.Attribute{
			"project_secret_id": optionalActionText("The `id` of an `airm_project_secret`. Set exactly one of this, `assignment_id` " +
				"and `organization_secret`." + ofClusters("airm_project_secret.db")),
			"assignment_id":       optionalActionText("The `id` of an `airm_secret_assignment`." + ofClusters("airm_secret_assignment.db")),
			"organization_secret": optionalActionText("The name (which is the `id`) of an `airm_organization_secret`, for all its assignments."),
			"timeout":             actionTimeout(),
		},
	}
}

func (a *syncSecretAction) ConfigValidators(context.Context) []action.ConfigValidator {
	return []action.ConfigValidator{actionvalidator.ExactlyOneOf(
		path.MatchRoot("project_secret_id"), path.MatchRoot("assignment_id"), path.MatchRoot("organization_secret"))}
}

func (a *syncSecretAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m syncSecretModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	limit, _ := waitLimit(m.Timeout, diags)
	if diags.HasError() {
		return
	}
	ctx, cancel := withWarnings(ctx, limit, diags)
	defer cancel()
	targets, unanswered := a.targets(ctx, &m, diags)
	if !diags.HasError() {
		run := syncRun{reader: eso.ExternalSecretSync, progress: resp.SendProgress, limit: limit, failed: unanswered}
		run.run(ctx, targets, diags)
	}
}

// targets finds the objects to synchronize, and says which are in clusters that do not answer.
func (a *syncSecretAction) targets(ctx context.Context, m *syncSecretModel, diags *diag.Diagnostics) (_ []syncTarget, unanswered []string) {
	if !m.OrganizationSecret.IsNull() {
		return a.assigned(ctx, m.OrganizationSecret.ValueString(), diags)
	}
	clusters := a.settings.clustersFor(diags)
	t := m.target(diags)
	if diags.HasError() {
		return nil, nil
	}
	var targets []syncTarget
	for _, f := range t.locate(ctx, clusters, diags) {
		if f.object.GetDeletionTimestamp() != nil {
			diags.AddError(fmt.Sprintf("%s is being deleted", t.Ref), fmt.Sprintf("In cluster %q, ESO no longer syncs it. To create it again, apply its resource after the deletion.", f.cluster.Name()))
		}
		targets = append(targets, syncTarget{f.cluster, t.Ref})
	}
	return targets, nil
}

// assigned returns the objects of an organization secret that are there, and those in clusters that do not answer; one warning has the
// others.
func (a *syncSecretAction) assigned(ctx context.Context, name string, diags *diag.Diagnostics) (targets []syncTarget, unanswered []string) {
	reader := a.settings.recordReader(diags)
	if diags.HasError() {
		return nil, nil
	}
	secret, err := reader.Status(ctx, name)
	if err != nil {
		addError(diags, err)
		return nil, nil
	}
	var missing []string
	for _, copied := range secret.Copies() {
		line := fmt.Sprintf("project %q, cluster %q: %s", copied.Project, copied.Cluster, explainSync(copied.Sync))
		_, unconfigured := a.settings.clusters.Select([]string{copied.Cluster})
		switch {
		case copied.In == nil && copied.Sync.Status == airm.SyncedError && unconfigured == nil:
			unanswered = append(unanswered, line)
		case copied.Object == nil || copied.Sync.Status == airm.Deleting:
			missing = append(missing, line)
		default:
			targets = append(targets, syncTarget{copied.In, airm.Assignment{Secret: name, Project: copied.Project}.Ref()})
		}
	}
	switch {
	case len(missing) > 0:
		diags.AddWarning(fmt.Sprintf("Organization secret %q is not synchronized everywhere", name),
			"These have no copy that can be synced:\n"+strings.Join(missing, "\n"))
	case len(targets)+len(unanswered) == 0:
		diags.AddWarning(fmt.Sprintf("Organization secret %q is assigned to no project", name), "No project has a copy to sync. Assign it first with airm_secret_assignment or airm_secret_assignments.")
	}
	return targets, unanswered
}
