// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-validators/ephemeralvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure        = (*syncedSecretEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithConfigValidators = (*syncedSecretEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig   = (*syncedSecretEphemeral)(nil)
)

// syncedSecretEphemeral is what is in the Kubernetes Secret of a synced secret: for a run, and in no state.
type syncedSecretEphemeral struct {
	settings *providerSettings
}

func newSyncedSecretEphemeral() ephemeral.EphemeralResource { return &syncedSecretEphemeral{} }

type syncedSecretModel struct {
	secretIDs
	Cluster       types.String `tfsdk:"cluster"`
	OnSyncFailure types.String `tfsdk:"on_sync_failure"`
	SecretName    types.String `tfsdk:"secret_name"`
	Data          types.Map    `tfsdk:"data"`
	BinaryData    types.Map    `tfsdk:"binary_data"`
}

func (e *syncedSecretEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_synced_secret"
}

func (e *syncedSecretEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.settings, _ = req.ProviderData.(*providerSettings)
}

func (e *syncedSecretEphemeral) ConfigValidators(context.Context) []ephemeral.ConfigValidator {
	return []ephemeral.ConfigValidator{ephemeralvalidator.ExactlyOneOf(path.MatchRoot("project_secret_id"), path.MatchRoot("assignment_id"))}
}

