// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
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
		keys: []recordKey{
			{name: "secret", description: "The name of the organization secret.", example: "hf-token", check: airm.CheckName},
		},
	}}
}

func (r *secretAssignmentsResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version: schemaVersion(r.name),
		MarkdownDescription: "The exclusive list of the projects that have an organization secret. Projects that are not listed lose " +
			"the secret: the plan warns and names these projects, and apply removes the secret from these projects only. Creating the " +
			"resource fails if other projects have the secret, or if listed projects were assigned elsewhere; in this case import it " +
			"first. Do not use it together with `airm_secret_assignment` for the same secret.",
		Attributes: commonAttributes(ctx, map[string]schema.Attribute{
			"secret": schema.StringAttribute{
				Required:      true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				MarkdownDescription: "Name of the organization secret. Refer to the attribute of its resource, so that the secret is " +
					"created first. Changing it replaces the resource.",
			},
			"projects": schema.SetAttribute{Required: true, ElementType: types.StringType, CustomType: newNameSetType(),
				MarkdownDescription: "Names of the projects. With an empty set, no project has the secret."},
			"project_ids": schema.MapAttribute{Computed: true, ElementType: types.StringType,
				MarkdownDescription: "AIRM's IDs of the projects, by project: the label `airm.silogen.ai/project-id` of the namespace, " +
					"empty if it has none. If a project is deleted and a new one gets its name, the plan shows the changed ID with a " +
					"warning. The new project does not get the secret until you apply the change."},
			"clusters": assignmentClustersAttribute(),
			"on_sync_failure": onSyncFailureAttribute("The assignments are in the state in both cases, and the next apply waits again. " +
				"A create only warns: an error would taint the resource, and its replacement would remove the secret from all projects."),
		}),
	}
}

// Create assigns the secret to every listed project. Before any write it is refused where that
// would touch what others assigned. A project that fails is only warned of: an error would taint,
// and replacing removes the secret from all.
func (r *secretAssignmentsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m secretAssignmentsModel
	diags := &resp.Diagnostics
	diags.Append(req.Plan.Get(ctx, &m)...)
	registry, _ := r.open(ctx, &m, &m, resp.Private, diags)
	if registry == nil || r.validate(&m, diags) {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Create, diags)
	defer cancel()
	if _, err := registry.Definition(ctx, m.Secret.ValueString()); err != nil {
		addError(diags, organization.Missing(m.Secret.ValueString(), err))
		return
	}
	assigned, err := registry.Rows(ctx, m.Secret.ValueString())
	if err != nil {
		addError(diags, err)
		return
	}
	existing, left := r.leftBehind(&m, assigned)
	if !left {
		diags.AddError(fmt.Sprintf("Organization secret %q is assigned already", m.Secret.ValueString()), fmt.Sprintf(
			"Another resource or workspace assigned it to these projects: %s. Nothing was written. %s", organization.Owners(assigned), r.importHint(m.Secret.ValueString())))
		return
	}
	owner := recordOwnership{OwnerID: newOwnerID()}.locate(ctx, registry)
	failed, owner, rows := r.assign(ctx, ownedRecords{registry, owner}, &assignmentSet{m: &m, existing: existing}, diags)
	for _, row := range rows {
		r.settings.run.use(row.UID(), useTakenUp) // so that the destroy of what this replaces leaves it alone
	}
	registry.Confirm(ctx, rows...)
	m.setProjectIDs(recordedProjects(rows))
	diags.Append(owner.save(ctx, resp.Private, registry, &m)...)
	diags.Append(m.recordOutcome(ctx, registry, failed, diag.SeverityWarning)...)
	diags.Append(resp.State.Set(ctx, &m)...)
	diags.Append(r.setIdentity(ctx, resp.Identity, &m)...)
}

// isLeftBehind reports whether a killed run of this workspace made a row, and no state knows of it.
func (r *secretAssignmentsResource) isLeftBehind(row *organization.Row) bool {
	return row.IsLeftBehind(r.settings.owner)
}

