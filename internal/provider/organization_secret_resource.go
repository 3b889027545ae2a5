// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

var (
	_ resource.ResourceWithConfigure      = (*organizationSecretResource)(nil)
	_ resource.ResourceWithIdentity       = (*organizationSecretResource)(nil)
	_ resource.ResourceWithImportState    = (*organizationSecretResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*organizationSecretResource)(nil)
	_ resource.ResourceWithValidateConfig = (*organizationSecretResource)(nil)
)

// organizationSecretResource is the definition of a secret that projects can share.
type organizationSecretResource struct {
	recordResource
}

func newOrganizationSecretResource() resource.Resource {
	return &organizationSecretResource{recordResource{
		resourceBase: resourceBase{name: "organization_secret", newModel: func() planModel { return &organizationSecretModel{} }},
		keys: []recordKey{
			{name: "name", description: "The name of the organization secret.", example: "hf-token", check: airm.CheckName},
		},
	}}
}

func (r *organizationSecretResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := contentMapping.Describe(airm.KindExternalSecret, contentAttributes())
	maps.Copy(attributes, map[string]schema.Attribute{
		"name": nameAttribute(),
		"use_case": optionalString("What the secret is for: `HuggingFace`, `ImagePullSecret`, `S3`, `Generic` or `Database`. " +
			"AIRM shows it as the secret's type. It becomes the label `" + airm.LabelUseCase + "`."),
		"force_destroy": optionalBool("Whether destroying the organization secret removes it from all projects, also if other workspaces assigned it. " +
			"Apply it before the destroy. Defaults to `false`: the destroy fails while the secret is assigned."),
		"on_sync_failure": onSyncFailureAttribute("The definition is in the state in both cases, and the next apply waits again. A create does not wait: no project has it yet."),
		"revision":        schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of changes of the definition."},
	})
	resp.Schema = schema.Schema{
		Version: schemaVersion(r.name),
		MarkdownDescription: "A secret of the organization, defined once and shared with many projects. No project has it until it is " +
			"assigned, with `airm_secret_assignment` or `airm_secret_assignments`. A change updates the copies in all these projects " +
			"in place. The provider applies it to one synced copy first. If this copy does not become synced again, the other copies " +
			"are not changed. With `wait_for_sync = false`, or while no copy is synced, all copies are changed at once.",
		Attributes: commonAttributes(ctx, attributes),
	}
}

// Create records the definition after the API server has checked it. Nothing is waited for: no project has it yet, unless it takes
// up the record of a killed create.
func (r *organizationSecretResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m organizationSecretModel
	diags := &resp.Diagnostics
	diags.Append(req.Plan.Get(ctx, &m)...)
	registry, _ := r.open(ctx, &m, &m, resp.Private, diags)
	if registry == nil || r.validate(&m, diags) {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Create, diags)
	defer cancel()
	owner := recordOwnership{OwnerID: newOwnerID()}.locate(ctx, registry)
	definition, err := registry.Define(ctx, m.record(owner, r.settings))
	if cluster.IsAlreadyExists(err) {
		diags.AddError(fmt.Sprintf("Organization secret %q already exists", m.Name.ValueString()),
			"It is in the organization's records, and was not changed. "+r.existingHint(ctx, registry, m.Name.ValueString()))
		return
	}
	if definition == nil {
		addError(diags, err)
		return
	}
	if !r.noteCreated(definition.UID(), m.what(), diags) {
		return
	}
	owner.UID = definition.UID()
	registry.ConfirmDefinition(ctx, definition)
	diags.Append(owner.locate(ctx, registry).save(ctx, resp.Private, registry, &m)...)
	explainLeft(ctx, registry, diags)
	status, upToDate := m.statusOfCreated(context.WithoutCancel(ctx), registry)
	m.setRecorded(definition, status, upToDate && err == nil)
	if err != nil { // an error would taint it
		addFailure(diags, diag.SeverityWarning, err)
	}
	diags.Append(resp.State.Set(ctx, &m)...)
	diags.Append(r.setIdentity(ctx, resp.Identity, &m)...)
}

// statusOfCreated reads how a new definition stands. Projects have it already where a create took up its record, or where that was lost.
func (m *organizationSecretModel) statusOfCreated(
	ctx context.Context, registry *organization.Registry,
) (status airm.Status, upToDate bool) {
	rows, err := registry.Rows(ctx, m.Name.ValueString())
	if err != nil || len(rows) == 0 {
		return airm.Unassigned, err == nil
	}
	now, err := registry.Status(ctx, m.Name.ValueString())
	if err != nil {
		return airm.Pending, false
	}
	return now.Status, now.UpToDate
}

// existingHint says how to import a definition that exists, or what to do where this is its resource.
func (r *organizationSecretResource) existingHint(ctx context.Context, registry *organization.Registry, name string) string {
	definition, err := registry.Definition(ctx, name)
	if err != nil {
		return r.importHint(name)
	}
	return r.replacedHint(definition.OwnerID, definition.Owner) + r.importHint(name)
}

