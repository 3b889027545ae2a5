// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

var (
	_ resource.ResourceWithConfigure      = (*secretAssignmentResource)(nil)
	_ resource.ResourceWithIdentity       = (*secretAssignmentResource)(nil)
	_ resource.ResourceWithImportState    = (*secretAssignmentResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*secretAssignmentResource)(nil)
	_ resource.ResourceWithValidateConfig = (*secretAssignmentResource)(nil)
)

// secretAssignmentResource is one organization secret in one project.
type secretAssignmentResource struct {
	recordResource
}

func newSecretAssignmentResource() resource.Resource {
	return &secretAssignmentResource{recordResource{
		resourceBase: resourceBase{name: "secret_assignment", newModel: func() planModel { return &secretAssignmentModel{} }},
		keys: []recordKey{
			{name: "secret", description: "The name of the organization secret.", example: "hf-token", check: airm.CheckName},
			{name: "project", description: "The project.", example: "team-a", check: airm.CheckProject},
		},
	}}
}

func (r *secretAssignmentResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replaces := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{
		Version: schemaVersion(r.name),
		MarkdownDescription: "Shares an organization secret with one project: an ExternalSecret of the secret's name in the project's " +
			"namespace, in every cluster that has the project. The organization secret defines the content of this object. Destroying " +
			"the assignment deletes the object; other assignments are not affected.",
		Attributes: commonAttributes(ctx, map[string]schema.Attribute{
			"secret": schema.StringAttribute{Required: true, PlanModifiers: replaces,
				MarkdownDescription: "Name of the organization secret. Refer to the attribute of its resource, so that the secret is " +
					"created first. Changing it replaces the resource."},
			"project": schema.StringAttribute{Required: true, PlanModifiers: replaces,
				MarkdownDescription: "The project. Changing it replaces the resource."},
			"project_id": schema.StringAttribute{Computed: true,
				MarkdownDescription: "AIRM's ID of the project that has the secret: the label `airm.silogen.ai/project-id` of its " +
					"namespace, or null. If the project is deleted and a new one gets its name, the plan shows the changed ID with a " +
					"warning. The new project does not get the secret until you apply the change."},
			"clusters":    assignmentClustersAttribute(),
			"secret_name": secretNameAttribute("The organization secret defines it, so the name is known after the create. A changed `target.name` is read by the next plan."),
		}),
	}
}

func (r *secretAssignmentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m secretAssignmentModel
	diags := &resp.Diagnostics
	diags.Append(req.Plan.Get(ctx, &m)...)
	registry, _ := r.open(ctx, &m, &m, resp.Private, diags)
	if registry == nil || r.validate(&m, diags) || r.refuseTwice(&m, diags) {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Create, diags)
	defer cancel()
	watches := watchIn(ctx, r.settings.clusters, m.ref(), m.only())
	defer watches.stop()
	owner := recordOwnership{OwnerID: newOwnerID()}
	assigned, ok := r.assign(ctx, ownedRecords{registry, owner}, &m, diags)
	if !ok {
		return
	}
	if !r.noteCreated(assigned.Row.UID(), "Assignment "+m.id(), diags) {
		return
	}
	m.setSecretName(ctx, registry, assigned)
	record := func(status airm.Status, upToDate bool) {
		m.setComputed(m.id(), status, upToDate)
		diags.Append(resp.State.Set(ctx, &m)...)
		diags.Append(r.setIdentity(ctx, resp.Identity, &m)...)
	}
	owner.UID = assigned.Row.UID()
	m.setProjectID(assigned.Row.ProjectID)
	diags.Append(owner.locate(ctx, registry).save(ctx, resp.Private, registry, &m)...)
	if assigned.Err != nil { // something was made, so it is recorded: a destroy finds it
		record(airm.Failed, false)
		addError(diags, assigned.Err)
		return
	}
	warnUnseen(diags, unseenSecrets(assigned)...)
	record(airm.Pending, false)
	placed := placement{m: m.common(), what: "Assignment " + m.id(), assigned: assigned, created: true}
	placed.awaitSync(ctx)
	registry.Confirm(ctx, assigned.Row)
	record(placed.status(), placed.ok())
	placed.report(diags, "The project has the secret, and the assignment is in the state, tainted: the next apply replaces it.")
}

// refuseTwice refuses an assignment that this run has created already, and reports whether it did.
func (r *secretAssignmentResource) refuseTwice(m *secretAssignmentModel, diags *diag.Diagnostics) bool {
	if r.settings.run.create("assignment", m.ref()) {
		return false
	}
	diags.AddError(fmt.Sprintf("%s is declared twice", "Assignment "+m.id()), "Another airm_secret_assignment of this configuration has the same secret and project. Remove one of the two.")
	return true
}

// assign assigns the secret to the project. It reports whether anything was made, which is then in the returned row.
func (r *secretAssignmentResource) assign(
	ctx context.Context, owned ownedRecords, m *secretAssignmentModel, diags *diag.Diagnostics,
) (assigned organization.Assigned, ok bool) {
	assigned = owned.registry.Assign(ctx, m.record(owned.owner, r.settings))
	switch {
	case errors.Is(assigned.Err, organization.ErrAssigned):
		diags.AddError(fmt.Sprintf("%s already has organization secret %q", m.Project.ValueString(), m.Secret.ValueString()),
			fmt.Sprintf("It was %s already. The assignment was not changed. %s", assigned.Err, r.existingHint(ctx, owned.registry, m)))
		return assigned, false
	case assigned.Row == nil:
		addError(diags, assigned.Err)
		return assigned, false
	}
	return assigned, true
}