// leftBehind finds the rows that a killed create of this workspace left. It reports whether there are no others, and none
// of a project that is not listed.
func (r *secretAssignmentsResource) leftBehind(
	m *secretAssignmentsModel, rows []*organization.Row,
) (existing map[string]organization.Known, only bool) {
	existing = map[string]organization.Known{}
	for _, row := range rows {
		if !r.isLeftBehind(row) || !slices.Contains(m.projects(), row.Project) {
			return nil, false
		}
		existing[row.Project] = organization.Known{UID: row.UID()}
	}
	return existing, true
}

// assignmentSet is what is to be assigned: the assignments of a model, of which some exist.
type assignmentSet struct {
	m         *secretAssignmentsModel
	existing  map[string]organization.Known
	triggered bool // the user's triggers changed, so ESO syncs the copies again

	missed bool // a sync could not be requested of every copy that exists
}

// assign brings all listed projects to the secret, in parallel, and returns what failed, which records the state has
// then, and those that were written. Those in existing have a row already. What waits for an unavailable cluster is a warning.
func (r *secretAssignmentsResource) assign(
	ctx context.Context, owned ownedRecords, wantedSet *assignmentSet, diags *diag.Diagnostics,
) (failed organization.Failures, known recordOwnership, rows []*organization.Row) {
	m, existing, owner := wantedSet.m, wantedSet.existing, owned.owner
	var wanted []airm.Assignment
	for _, project := range m.projects() {
		wanted = append(wanted, m.record(project, owner, r.settings))
	}
	owner = owner.withRows(nil)
	for project, row := range existing { // one that cannot be written stays the state's
		owner.Rows[project] = row.UID
	}
	if len(wanted) == 0 {
		return nil, owner, nil
	}
	open := watchAllNamespaces(ctx, r.settings.clusters.All(), wanted[0].Ref())
	defer open.stop()
	done := owned.registry.AssignAll(ctx, wanted, existing)
	warnUnseen(diags, unseenSecrets(done...)...)
	var waiting organization.Failures
	for _, assigned := range done {
		failed, waiting = append(failed, assigned.Failures()...), append(waiting, assigned.Waiting()...)
		if assigned.Row != nil {
			owner.Rows[assigned.Project] = assigned.Row.UID()
			rows = append(rows, assigned.Row)
		}
		if _, exists := existing[assigned.Project]; exists && assigned.Unreached {
			wantedSet.missed = true
		}
	}
	if len(waiting) > 0 {
		diags.AddWarning(fmt.Sprintf("Organization secret %q is not in every cluster yet", m.Secret.ValueString()),
			waiting.String()+completesLater)
	}
	return append(failed, wantedSet.awaitSync(ctx, done)...), owner, rows
}

// awaitSync waits for all that was placed, at once: most of the time nothing is done but waiting.
func (s *assignmentSet) awaitSync(ctx context.Context, done []organization.Assigned) (failed organization.Failures) {
	var all []organization.PlacedCopy
	for _, assigned := range done {
		all = append(all, assigned.Placed...)
	}
	wait := func(placed organization.PlacedCopy) (requested bool, _ error) { return s.awaitCopy(ctx, placed) }
	for _, result := range cluster.Gather(len(all), all, wait) {
		s.missed = s.missed || !result.Value
		if placed := result.Item; result.Err != nil {
			failed = append(failed, organization.Failure{
				Project: placed.Object.GetNamespace(), Cluster: placed.Cluster.Name(), Err: result.Err,
			})
		}
	}
	return failed
}

// awaitCopy waits for one copy, and reports whether a sync was requested, if it was to be.
func (s *assignmentSet) awaitCopy(ctx context.Context, placed organization.PlacedCopy) (requested bool, _ error) {
	ref := airm.Assignment{Secret: placed.Object.GetName(), Project: placed.Object.GetNamespace()}.Ref()
	watch, err := placed.Cluster.WatchAllNamespaces(ctx, ref)
	if err != nil {
		return false, err
	}
	defer watch.Stop()
	wait := objects.Wait{Cluster: placed.Cluster, Watch: watch, Reader: eso.ExternalSecretSync}
	if s.triggered {
		if err := wait.RequestSync(ctx, ref); err != nil {
			return false, err
		}
	}
	result := waitSynced(ctx, wait, s.m.common(), "", placed.Object)
	if result.ok {
		return true, nil
	}
	return true, fmt.Errorf("%s: %s%s", result.Sync.Status, result.Sync.Reason, result.timeUp())
}

