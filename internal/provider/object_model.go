// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/organization"
)

// commonModel holds the arguments and attributes that all resources have in common.
type commonModel struct {
	ID             types.String   `tfsdk:"id"`
	Labels         types.Map      `tfsdk:"labels"`
	Annotations    types.Map      `tfsdk:"annotations"`
	WaitForSync    types.Bool     `tfsdk:"wait_for_sync"`
	OnSyncFailure  types.String   `tfsdk:"on_sync_failure"`
	ForceConflicts types.Bool     `tfsdk:"force_conflicts"`
	SyncTriggers   types.Map      `tfsdk:"sync_triggers"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
	Status         types.String   `tfsdk:"status"`
	UpToDate       types.Bool     `tfsdk:"up_to_date"`
	UIDs           types.Map      `tfsdk:"uids"`

	keepUIDs bool // see keepPlannedUIDs
}

// objectModel adds the name that most resources have.
type objectModel struct {
	commonModel
	Name types.String `tfsdk:"name"`
}

// planModel is a model as validation and planning see it.
type planModel interface {
	common() *commonModel
	// problems are what is wrong with the configuration, seen without a cluster.
	problems() []problem
}

// hasPlanWarnings is a model that warns in a plan; before is nil when the resource is created.
type hasPlanWarnings interface {
	planWarnings(before planModel) []problem
}

// planWarnings returns the warnings of the plan of a model.
func planWarnings(m, before planModel) []problem {
	if m, ok := m.(hasPlanWarnings); ok {
		return m.planWarnings(before)
	}
	return nil
}

// modelBefore returns the model of the state before a plan, nil when the resource is created.
func modelBefore[M planModel](before planModel) M {
	model, _ := before.(M)
	return model
}

// objectKind describes a resource that is one object in the cluster. objectResource does
// everything else with it.
type objectKind interface {
	newModel() kindModel
	parseID(id string) (airm.Ref, error)
	// clusterWide reports whether such an object may belong to no project.
	clusterWide() bool
}

// kindModel is the model of a resource for one object: its whole plan or state.
type kindModel interface {
	planModel
	ref() airm.Ref
	// only are the names of the clusters that it is narrowed to, nil for all.
	only() []string
	// narrowTo narrows it to the clusters of these names.
	narrowTo(names []string)

	// declaredForm says how the arguments were written, for an import of the object later.
	declaredForm() string
	// render returns the whole desired object, but for what trackedModel adds.
	render(stamp eso.Stamp, settings *providerSettings) map[string]any
	// fill sets the arguments from (a part of) an object.
	fill(ctx context.Context, object map[string]any) diag.Diagnostics
	// compute sets the computed attributes that only this kind has.
	compute(live map[string]any)
	// sync returns the status of the synchronization of the live object.
	sync(live map[string]any, requestedAt, now time.Time) eso.Sync
}

// trackedModel is the model of an object that AIRM's agent knows, by an id.
type trackedModel interface {
	// track puts into a rendered object what AIRM's agent knows it by: the id of ours, or that of the live one.
	track(object, live map[string]any, id string)
	// fillRegistration sets, from an imported object, whether AIRM lists it; the id is what AIRM's agent knows ours by.
	fillRegistration(live map[string]any, id string)
}

// hasWriteOnly is a model with write-only arguments: a plan does not have them.
type hasWriteOnly interface {
	readWriteOnly(ctx context.Context, config tfsdk.Config) diag.Diagnostics
}

func (m *commonModel) common() *commonModel { return m }

// isImported reports whether the state has nothing but the import ID.
func (m *commonModel) isImported() bool { return m.ID.IsNull() }

// waits reports whether apply waits for the synchronization; it does by default.
func (m *commonModel) waits() bool { return m.WaitForSync.IsNull() || m.WaitForSync.ValueBool() }

// onlyWarns reports whether a failed synchronization is a warning instead of an error.
func (m *commonModel) onlyWarns() bool { return m.OnSyncFailure.ValueString() == onSyncFailureWarn }

// requestsSync reports whether the triggers have changed, so that ESO syncs again.
func (m *commonModel) requestsSync(before *commonModel) bool {
	return !m.SyncTriggers.Equal(before.SyncTriggers)
}

// keepTriggers leaves the triggers in the state as they were, because ESO was not asked to sync every copy: so the next apply asks
// again. This is an error also where a failed synchronization only warns: without one, the state has to be as planned.
func (m *commonModel) keepTriggers(before *commonModel, diags *diag.Diagnostics) {
	m.SyncTriggers = before.SyncTriggers
	diags.AddAttributeError(path.Root("sync_triggers"), "The sync was not requested everywhere",
		"External Secrets Operator was not asked to sync every copy; the other messages say where and why. The state keeps the previous sync_triggers, and the next apply requests the sync again.")
}

func (m *commonModel) forces(settings *providerSettings) bool {
	if m.ForceConflicts.IsNull() {
		return settings.forceConflicts
	}
	return m.ForceConflicts.ValueBool()
}

// setComputed sets the computed attributes that all resources have in common.
func (m *commonModel) setComputed(id string, status airm.Status, upToDate bool) {
	m.ID = types.StringValue(id)
	m.Status = types.StringValue(string(status))
	m.UpToDate = types.BoolValue(upToDate)
	if m.UIDs.IsUnknown() { // not set yet
		m.UIDs = types.MapNull(types.StringType)
	}
}

// setHealth records the health of a secret of the organization, or of an assignment. If it is unknown, the last status stays. What
// was not seen Synced since it was applied is not up to date.
func (m *commonModel) setHealth(id string, now organization.Health) {
	if !m.isImported() {
		if now.Unknown {
			now.Status = airm.Status(m.Status.ValueString())
		}
		synced := now.Status == airm.Synced || now.Status == airm.Unassigned
		if before := m.UpToDate.ValueBool(); !before && (now.Unavailable || m.waits() && !synced) {
			now.UpToDate = false
		}
	}
	m.setComputed(id, now.Status, now.UpToDate)
}

// metadataProblems checks labels and annotations.
func (m *commonModel) metadataProblems() []problem {
	problems := checkLabels(m.Labels, "labels", airm.CheckLabel)
	return append(problems, checkLabels(m.Annotations, "annotations", airm.CheckAnnotation)...)
}

// objectProblems checks the arguments that every object has.
func (m *objectModel) objectProblems() []problem {
	return append(m.metadataProblems(), checkString(m.Name, "name", airm.CheckName)...)
}

// fillMetadata sets labels and annotations from an object; those of others' domains are not ours to
// declare.
func (m *commonModel) fillMetadata(object map[string]any) {
	m.Labels = stringMap(declarable(jsonvalue.MapAt(object, "metadata", "labels")), m.Labels)
	m.Annotations = stringMap(declarable(jsonvalue.MapAt(object, "metadata", "annotations")), m.Annotations)
}

func declarable(entries map[string]any) map[string]string {
	own := map[string]string{}
	for key, value := range entries {
		text, ok := value.(string)
		if ok && !airm.Reserved(key) && !(key == airm.LabelManagedBy && text == airm.ManagedByValue) {
			own[key] = text
		}
	}
	return own
}
