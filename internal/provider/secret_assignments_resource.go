package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

var (
	_ resource.ResourceWithConfigure      = (*secretAssignmentsResource)(nil)
	_ resource.ResourceWithIdentity       = (*secretAssignmentsResource)(nil)
	_ resource.ResourceWithImportState    = (*secretAssignmentsResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*secretAssignmentsResource)(nil)
	_ resource.ResourceWithValidateConfig = (*secretAssignmentsResource)(nil)
)

// secretAssignmentsResource is the whole set of projects that have an organization secret.
type secretAssignmentsResource struct {
	recordResource
}

func newSecretAssignmentsResource() resource.Resource {
	return &secretAssignmentsResource{recordResource{
		resourceBase: resourceBase{name: "secret_assignments", newModel: func() planModel { return &secretAssignmentsModel{} }},
		keys:         []recordKey{{name: "secret", description: "The name of the organization secret.", example: "hf-token", check: secrets.CheckName}},
	}}
}

func (r *secretAssignmentsResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version: schemaVersion(r.name),
		MarkdownDescription: "All projects that have an organization secret: whoever is not listed loses it. The plan names them in one warning, and " +
			"apply takes it only from those that the plan named. It is refused to create this while projects that are not listed, or that somebody else " +
			"assigned, have the secret: import it first. Do not use it beside `airm_secret_assignment` for the same secret.",
		Attributes: commonAttributes(ctx, map[string]schema.Attribute{
			"secret": schema.StringAttribute{
				Required:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				MarkdownDescription: "Name of the organization secret. Refer to the resource, so that this waits for it. Another one replaces the resource.",
			},
			"projects": schema.SetAttribute{Required: true, ElementType: types.StringType,
				MarkdownDescription: "The projects. The empty set is valid: no project has the secret then."},
		}),
	}
}

// Create assigns the secret to every listed project. Before any write it is refused where that
// would touch what others assigned. A project that fails is only warned of: an error would taint,
// and replacing takes the secret away from all.
func (r *secretAssignmentsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m secretAssignmentsModel
	diags := &resp.Diagnostics
	diags.Append(req.Plan.Get(ctx, &m)...)
	registry, _ := r.open(ctx, &m, resp.Private, diags)
	if registry == nil || r.refuses(&m, diags) {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Create, diags)
	defer cancel()
	if _, err := registry.Definition(ctx, m.Secret.ValueString()); err != nil {
		addError(diags, organization.Missing(m.Secret.ValueString(), err))
		return
	}
	rows, err := registry.Rows(ctx, m.Secret.ValueString())
	if err != nil {
		addError(diags, err)
		return
	}
	if len(rows) > 0 {
		diags.AddError(fmt.Sprintf("Organization secret %q is assigned already", m.Secret.ValueString()), fmt.Sprintf(
			"These projects have it, from elsewhere: %s. Nothing was written. %s", strings.Join(owners(rows), ", "), r.importHint(m.Secret.ValueString())))
		return
	}
	owner := ownership{OwnerID: newOwnerID(), UID: newOwnerID()}
	diags.Append(owner.save(ctx, resp.Private)...)
	failed := r.assign(ctx, registry, &m, nil, owner, diags)
	r.record(ctx, registry, &m, failed, true, diags)
	diags.Append(resp.State.Set(ctx, &m)...)
	diags.Append(r.setIdentity(ctx, resp.Identity, &m)...)
}

func itself(project string) string { return project }