// recordOutcome sets the computed attributes, and returns a diagnostic of what failed.
func (m *secretAssignmentsModel) recordOutcome(
	ctx context.Context, registry *organization.Registry, failed organization.Failures, severity diag.Severity,
) (diags diag.Diagnostics) {
	status, waiting := airm.Pending, false
	if now, err := registry.Status(context.WithoutCancel(ctx), m.Secret.ValueString()); err == nil {
		status = now.Status
		for _, assignment := range now.Assignments {
			waiting = waiting || len(assignment.Waiting) > 0
		}
		warnUnrecorded(now, withoutNames(now.Unrecorded, m.projects()), &diags)
	}
	m.setComputed(m.Secret.ValueString(), status, len(failed) == 0 && !waiting)
	if len(failed) == 0 {
		return diags
	}
	projects := countNoun(len(failed.Projects()), "project")
	summary := fmt.Sprintf("Organization secret %q is not up to date in %s", m.Secret.ValueString(), projects)
	addDiagnostic(&diags, severity, summary, failed.String()+retriesTheRest)
	return diags
}

// warnUnrecorded warns of projects that are not listed and have copies without a record: to remove these, a plan is to show it first.
func warnUnrecorded(status *organization.SecretStatus, projects []string, diags *diag.Diagnostics) {
	if len(projects) > 0 {
		diags.AddWarning(fmt.Sprintf("Organization secret %q has copies without a record", status.Name), fmt.Sprintf(
			"These projects are not listed and have its ExternalSecret, although no record says that the secret is assigned there: %s. They stay as they are until the next plan, which shows these projects as assigned. Apply it to remove the secret there, or list the projects to keep it.", strings.Join(projects, ", ")))
	}
}

func (r *secretAssignmentsResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m secretAssignmentsModel
	diags := &resp.Diagnostics
	registry, owner := r.beginRead(ctx, req, resp, &m)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Read, diags)
	defer cancel()
	status, err := registry.Status(ctx, m.Secret.ValueString())
	if cluster.IsNotFound(err) && !m.isImported() && registry.CheckHome(ctx, owner.known()) == nil {
		var kept bool
		if kept, err = m.readWithoutDefinition(ctx, registry, err, resp); kept {
			return
		}
	}
	if err != nil {
		r.handleRecordError(ctx, err, &m, ownedRecords{registry, owner}, resp)
		return
	}
	owner = owner.learn(status)
	own, taken := status.Rows(), []string(nil)
	if !m.isImported() {
		own, taken = r.divide(status, owner)
	}
	if !m.isImported() && len(own) == 0 && errors.Is(registry.CheckHome(ctx, owner.known()), organization.ErrAnotherHome) {
		reason := organization.ErrAnotherHome
		if len(taken) > 0 {
			reason = organization.ErrAnotherRecord
		}
		diags.AddWarning(r.explainElsewhere(&m, reason, registry).text())
		return
	}
	warnAssignedElsewhere(status.Name, taken, diags)
	warnTerminating(ctx, fmt.Sprintf("An assignment of organization secret %q", status.Name), status.Copies(), diags)
	warnProjectsGone(fmt.Sprintf("organization secret %q", status.Name), status.Assignments, diags)
	m.warnInDoubt(status, diags)
	m.readAssignments(status, own)
	diags.Append(noteProjects(ctx, &m, status.Assignments, resp.Private)...)
	diags.Append(owner.withRows(own).locate(ctx, registry).save(ctx, resp.Private, registry, &m)...)
	diags.Append(resp.State.Set(ctx, &m)...)
}

