// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// statusInterval is how often the status of an organization secret is read while it is waited for:
// it depends on as many objects as there are projects.
const statusInterval = time.Second

// causesWithin limits the search for the causes of failures; a status is reported without them too.
const causesWithin = 30 * time.Second

// organizationSecretDataSource reads the status of an organization secret in every project.
type organizationSecretDataSource struct {
	dataSourceBase
}

func newOrganizationSecretDataSource() datasource.DataSource {
	return &organizationSecretDataSource{dataSourceBase{name: "organization_secret"}}
}

type organizationSecretDataModel struct {
	organizationSecretSummary
	Assignments []assignmentDataModel `tfsdk:"assignments"`
	WaitFor     types.String          `tfsdk:"wait_for"`
	Timeout     types.String          `tfsdk:"timeout"`
}

type organizationSecretSummary struct {
	ID           types.String `tfsdk:"id"`
	Name         types.String `tfsdk:"name"`
	UseCase      types.String `tfsdk:"use_case"`
	Revision     types.Int64  `tfsdk:"revision"`
	Status       types.String `tfsdk:"status"`
	StatusReason types.String `tfsdk:"status_reason"`
}

type assignmentDataModel struct {
	Project      types.String `tfsdk:"project"`
	Cluster      types.String `tfsdk:"cluster"`
	Status       types.String `tfsdk:"status"`
	StatusReason types.String `tfsdk:"status_reason"`
	LastSyncedAt types.String `tfsdk:"last_synced_at"`
}

func organizationSecretAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":            computedText("The name."),
		"name":          computedText("Name of the organization secret."),
		"use_case":      computedText("Use case, or null."),
		"revision":      schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of changes of the definition."},
		"status":        computedText("`Unassigned`, `Pending`, `Synced`, `PartiallySynced`, `SyncedError`, `Failed`, `Deleting` or `DeleteFailed`."),
		"status_reason": computedText("The reasons of the assignments that are not synced, otherwise null."),
	}
}

func (d *organizationSecretDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := statusAttributes()
	maps.Copy(attributes, organizationSecretAttributes())
	maps.Copy(attributes, map[string]schema.Attribute{
		"name": schema.StringAttribute{Required: true, MarkdownDescription: "Name of the organization secret."},
		"assignments": schema.ListNestedAttribute{
			Computed: true,
			MarkdownDescription: "Assignments of the secret in all workspaces, sorted by project. There is one element for each " +
				"cluster that has the project.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"project":        computedText("The project."),
				"cluster":        computedText("The cluster, by its name in the provider block. Null for a project that no longer exists."),
				"status":         computedText("Status there."),
				"status_reason":  computedText("Why the secret is not synced in this cluster, or null."),
				"last_synced_at": computedText("When the values were last fetched in this cluster (RFC 3339), null if never."),
			}},
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "An organization secret and its status in every project that has it, including projects that another " +
			"workspace assigned it to.",
		Attributes: attributes,
	}
}

func (d *organizationSecretDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m organizationSecretDataModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	reader := d.settings.recordReader(diags)
	limit, valid := waitLimit(m.Timeout, diags)
	if diags.HasError() || !valid {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	secret, err := await(ctx, reader, m.Name.ValueString(), airm.Status(m.WaitFor.ValueString()))
	if secret == nil || err != nil && !errors.Is(err, context.DeadlineExceeded) {
		addError(diags, err)
		return
	}
	m.organizationSecretSummary = summarize(context.WithoutCancel(ctx), secret)
	m.Assignments = []assignmentDataModel{}
	for _, copied := range secret.Copies() {
		m.Assignments = append(m.Assignments, assignmentData(copied))
	}
	if wanted := m.WaitFor.ValueString(); wanted != "" && wanted != string(secret.Status) {
		d.refuse(&m, wanted, err, limit, diags)
	}
	diags.Append(resp.State.Set(ctx, &m)...)
}

// await reads the status until it is the wanted one, or another one that does not change by itself.
func await(ctx context.Context, reader *organization.Reader, name string, wanted airm.Status) (*organization.SecretStatus, error) {
	var last *organization.SecretStatus
	for {
		secret, err := reader.Status(ctx, name)
		switch {
		case err == nil && (wanted == "" || secret.Status == wanted || !passing(secret)):
			return secret, nil
		case err == nil:
			last = secret
		case last == nil || !cluster.IsUnavailable(err):
			return last, err
		}
		select {
		case <-time.After(statusInterval):
		case <-ctx.Done():
			return last, ctx.Err()
		}
	}
}

// passing reports whether the status will change by itself: something is still pending or being deleted.
func passing(secret *organization.SecretStatus) bool {
	if objects.InProgress(secret.Status) {
		return true
	}
	return secret.Status == airm.PartiallySynced
}

func (d *organizationSecretDataSource) refuse(
	m *organizationSecretDataModel, wanted string, err error, limit time.Duration, diags *diag.Diagnostics,
) {
	detail := fmt.Sprintf("Its status is %s.", m.Status.ValueString())
	if reason := m.StatusReason.ValueString(); reason != "" {
		detail += "\n" + reason
	}
	if err != nil {
		detail += fmt.Sprintf("\nTimed out after %s; raise timeout.", limit)
	}
	diags.AddAttributeError(path.Root("wait_for"), fmt.Sprintf("Organization secret %q is not %s", m.Name.ValueString(), wanted), detail)
}

// summarize completes the reasons with the causes that stand in events.
func summarize(ctx context.Context, secret *organization.SecretStatus) organizationSecretSummary {
	ctx, cancel := context.WithTimeout(ctx, causesWithin)
	defer cancel()
	project := func(copied *organization.CopyStatus) string { return copied.Project }
	organization.InParallel(secret.Copies(), project, func(copied *organization.CopyStatus) error {
		if copied.Object != nil {
			copied.Sync.Reason = copied.In.Reason(ctx, copied.Object, copied.Sync)
		}
		return nil
	})
	var reasons []string
	for _, copied := range secret.Copies() {
		if copied.Sync.Status != airm.Synced {
			reasons = append(reasons, fmt.Sprintf("project %s, cluster %s: %s: %s",
				copied.Project, copied.Cluster, copied.Sync.Status, copied.Sync.Reason))
		}
	}
	return organizationSecretSummary{
		ID:           types.StringValue(secret.Name),
		Name:         types.StringValue(secret.Name),
		UseCase:      optional(string(secret.Definition.Definition.UseCase)),
		Revision:     types.Int64Value(secret.Revision),
		Status:       types.StringValue(string(secret.Status)),
		StatusReason: optional(strings.Join(reasons, "\n")),
	}
}

func assignmentData(copied *organization.CopyStatus) assignmentDataModel {
	return assignmentDataModel{
		Project:      types.StringValue(copied.Project),
		Cluster:      optional(copied.Cluster),
		Status:       types.StringValue(string(copied.Sync.Status)),
		StatusReason: optional(copied.Sync.Reason),
		LastSyncedAt: moment(copied.Sync.LastSynced),
	}
}