func (r *organizationSecretResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m organizationSecretModel
	diags := &resp.Diagnostics
	registry, owner := r.beginRead(ctx, req, resp, &m)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Read, diags)
	defer cancel()
	status, err := registry.Status(ctx, m.Name.ValueString())
	if err != nil {
		if r.handleRecordError(ctx, err, &m, ownedRecords{registry, owner}, resp); resp.State.Raw.IsNull() {
			warnDefinitionGone(ctx, registry, m.Name.ValueString(), diags)
		}
		return
	}
	if !m.isImported() && !owner.known().Is(status.UID(), status.OwnerID) {
		diags.AddWarning(r.explainElsewhere(&m, organization.ErrAnotherRecord, registry).text())
		return
	}
	if !m.isImported() {
		diags.Append(owner.warnIfOther(m.what(), status.OwnerID, status.Owner)...)
	}
	owner.UID = status.UID()
	diags.Append(owner.locate(ctx, registry).save(ctx, resp.Private, registry, &m)...)
	if status.BeingDeleted() {
		warnTerminating(ctx, m.what(), status.Copies(), diags)
	}
	diags.Append(m.compare(ctx, status)...)
	diags.Append(resp.State.Set(ctx, &m)...)
}

// warnDefinitionGone warns where a definition leaves the state although projects have copies. A cluster that does not answer may have more.
func warnDefinitionGone(ctx context.Context, registry *organization.Registry, name string, diags *diag.Diagnostics) {
	if found, _ := registry.FindCopies(ctx, name); len(found) > 0 {
		diags.AddWarning(definitionGone(name, found.String()).text())
	}
}

// definitionGone is what to know where the record of an organization secret was deleted by hand.
func definitionGone(name, where string) diagnosticText {
	return diagnosticText{summary: fmt.Sprintf("The record of organization secret %q is gone", name), detail: fmt.Sprintf(
		"The ConfigMap with the definition was deleted, but projects still have the secret (%s). Apply the organization secret and its assignments again, which takes these copies over; or restore the records. To remove the secret from a project instead, delete its ExternalSecret %s.", where, name)}
}

// Update changes the definition and then everything that is assigned. Whatever fails stays pending.
func (r *organizationSecretResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, before organizationSecretModel
	diags := &resp.Diagnostics
	registry, owner := r.beginUpdate(ctx, req, resp, &m, &before)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Update, diags)
	defer cancel()
	known := owner.known()
	if owner.OwnerID == "" {
		owner.OwnerID = newOwnerID()
	}
	how := organization.FanOut{Wait: m.waits(), Request: m.requestsSync(before.common())}
	definition, err := registry.Update(ctx, m.record(owner, r.settings), known, how)
	if definition == nil {
		r.explainWrite(err, &m, registry, diags)
		return
	}
	explainLeft(ctx, registry, diags)
	owner.UID = definition.UID()
	diags.Append(owner.locate(ctx, registry).save(ctx, resp.Private, registry, &m)...)
	status := airm.Pending
	if now, statusErr := registry.Status(context.WithoutCancel(ctx), m.Name.ValueString()); statusErr == nil {
		status = now.Status
	}
	m.setRecorded(definition, status, err == nil)
	if err != nil {
		m.reportFanOut(err, diags)
		if how.Request && !requestedAll(err) {
			m.keepTriggers(before.common(), diags)
		}
	}
	diags.Append(resp.State.Set(ctx, &m)...)
}

// requestedAll reports whether an update that failed had requested a sync of every copy.
func requestedAll(err error) bool {
	var failed *organization.FanOutError
	return errors.As(err, &failed) && !failed.Unrequested
}

// Delete is refused while the secret is assigned, unless force_destroy was applied before.
func (r *organizationSecretResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m organizationSecretModel
	diags := &resp.Diagnostics
	registry, owner := r.beginDelete(ctx, req, resp, &m)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Delete, diags)
	defer cancel()
	if !r.mayDelete(owner.UID, m.what(), diags) {
		return
	}
	destroy := registry.Delete
	if m.ForceDestroy.ValueBool() {
		destroy = registry.ForceDelete
	}
	err := destroy(ctx, m.Name.ValueString(), owner.known())
	explainLeft(ctx, registry, diags)
	if err == nil {
		return
	}
	left, found := r.leaveAlone(ctx, err, &m, ownedRecords{registry, owner})
	diags.Append(found...)
	if !left {
		if status, statusErr := registry.Status(context.WithoutCancel(ctx), m.Name.ValueString()); statusErr == nil {
			diags.Append(resp.State.SetAttribute(ctx, path.Root("status"), string(status.Status))...)
			diags.Append(resp.State.SetAttribute(ctx, path.Root("up_to_date"), status.UpToDate)...)
		}
		r.explainWrite(err, &m, registry, diags)
	}
}

// reportFanOut reports the projects that an update did not reach, or another error of it.
func (m *organizationSecretModel) reportFanOut(err error, diags *diag.Diagnostics) {
	var failed *organization.FanOutError
	addFailure(diags, errorUnless(m.onlyWarns() && errors.As(err, &failed)), err)
}