// warnAssignedElsewhere warns of projects that another resource or workspace has assigned the secret to; none is fine.
func warnAssignedElsewhere(secret string, projects []string, diags *diag.Diagnostics) {
	if len(projects) > 0 {
		diags.AddWarning(fmt.Sprintf("Organization secret %q is assigned from elsewhere too", secret), fmt.Sprintf(
			"These projects were assigned, or taken over, by another resource or workspace: %s. An update that would change these assignments fails. Keep each assignment in one place: list the projects here and remove them there, or import this resource again to take over all assignments.", strings.Join(projects, ", ")))
	}
}

// warnInDoubt warns of the clusters because of which projects without a record stay in the state.
func (m *secretAssignmentsModel) warnInDoubt(status *organization.SecretStatus, diags *diag.Diagnostics) {
	projects := m.inDoubt(status)
	if len(projects) == 0 {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(status.Unasked)) {
		message := messageOf(status.Unasked[name])
		diags.AddWarning(message.Summary, message.Detail+fmt.Sprintf(
			" These projects have no record of an assignment of organization secret %q any more, and may have a copy in that cluster, so they stay in the state: %s.", status.Name, strings.Join(projects, ", ")))
	}
}

// divide returns the rows that are this resource's, and the projects of the others.
func (r *secretAssignmentsResource) divide(
	status *organization.SecretStatus, owner recordOwnership,
) (own []*organization.Row, taken []string) {
	for _, assignment := range status.Assignments {
		if owner.hasRow(assignment.Row) || r.isLeftBehind(assignment.Row) {
			own = append(own, assignment.Row)
		} else {
			taken = append(taken, assignment.Project)
		}
	}
	return own, taken
}

// readWithoutDefinition keeps assignments in the state whose organization secret has lost its record, and reports whether it did: projects
// still have the secret, with records or without, or a cluster does not say whether they have. Missing is the error otherwise.
func (m *secretAssignmentsModel) readWithoutDefinition(
	ctx context.Context, registry *organization.Registry, missing error, resp *resource.ReadResponse,
) (kept bool, _ error) {
	secret, diags := m.Secret.ValueString(), &resp.Diagnostics
	rows, err := registry.Rows(ctx, secret)
	if err != nil {
		return false, err // it is not known whether projects have the secret
	}
	copies, unasked := registry.FindCopies(ctx, secret)
	projects := copies.Projects()
	for _, row := range rows {
		projects = append(projects, row.Project)
	}
	if unasked != nil {
		keepState(unasked, diags)
		projects = append(projects, m.projects()...)
	}
	if len(projects) == 0 {
		return false, missing
	}
	slices.Sort(projects)
	m.setProjects(slices.Compact(projects))
	m.setComputed(secret, airm.Failed, false)
	if len(copies)+len(rows) > 0 {
		diags.AddWarning(definitionGone(secret, strings.Join(m.projects(), ", ")).text())
	}
	diags.Append(resp.State.Set(ctx, m)...)
	return true, nil
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
	existing, ok := r.ownRows(ctx, ownedRecords{registry, owner}, &m, &before, diags)
	if !ok {
		return
	}
	if owner.OwnerID == "" {
		owner.OwnerID = newOwnerID()
	}
	revoked := withoutNames(before.projects(), m.projects())
	left := registry.UnassignAll(ctx, m.Secret.ValueString(), revoked, owner.OwnerID)
	for _, project := range revoked {
		if !left.Concern(project) {
			delete(existing, project)
		}
	}
	set := &assignmentSet{m: &m, existing: existing, triggered: m.requestsSync(before.common())}
	assigned, owner, rows := r.assign(ctx, ownedRecords{registry, owner}, set, diags)
	explainLeft(ctx, registry, diags)
	registry.Confirm(ctx, rows...)
	m.setProjectIDs(recordedProjects(rows))
	diags.Append(owner.save(ctx, resp.Private, registry, &m)...)
	// A project that still has the secret is always an error: a warning would let the state forget it.
	warns := m.onlyWarns() && len(left) == 0
	diags.Append(m.recordOutcome(ctx, registry, append(left, assigned...), errorUnless(warns))...)
	if len(left) > 0 {
		m.setProjects(append(m.projects(), left.Projects()...))
	}
	if set.triggered && set.missed {
		m.keepTriggers(before.common(), diags)
	}
	diags.Append(resp.State.Set(ctx, &m)...)
}