func (e *syncedSecretEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	values := func(description string) schema.Attribute {
		return schema.MapAttribute{Computed: true, Sensitive: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The values of a synced secret, for provider blocks, provisioners and write-only arguments. The provider " +
			"reads them from the Kubernetes Secret in each run, and no plan and no state stores them. The argument is the `id` of a " +
			"resource. This ID is unknown until the resource exists, so the first plan does not read the secret. In an apply, a secret " +
			"that is not `Synced` is an error. In a plan it is a warning, so that the plan does not block the apply that repairs or " +
			"destroys the secret: the plan uses the current values of the Kubernetes Secret, and null for missing ones. The provider " +
			"recognizes a plan by the refresh of one of its resources, so refer to the resource, and plan with a refresh.\n\nNeeds " +
			"Terraform 1.10 or OpenTofu 1.11, and the right to `get` the Kubernetes Secret.",
		Attributes: map[string]schema.Attribute{
			"project_secret_id": text("The `id` of an `airm_project_secret`. Set either this or " +
				"`assignment_id`." + ofClusters("airm_project_secret.db")),
			"assignment_id": text("The `id` of an `airm_secret_assignment`." + ofClusters("airm_secret_assignment.db")),
			"cluster":       text("Cluster to read from, by its name in the provider block. Required if several clusters have the secret."),
			"on_sync_failure": schema.StringAttribute{Optional: true, Validators: []validator.String{stringvalidator.OneOf("error", "warn")},
				MarkdownDescription: "Whether a secret that is not synced is an `error` or a `warn`ing in an apply. With `warn`, the " +
					"values are the current ones of the Kubernetes Secret, which may be old, and null for missing ones. Defaults to " +
					"`error`."},
			"secret_name": schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the Kubernetes Secret."},
			"data":        values("Values that are UTF-8 text, by key."),
			"binary_data": values("Values that are not UTF-8 text, in Base64, by key."),
		},
	}
}

func (e *syncedSecretEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m syncedSecretModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	clusters := e.settings.clustersFor(diags)
	if diags.HasError() {
		return
	}
	t := m.target(diags)
	if !m.Cluster.IsNull() {
		t.clusters = []string{m.Cluster.ValueString()}
	}
	if diags.HasError() {
		return
	}
	f := onlyOne(t, t.locate(ctx, clusters, diags), diags)
	if f == nil {
		return
	}
	e.read(ctx, &m, f, t, diags)
	if !diags.HasError() {
		diags.Append(resp.Result.Set(ctx, &m)...)
	}
}

// ValidateConfig reports what is wrong with the ids that are known.
func (e *syncedSecretEphemeral) ValidateConfig(
	ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse,
) {
	var m syncedSecretModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	for _, p := range m.problems() {
		resp.Diagnostics.Append(p.diagnostic())
	}
}

// onlyOne returns the copy to read; several may hold different values.
func onlyOne(t objectID, copies []*observation, diags *diag.Diagnostics) *observation {
	if len(copies) == 1 && !diags.HasError() {
		return copies[0]
	}
	var names []string
	for _, f := range copies {
		names = append(names, f.cluster.Name())
	}
	if len(names) > 1 {
		diags.AddAttributeError(path.Root("cluster"), fmt.Sprintf("%s is in several clusters", t.Ref),
			"The clusters are "+strings.Join(names, ", ")+", and each has its own Kubernetes Secret. Select one of them with cluster.")
	}
	return nil
}

// read fills the values from the Kubernetes Secret. One that is not synced is an error, except in a plan, which would not repair
// it otherwise: the apply reads again.
func (e *syncedSecretEphemeral) read(ctx context.Context, m *syncedSecretModel, f *observation, t objectID, diags *diag.Diagnostics) {
	planning := e.settings.run.planning.Load()
	spec := jsonvalue.MapAt(f.object.Object, "spec")
	if eso.WritesNoSecret(spec) {
		m.readNoSecret(t, spec, planning, diags)
		return
	}
	sync := eso.ExternalSecretSync(f.object.Object, time.Time{}, f.cluster.Now())
	synced := sync.Status == airm.Synced
	reason := fmt.Sprintf("Cluster %q, status %s: %s", f.cluster.Name(), sync.Status, f.cluster.Reason(ctx, f.object, sync))
	if !synced && !planning && m.OnSyncFailure.ValueString() != "warn" {
		diags.AddError(fmt.Sprintf("%s is not synced", t.Ref), reason+" Its Kubernetes Secret may have old values or none, so it is not read. Set on_sync_failure = \"warn\" to use its current values. In a plan, this is a warning if the plan refreshes the resource of this secret.")
		return
	}
	secret := airm.Ref{Kind: eso.KindSecret, Project: t.Project, Name: eso.TargetSecretName(t.Ref, spec)}
	values, err := f.cluster.SecretValues(ctx, secret)
	if err != nil && (synced || !cluster.IsNotFound(err)) {
		addError(diags, err)
		return
	}
	m.fill(secret.Name, values)
	if synced {
		return
	}
	m.fillMissing(eso.DeclaredKeys(spec))
	detail := reason + " The values are the current ones of its Kubernetes Secret, which may be old, and null for missing keys."
	if planning {
		detail += " The apply reads them again, and fails if the secret is still not synced."
	}
	diags.AddWarning(fmt.Sprintf("%s is not synced", t.Ref), detail)
}

// readNoSecret reports that there is no Secret to read. In a plan this is a warning, too: it may remove the manifest.
func (m *syncedSecretModel) readNoSecret(t objectID, spec map[string]any, planning bool, diags *diag.Diagnostics) {
	summary := fmt.Sprintf("%s has no Kubernetes Secret", t.Ref)
	detail := fmt.Sprintf("ESO writes %s, not a Secret, and airm_synced_secret reads Secrets only.", eso.TargetText(t.Ref, spec))
	if !planning {
		diags.AddError(summary, detail+" Remove target.manifest from the secret, or read the object with another provider.")
		return
	}
	m.fill("", nil)
	m.SecretName = types.StringNull()
	m.fillMissing(eso.DeclaredKeys(spec))
	diags.AddWarning(summary, detail+" The values are null in this plan. The apply reads again, and fails if this is still so.")
}

func (m *syncedSecretModel) fill(name string, values map[string][]byte) {
	text, binary := map[string]string{}, map[string]string{}
	for key, value := range values {
		if utf8.Valid(value) {
			text[key] = string(value)
		} else {
			binary[key] = base64.StdEncoding.EncodeToString(value)
		}
	}
	empty := types.MapValueMust(types.StringType, nil)
	m.SecretName, m.Data, m.BinaryData = types.StringValue(name), stringMap(text, empty), stringMap(binary, empty)
}

// fillMissing sets each key that the Secret is to have and lacks to null, so that an expression with it can be planned.
func (m *syncedSecretModel) fillMissing(keys []string) {
	elements := m.Data.Elements()
	for _, key := range keys {
		if _, isBinary := m.BinaryData.Elements()[key]; elements[key] == nil && !isBinary {
			elements[key] = types.StringNull()
		}
	}
	m.Data = types.MapValueMust(types.StringType, elements)
}