func owners(rows []*organization.Row) []string {
	var texts []string
	for _, row := range rows {
		text := row.Project
		if row.Owner != "" {
			text += " (by " + row.Owner + ")"
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return texts
}

// assign brings all listed projects to the secret, in parallel, and gives the failures by project.
// Those in existing have a row already.
func (r *secretAssignmentsResource) assign(ctx context.Context, registry *organization.Registry, m *secretAssignmentsModel, existing []string, owner ownership, diags *diag.Diagnostics) organization.Failures {
	var mu sync.Mutex
	var unseen []string
	failures := organization.InParallel(m.projects(), itself, func(project string) error {
		ref := secrets.Assignment{Secret: m.Secret.ValueString(), Project: project}.Ref()
		watch, err := r.settings.home().WatchWidely(ctx, ref)
		if err != nil {
			return err
		}
		defer watch.Stop()
		wanted := m.record(project, owner, r.settings)
		bring := registry.Assign
		if slices.Contains(existing, project) {
			bring = registry.Reassign
		}
		row, object, err := bring(ctx, wanted)
		if err != nil {
			return err
		}
		mu.Lock()
		unseen = append(unseen, row.Unseen)
		mu.Unlock()
		return r.await(ctx, watch, m, object)
	})
	warnUnseen(diags, unseen...)
	return failures
}

func (r *secretAssignmentsResource) await(ctx context.Context, watch *cluster.Watch, m *secretAssignmentsModel, object *unstructured.Unstructured) error {
	result := settle(ctx, r.settings.home(), watch, m.common(), "", object, func(object map[string]any, now time.Time) secrets.Sync {
		return secrets.ExternalSecretSync(object, time.Time{}, now)
	})
	if result.ok {
		return nil
	}
	return fmt.Errorf("%s: %s%s", result.Sync.Status, result.Sync.Reason, result.timeUp())
}

// record sets the computed attributes and reports what failed.
func (r *secretAssignmentsResource) record(ctx context.Context, registry *organization.Registry, m *secretAssignmentsModel, failed organization.Failures, onlyWarn bool, diags *diag.Diagnostics) {
	status := secrets.Pending
	if survey, err := registry.Survey(context.WithoutCancel(ctx), m.Secret.ValueString()); err == nil {
		status = survey.Status
	}
	m.setComputed(m.Secret.ValueString(), status, len(failed) == 0)
	if len(failed) == 0 {
		return
	}
	summary := fmt.Sprintf("%d assignments of organization secret %q are not up to date", len(failed), m.Secret.ValueString())
	detail := failed.String() + "\n\nWhat succeeded stays. The next apply tries the rest again."
	if onlyWarn || m.onlyWarns() {
		diags.AddWarning(summary, detail)
		return
	}
	diags.AddError(summary, detail)
}

func (r *secretAssignmentsResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m secretAssignmentsModel
	diags := &resp.Diagnostics
	registry, owner, imported := r.beginRead(ctx, req, resp, &m)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Read, diags)
	defer cancel()
	survey, err := registry.Survey(ctx, m.Secret.ValueString())
	if err != nil {
		unreadable(ctx, err, imported, resp)
		return
	}
	upToDate := true
	var projects, taken []string
	for _, assignment := range survey.Assignments {
		projects = append(projects, assignment.Project)
		upToDate = upToDate && assignment.UpToDate
		if !imported && owner.OwnerID != "" && assignment.OwnerID != owner.OwnerID {
			taken = append(taken, assignment.Project)
		}
	}
	if len(taken) > 0 {
		diags.AddWarning(fmt.Sprintf("Organization secret %q is assigned from elsewhere too", survey.Name), fmt.Sprintf(
			"These projects were assigned, or taken over, by another resource or workspace: %s. An update that would change that is refused. "+
				"Keep each assignment in one place: list them here and remove them there, or import this again to take them all over.", strings.Join(taken, ", ")))
	}
	if !imported && !m.UpToDate.ValueBool() && m.waits() {
		upToDate = upToDate && (survey.Status == secrets.Synced || survey.Status == secrets.Unassigned)
	}
	m.setProjects(projects)
	m.setComputed(survey.Name, survey.Status, upToDate)
	diags.Append(resp.State.Set(ctx, &m)...)
}

// Update takes the secret from the projects that the plan named, and from no other, and assigns it
// to those that are listed. It is refused where another state has taken an assignment over.
func (r *secretAssignmentsResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, before secretAssignmentsModel
	diags := &resp.Diagnostics
	registry, owner := r.beginUpdate(ctx, req, resp, &m, &before)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Update, diags)
	defer cancel()
	rows, err := registry.Rows(ctx, m.Secret.ValueString())
	if err != nil {
		addError(diags, err)
		return
	}
	if r.isTaken(rows, owner, &m, diags) {
		return
	}
	if owner.OwnerID == "" {
		owner.OwnerID = newOwnerID()
	}
	diags.Append(owner.save(ctx, resp.Private)...)
	var existing []string
	for _, row := range rows {
		existing = append(existing, row.Project)
	}
	failed := organization.InParallel(without(before.projects(), m.projects()), itself, func(project string) error {
		return registry.Unassign(ctx, m.Secret.ValueString(), project)
	})
	maps.Copy(failed, r.assign(ctx, registry, &m, existing, owner, diags))
	if !m.SyncTriggers.Equal(before.SyncTriggers) {
		r.requestSyncs(ctx, &m, failed)
	}
	r.record(ctx, registry, &m, failed, false, diags)
	diags.Append(resp.State.Set(ctx, &m)...)
}

func (r *secretAssignmentsResource) requestSyncs(ctx context.Context, m *secretAssignmentsModel, failed organization.Failures) {
	maps.Copy(failed, organization.InParallel(m.projects(), itself, func(project string) error {
		_, err := r.settings.home().RequestSync(ctx, secrets.Assignment{Secret: m.Secret.ValueString(), Project: project}.Ref())
		return err
	}))
}

// isTaken refuses an exclusive write to assignments that another state has made or taken over.
func (r *secretAssignmentsResource) isTaken(rows []*organization.Row, owner ownership, m *secretAssignmentsModel, diags *diag.Diagnostics) bool {
	if owner.OwnerID == "" {
		return false // imported: this write takes them over
	}
	var taken []*organization.Row
	for _, row := range rows {
		if row.OwnerID != owner.OwnerID {
			taken = append(taken, row)
		}
	}
	if len(taken) == 0 {
		return false
	}
	diags.AddError(fmt.Sprintf("Organization secret %q is assigned from elsewhere too", m.Secret.ValueString()), fmt.Sprintf(
		"Nothing was written. These projects were assigned, or taken over, by another resource or workspace: %s. Keep each assignment in one place: "+
			"remove it there; or remove this resource from the state and import it again, which takes them all over.", strings.Join(owners(taken), ", ")))
	return true
}

// Delete takes the secret from the projects of the state.
func (r *secretAssignmentsResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m secretAssignmentsModel
	diags := &resp.Diagnostics
	diags.Append(req.State.Get(ctx, &m)...)
	registry, owner := r.open(ctx, &m, req.Private, diags)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Delete, diags)
	defer cancel()
	rows, err := registry.Rows(ctx, m.Secret.ValueString())
	if err != nil {
		addError(diags, err)
		return
	}
	if r.isTaken(rows, owner, &m, diags) {
		return
	}
	failed := organization.InParallel(m.projects(), itself, func(project string) error {
		return registry.Unassign(ctx, m.Secret.ValueString(), project)
	})
	if len(failed) > 0 { // always an error: a warning would let the state forget what is still there
		diags.Append(resp.State.SetAttribute(ctx, path.Root("status"), string(secrets.DeleteFailed))...)
		diags.Append(resp.State.SetAttribute(ctx, path.Root("up_to_date"), false)...)
		diags.AddError(fmt.Sprintf("%d assignments of organization secret %q are not removed", len(failed), m.Secret.ValueString()),
			failed.String()+"\n\nWhat succeeded stays. Destroy again once that is settled.")
	}
}
