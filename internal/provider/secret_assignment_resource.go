package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
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
			{name: "secret", description: "The name of the organization secret.", example: "hf-token", check: secrets.CheckName},
			{name: "project", description: "The project.", example: "team-a", check: secrets.CheckProject},
		},
	}}
}

func (r *secretAssignmentResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replaces := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{
		Version: schemaVersion(r.name),
		MarkdownDescription: "Shares an organization secret with one project: an ExternalSecret of the secret's name in the project's namespace. " +
			"It adds to what others assign. What is in it is the organization secret's affair; destroying the assignment takes it back from the project.",
		Attributes: commonAttributes(ctx, map[string]schema.Attribute{
			"secret": schema.StringAttribute{Required: true, PlanModifiers: replaces,
				MarkdownDescription: "Name of the organization secret. Refer to the resource, so that this waits for it. Another one replaces the resource."},
			"project": schema.StringAttribute{Required: true, PlanModifiers: replaces,
				MarkdownDescription: "The project. Another one replaces the resource."},
		}),
	}
}

func (r *secretAssignmentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m secretAssignmentModel
	diags := &resp.Diagnostics
	diags.Append(req.Plan.Get(ctx, &m)...)
	registry, _ := r.open(ctx, &m, resp.Private, diags)
	if registry == nil || r.refuses(&m, diags) {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Create, diags)
	defer cancel()
	watch, err := r.settings.home().Watch(ctx, m.ref())
	if err != nil {
		addError(diags, err)
		return
	}
	defer watch.Stop()
	owner := ownership{OwnerID: newOwnerID()}
	row, object, err := registry.Assign(ctx, m.record(owner, r.settings))
	if errors.Is(err, organization.ErrAssigned) {
		diags.AddError(fmt.Sprintf("%s already has organization secret %q", m.Project.ValueString(), m.Secret.ValueString()),
			fmt.Sprintf("It was %s, elsewhere, and that was left as it is. %s", err, r.importHint(m.id())))
		return
	}
	if row == nil {
		addError(diags, err)
		return
	}
	record := func(status secrets.Status, upToDate bool) {
		m.setComputed(m.id(), status, upToDate)
		diags.Append(resp.State.Set(ctx, &m)...)
		diags.Append(r.setIdentity(ctx, resp.Identity, &m)...)
	}
	owner.UID = row.UID()
	diags.Append(owner.save(ctx, resp.Private)...)
	if err != nil { // something was made, so it is recorded: a destroy finds it
		record(secrets.Failed, false)
		addError(diags, err)
		return
	}
	warnUnseen(diags, row.Unseen)
	record(secrets.Pending, false)
	result := settle(ctx, r.settings.home(), watch, m.common(), "Assignment "+m.id(), object, lookAtSecret)
	record(result.Sync.Status, result.ok)
	result.report(diags, m.common(), "The project has it and it is recorded in the state, tainted: the next apply replaces the assignment.")
}

func (r *secretAssignmentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m secretAssignmentModel
	diags := &resp.Diagnostics
	registry, owner, imported := r.beginRead(ctx, req, resp, &m)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Read, diags)
	defer cancel()
	surveyed, err := registry.SurveyAssignment(ctx, m.Secret.ValueString(), m.Project.ValueString())
	if err != nil {
		unreadable(ctx, err, imported, resp)
		return
	}
	if imported {
		m.Labels, m.Annotations = stringMap(surveyed.Labels, m.Labels), stringMap(surveyed.Annotations, m.Annotations)
	} else {
		diags.Append(owner.warnIfOther("Assignment "+m.id(), surveyed.OwnerID, surveyed.Owner)...)
	}
	owner.UID = surveyed.UID()
	diags.Append(owner.save(ctx, resp.Private)...)
	upToDate := surveyed.UpToDate
	if !imported && !m.UpToDate.ValueBool() && m.waits() {
		upToDate = upToDate && surveyed.Sync.Status == secrets.Synced
	}
	m.setComputed(m.id(), surveyed.Sync.Status, upToDate)
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
	if owner.OwnerID == "" {
		owner.OwnerID = newOwnerID()
	}
	watch, err := r.settings.home().Watch(ctx, m.ref())
	if err != nil {
		addError(diags, err)
		return
	}
	defer watch.Stop()
	row, object, err := registry.Reassign(ctx, m.record(owner, r.settings))
	if err != nil {
		addError(diags, err)
		return
	}
	warnUnseen(diags, row.Unseen)
	owner.UID = row.UID()
	diags.Append(owner.save(ctx, resp.Private)...)
	requestedAt, err := r.requestSync(ctx, &m, &before, object)
	if err != nil {
		addError(diags, err)
	}
	result := settle(ctx, r.settings.home(), watch, m.common(), "Assignment "+m.id(), object, func(object map[string]any, now time.Time) secrets.Sync {
		return secrets.ExternalSecretSync(object, requestedAt, now)
	})
	m.setComputed(m.id(), result.Sync.Status, result.ok)
	diags.Append(resp.State.Set(ctx, &m)...)
	result.report(diags, m.common(), "What was declared is written; the next apply waits again.")
}

// requestSync asks for a sync where the user's triggers changed, or where the object failed before:
// ESO's own retries may be minutes away.
func (r *secretAssignmentResource) requestSync(ctx context.Context, m, before *secretAssignmentModel, object *unstructured.Unstructured) (time.Time, error) {
	failing := m.waits() && lookAtSecret(object.Object, time.Now()).Status == secrets.SyncedError
	if m.SyncTriggers.Equal(before.SyncTriggers) && !failing {
		return time.Time{}, nil
	}
	return r.settings.home().RequestSync(ctx, m.ref())
}

func (r *secretAssignmentResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m secretAssignmentModel
	diags := &resp.Diagnostics
	diags.Append(req.State.Get(ctx, &m)...)
	registry, _ := r.open(ctx, &m, req.Private, diags)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Delete, diags)
	defer cancel()
	if err := registry.Unassign(ctx, m.Secret.ValueString(), m.Project.ValueString()); err != nil {
		diags.Append(resp.State.SetAttribute(ctx, path.Root("status"), string(secrets.DeleteFailed))...)
		diags.Append(resp.State.SetAttribute(ctx, path.Root("up_to_date"), false)...)
		addError(diags, err)
	}
}
