package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/actionvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

var (
	_ action.ActionWithConfigure        = (*syncSecretAction)(nil)
	_ action.ActionWithConfigValidators = (*syncSecretAction)(nil)
)

// actionBase gives an action its name and the settings of the provider block.
type actionBase struct {
	name     string
	settings *settings
}

func (b *actionBase) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + b.name
}

func (b *actionBase) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	b.settings, _ = req.ProviderData.(*settings)
}

func optionalActionText(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

// actionTimeout describes the argument that waitLimit reads.
func actionTimeout() schema.Attribute {
	return optionalActionText("How long to wait at most, such as `90s`. Default: `5m`.")
}

// needsAction says which CLI knows actions, and what there is for the others.
const needsAction = "\n\nNeeds Terraform 1.14. With older versions and OpenTofu, change a value of `sync_triggers` of the resource."

// syncSecretAction has External Secrets Operator fetch values now.
type syncSecretAction struct {
	actionBase
}

func newSyncSecretAction() action.Action { return &syncSecretAction{actionBase{name: "sync_secret"}} }

type syncSecretModel struct {
	ProjectSecretID    types.String `tfsdk:"project_secret_id"`
	AssignmentID       types.String `tfsdk:"assignment_id"`
	OrganizationSecret types.String `tfsdk:"organization_secret"`
	Timeout            types.String `tfsdk:"timeout"`
}

func (a *syncSecretAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes External Secrets Operator fetch the values of a secret now instead of at the next refresh interval, and waits until the Kubernetes Secret has them: " +
			"for one project secret, one assignment, or all assignments of an organization secret. Tells of each project when it is done." + needsAction,
		Attributes: map[string]schema.Attribute{
			"project_secret_id":   optionalActionText("The `id` of an `airm_project_secret`. Exactly one of this, `assignment_id` and `organization_secret` is needed."),
			"assignment_id":       optionalActionText("The `id` of an `airm_secret_assignment`."),
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
	places := a.places(ctx, &m, diags)
	if !diags.HasError() {
		syncNow(ctx, places, secrets.ExternalSecretSync, resp.SendProgress, diags)
	}
}

// places finds the objects to synchronize.
func (a *syncSecretAction) places(ctx context.Context, m *syncSecretModel, diags *diag.Diagnostics) []place {
	if !m.OrganizationSecret.IsNull() {
		return a.assigned(ctx, m.OrganizationSecret.ValueString(), diags)
	}
	clusters := a.settings.clustersFor(diags)
	if diags.HasError() {
		return nil
	}
	t := targetOf(m.ProjectSecretID, m.AssignmentID, diags)
	if diags.HasError() {
		return nil
	}
	var places []place
	for _, c := range t.placed(ctx, clusters, diags) {
		if _, err := t.live(ctx, c); err != nil {
			addError(diags, err)
		}
		places = append(places, place{c, t.Ref})
	}
	return places
}

// assigned gives the objects of an organization secret that are there. One that is missing is told of.
func (a *syncSecretAction) assigned(ctx context.Context, name string, diags *diag.Diagnostics) []place {
	registry := a.settings.registry(false, diags)
	if diags.HasError() {
		return nil
	}
	survey, err := registry.Survey(ctx, name)
	if err != nil {
		addError(diags, err)
		return nil
	}
	var places []place
	for _, its := range survey.Copies() {
		if its.Object == nil {
			diags.AddWarning(fmt.Sprintf("Project %q has nothing to synchronize", its.Project),
				fmt.Sprintf("Cluster %q, status %s: %s", its.Cluster, its.Sync.Status, its.Sync.Reason))
			continue
		}
		places = append(places, place{its.In, secrets.Assignment{Secret: name, Project: its.Project}.Ref()})
	}
	return places
}