// ownRows returns the projects that have the secret. It refuses an exclusive write to assignments that another state has
// made or taken over.
func (r *secretAssignmentsResource) ownRows(
	ctx context.Context, owned ownedRecords, m, state *secretAssignmentsModel, diags *diag.Diagnostics,
) (existing map[string]organization.Known, ok bool) {
	registry, owner := owned.registry, owned.owner
	rows, err := state.allRows(ctx, registry)
	if err != nil {
		addError(diags, err)
		return nil, false
	}
	existing = map[string]organization.Known{}
	var taken []*organization.Row
	for _, row := range rows {
		existing[row.Project] = organization.Known{UID: row.UID()}
		if !owner.hasRow(row) && !r.isLeftBehind(row) {
			taken = append(taken, row)
		}
	}
	if len(rows) == 0 || len(taken) == len(rows) {
		if err := registry.CheckHome(ctx, owner.known()); err != nil {
			r.explainWrite(err, m, registry, diags)
			return nil, false
		}
	}
	if len(taken) == 0 {
		return existing, true
	}
	diags.AddError(fmt.Sprintf("Organization secret %q is assigned from elsewhere too", m.Secret.ValueString()), fmt.Sprintf(
		"Nothing was written. These projects were assigned, or taken over, by another resource or workspace: %s. Keep each assignment in one place: remove it there; or remove this resource from the state and import it again, which takes over all assignments.", organization.Owners(taken)))
	return nil, false
}

// allRows returns the rows of the organization secret: those that a list finds, and those of the state's projects that have lost the
// labels of a list.
func (m *secretAssignmentsModel) allRows(ctx context.Context, registry *organization.Registry) ([]*organization.Row, error) {
	rows, err := registry.Rows(ctx, m.Secret.ValueString())
	if err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	for _, row := range rows {
		listed[row.Project] = true
	}
	for _, project := range m.projects() {
		if listed[project] {
			continue
		}
		row, err := registry.Row(ctx, m.Secret.ValueString(), project)
		switch {
		case err == nil:
			rows = append(rows, row)
		case !cluster.IsNotFound(err):
			return nil, err
		}
	}
	return rows, nil
}

// Delete takes the secret from the projects of the state.
func (r *secretAssignmentsResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m secretAssignmentsModel
	diags := &resp.Diagnostics
	registry, owner := r.beginDelete(ctx, req, resp, &m)
	if registry == nil {
		return
	}
	ctx, cancel := r.timeout(ctx, m.Timeouts.Delete, diags)
	defer cancel()
	existing, ok := r.ownRows(ctx, ownedRecords{registry, owner}, &m, &m, diags)
	if !ok {
		return
	}
	projects := slices.DeleteFunc(m.projects(), func(project string) bool {
		return !r.mayDelete(existing[project].UID, "Assignment "+m.Secret.ValueString()+"/"+project, diags)
	})
	failed := registry.UnassignAll(ctx, m.Secret.ValueString(), projects, owner.OwnerID)
	explainLeft(ctx, registry, diags)
	if len(failed) > 0 { // always an error: a warning would let the state forget what is still there
		diags.Append(resp.State.SetAttribute(ctx, path.Root("status"), string(airm.DeleteFailed))...)
		diags.Append(resp.State.SetAttribute(ctx, path.Root("up_to_date"), false)...)
		projects := countNoun(len(failed.Projects()), "project")
		diags.AddError(fmt.Sprintf("Organization secret %q was not removed from %s", m.Secret.ValueString(), projects),
			failed.String()+"\n\nThe successful removals are kept. Fix the causes, then destroy again.")
	}
}