// existingHint says how to import an assignment that exists; one that may be left behind, with all that this run has found.
func (r *secretAssignmentResource) existingHint(ctx context.Context, registry *organization.Registry, m *secretAssignmentModel) string {
	row, err := registry.Row(ctx, m.Secret.ValueString(), m.Project.ValueString())
	if err == nil && r.settings.mayBeLeftBehind(row.OwnerID, row.Owner) {
		return r.replacedHint(row.OwnerID, row.Owner) + r.leftBehindHint(m.id())
	}
	return r.importHint(m.id())
}

func (r *secretAssignmentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m secretAssignmentModel
	diags := &resp.Diagnostics
	registry, owner := r.beginRead(ctx, req, resp, &m)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Read, diags)
	defer cancel()
	status, err := registry.AssignmentStatus(ctx, m.Secret.ValueString(), m.Project.ValueString())
	if err != nil {
		r.handleRecordError(ctx, err, &m, ownedRecords{registry, owner}, resp)
		return
	}
	if !m.isImported() && !status.Unrecorded && !owner.known().Is(status.UID(), status.OwnerID) {
		diags.AddWarning(r.explainElsewhere(&m, organization.ErrAnotherRecord, registry).text())
		return
	}
	if m.isImported() && status.Unrecorded {
		diags.AddError(fmt.Sprintf("Assignment %s cannot be imported without its record", m.id()),
			"The project has the secret, but the ConfigMap with the record of the assignment was deleted. Restore it; or remove the import and apply: the create takes over what is there.")
		return
	}
	if m.isImported() {
		m.Labels, m.Annotations = stringMap(status.Labels, m.Labels), stringMap(status.Annotations, m.Annotations)
		m.fillClusters(status.Only)
	} else {
		diags.Append(owner.warnIfOther("Assignment "+m.id(), status.OwnerID, status.Owner)...)
	}
	if status.Unrecorded {
		diags.AddWarning(fmt.Sprintf("The record of assignment %s is gone", m.id()), status.Copies[0].Sync.Reason+
			" A destroy finds only copies in clusters that are in the provider block and answer.")
	} else { // a new record will have another UID
		owner.UID = status.UID()
	}
	diags.Append(owner.locate(ctx, registry).save(ctx, resp.Private, registry, &m)...)
	m.setProjectID(status.ProjectID)
	diags.Append(noteProjects(ctx, &m, []*organization.AssignmentStatus{status}, resp.Private)...)
	warnProjectsGone("assignment "+m.id(), []*organization.AssignmentStatus{status}, diags)
	warnTerminating(ctx, "Assignment "+m.id(), status.Copies, diags)
	health := status.Health
	health.UpToDate = health.UpToDate && m.isRecorded(&m.commonModel, status.Row)
	m.setHealth(m.id(), health)
	m.readSecretName(status)
	diags.Append(resp.State.Set(ctx, &m)...)
}

func (r *secretAssignmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, before secretAssignmentModel
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
	watches := watchIn(ctx, r.settings.clusters, m.ref(), m.only())
	defer watches.stop()
	assigned := registry.Reassign(ctx, m.record(owner, r.settings), known)
	explainLeft(ctx, registry, diags)
	if assigned.Err != nil {
		r.explainWrite(assigned.Err, &m, registry, diags)
		return
	}
	warnUnseen(diags, unseenSecrets(assigned)...)
	owner.UID = assigned.Row.UID()
	m.setProjectID(assigned.Row.ProjectID)
	diags.Append(owner.locate(ctx, registry).save(ctx, resp.Private, registry, &m)...)
	placed := placement{m: m.common(), what: "Assignment " + m.id(), assigned: assigned, triggered: m.requestsSync(before.common())}
	placed.awaitSync(ctx)
	m.setComputed(m.id(), placed.status(), placed.ok())
	m.setSecretName(ctx, registry, assigned)
	placed.report(diags, "The change was written; the next apply waits again.")
	if placed.triggered && (len(placed.unrequested) > 0 || assigned.Unreached) {
		m.keepTriggers(before.common(), diags)
	}
	diags.Append(resp.State.Set(ctx, &m)...)
}

func (r *secretAssignmentResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m secretAssignmentModel
	diags := &resp.Diagnostics
	registry, owner := r.beginDelete(ctx, req, resp, &m)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Delete, diags)
	defer cancel()
	if !r.mayDelete(owner.UID, "Assignment "+m.id(), diags) {
		return
	}
	err := registry.Unassign(ctx, m.Secret.ValueString(), m.Project.ValueString(), owner.known())
	explainLeft(ctx, registry, diags)
	if err == nil {
		return
	}
	left, found := r.leaveAlone(ctx, err, &m, ownedRecords{registry, owner})
	diags.Append(found...)
	if !left {
		diags.Append(resp.State.SetAttribute(ctx, path.Root("status"), string(airm.DeleteFailed))...)
		diags.Append(resp.State.SetAttribute(ctx, path.Root("up_to_date"), false)...)
		r.explainWrite(err, &m, registry, diags)
	}
}
