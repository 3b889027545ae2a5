// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/objects"
)

// dataSourceBase holds the name and the settings of a data source.
type dataSourceBase struct {
	name     string
	settings *providerSettings
}

func (b *dataSourceBase) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + b.name
}

func (b *dataSourceBase) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	b.settings, _ = req.ProviderData.(*providerSettings)
}

// statusModel is the status of a synchronization, and which one to wait for.
type statusModel struct {
	Status       types.String `tfsdk:"status"`
	StatusReason types.String `tfsdk:"status_reason"`
	WaitFor      types.String `tfsdk:"wait_for"`
	Timeout      types.String `tfsdk:"timeout"`
}

// objectStatusModel is that of one object, in all clusters that have it.
type objectStatusModel struct {
	statusModel
	Clusters []clusterDataEntry `tfsdk:"clusters"`
}

// clusterDataEntry is how it stands in one cluster.
type clusterDataEntry struct {
	Cluster      types.String `tfsdk:"cluster"`
	Status       types.String `tfsdk:"status"`
	StatusReason types.String `tfsdk:"status_reason"`
	LastSyncedAt types.String `tfsdk:"last_synced_at"`
}

// statusAttributes are the attributes of statusModel.
func statusAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"status":        computedText("Status: `Pending`, `Synced`, `PartiallySynced`, `SyncedError`, `Failed`, `Deleting` or `DeleteFailed`; of an organization secret also `Unassigned`."),
		"status_reason": computedText("Why the object is not synced, with the cause that External Secrets Operator reports; or a restriction although it is synced. Otherwise null."),
		"wait_for": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{stringvalidator.OneOf(airm.Statuses()...)},
			MarkdownDescription: "A status to wait for. The read waits while the status is `Pending` or `Deleting` (for an " +
				"organization secret also `PartiallySynced`), and fails at once on every other status that is not the expected one. " +
				"Refer to the resource (`name = airm_project_secret.x.name`), so that the data source is read after the change was " +
				"applied.",
		},
		"timeout": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Maximum time to wait, such as `90s`. Defaults to `5m`.",
		},
	}
}

// objectStatusAttributes are the attributes of objectStatusModel.
func objectStatusAttributes() map[string]schema.Attribute {
	return mergeAttributes(statusAttributes(), map[string]schema.Attribute{
		"clusters": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Status in each cluster that has the object, sorted by name.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"cluster":        computedText("Name of the cluster in the provider block; `default` if it has only one."),
				"status":         computedText("Status there."),
				"status_reason":  computedText("Why the object is not synced in this cluster, or null."),
				"last_synced_at": computedText("When the values were last fetched there (RFC 3339), null if never."),
			}},
		},
	})
}

func computedText(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// observation is an object in one of the clusters.
type observation struct {
	cluster *cluster.Cluster
	object  *unstructured.Unstructured // nil where the cluster could not be asked, or it went while it was waited for
	sync    eso.Sync
	err     error
}

// read reads an object in all clusters and sets its status, after waiting for the one that is wanted.
// It returns the object as the first cluster has it, nil after an error.
func (m *objectStatusModel) read(
	ctx context.Context, settings *providerSettings, ref airm.Ref, status objects.StatusReader, diags *diag.Diagnostics,
) *unstructured.Unstructured {
	limit, ok := waitLimit(m.Timeout, diags)
	clusters := settings.clustersFor(diags)
	if !ok || diags.HasError() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	all, err := findEverywhere(ctx, clusters.All(), ref)
	if err != nil {
		addError(diags, err)
		return nil
	}
	if err := refuseSeveralProjects(ctx, clusters, ref, all); err != nil {
		addError(diags, err)
		return nil
	}
	cluster.ForEach(len(all), all, func(f *observation) { m.watch(ctx, f, ref, status) })
	m.set(all)
	m.checkWaitFor(ref, all, limit, diags)
	for _, f := range all {
		if f.object != nil {
			return f.object
		}
	}
	if !diags.HasError() {
		addError(diags, all[0].err)
	}
	return nil
}

// findEverywhere reads an object in the clusters that have it, and in those that cannot be asked. That
// it is nowhere is an error.
func findEverywhere(ctx context.Context, clusters []*cluster.Cluster, ref airm.Ref) ([]*observation, error) {
	var all []*observation
	var nowhere error
	read := func(c *cluster.Cluster) (*unstructured.Unstructured, error) { return c.Get(ctx, ref) }
	for _, result := range cluster.Gather(len(clusters), clusters, read) {
		switch err := result.Err; {
		case err == nil, len(clusters) > 1 && (cluster.IsUnanswered(err) || cluster.IsUnconfigured(err)):
			all = append(all, &observation{cluster: result.Item, object: result.Value, err: err})
		case errors.Is(err, cluster.ErrNoOperator): // it cannot have the object, which is an answer only where none can
			nowhere = cmp.Or(nowhere, err)
		case cluster.IsNotFound(err):
			nowhere = err
		default:
			return nil, err
		}
	}
	if len(all) == 0 {
		return nil, nowhere
	}
	slices.SortFunc(all, func(a, b *observation) int { return strings.Compare(a.cluster.Name(), b.cluster.Name()) })
	return all, nil
}

// refuseSeveralProjects refuses to combine what different projects, which only share a name, have of an object: the status of one would
// depend on the members of the other. Who may not read namespaces cannot know, and gets all.
func refuseSeveralProjects(ctx context.Context, clusters *cluster.Clusters, ref airm.Ref, all []*observation) error {
	if ref.Project == "" || len(all) < 2 {
		return nil
	}
	_, err := clusters.LocateProjectCached(ctx, ref.Project, nil)
	if errors.Is(err, cluster.ErrSeveralProjects) {
		return err
	}
	return nil
}

// watch reads the status in one cluster, after waiting there for the one of wait_for.
func (m *objectStatusModel) watch(ctx context.Context, f *observation, ref airm.Ref, status objects.StatusReader) {
	if f.object == nil {
		f.sync = eso.Sync{Status: airm.SyncedError, Reason: fmt.Sprintf("The cluster is unavailable: %s", f.err)}
		return
	}
	f.sync = status(f.object.Object, time.Time{}, f.cluster.Now())
	wanted := airm.Status(m.WaitFor.ValueString())
	if wanted == "" || !objects.InProgress(f.sync.Status) || f.sync.Status == wanted {
		f.sync.Reason = f.cluster.Reason(context.WithoutCancel(ctx), f.object, f.sync)
		return
	}
	f.wait(ctx, ref, status, wanted)
	if f.object == nil {
		f.sync = eso.Sync{Status: airm.SyncedError, Reason: "The object was deleted while the data source waited for its status."}
		f.err = &cluster.Error{Summary: fmt.Sprintf("%s is gone", ref), Detail: fmt.Sprintf("It was deleted from cluster %q while the data source waited for its status.", f.cluster.Name())}
	}
}

// wait follows the object until it has a status, or one that does not change by itself.
func (f *observation) wait(ctx context.Context, ref airm.Ref, status objects.StatusReader, wanted airm.Status) {
	watch, err := f.cluster.Watch(ctx, ref)
	if err != nil {
		f.err = err
		f.sync.Reason = f.cluster.Reason(context.WithoutCancel(ctx), f.object, f.sync)
		return
	}
	defer watch.Stop()
	result := objects.Wait{Cluster: f.cluster, Watch: watch, Reader: status}.ForStatus(ctx, f.object, wanted)
	f.object, f.sync, f.err = result.Object, result.Sync, result.Err
}

// set fills in how the object stands everywhere.
func (m *objectStatusModel) set(all []*observation) {
	var statuses []airm.Status
	var reasons []string
	m.Clusters = nil
	for _, f := range all {
		statuses = append(statuses, f.sync.Status)
		entry := clusterDataEntry{Cluster: types.StringValue(f.cluster.Name()), Status: types.StringValue(string(f.sync.Status)),
			StatusReason: optional(f.sync.Reason), LastSyncedAt: moment(f.sync.LastSynced)}
		m.Clusters = append(m.Clusters, entry)
		switch {
		case f.sync.Reason == "":
		case len(all) == 1:
			reasons = append(reasons, f.sync.Reason)
		default:
			reasons = append(reasons, fmt.Sprintf("Cluster %q, status %s: %s", f.cluster.Name(), f.sync.Status, f.sync.Reason))
		}
	}
	m.Status, m.StatusReason = types.StringValue(string(airm.Aggregate(statuses))), optional(strings.Join(reasons, "\n"))
}

// checkWaitFor fails if the status is not the one of wait_for.
func (m *objectStatusModel) checkWaitFor(ref airm.Ref, all []*observation, limit time.Duration, diags *diag.Diagnostics) {
	wanted := m.WaitFor.ValueString()
	if wanted == "" || m.Status.ValueString() == wanted {
		return
	}
	var lines []string
	for _, f := range all {
		line := fmt.Sprintf("Cluster %q, status %s.", f.cluster.Name(), f.sync.Status)
		if f.sync.Reason != "" {
			line = fmt.Sprintf("Cluster %q, status %s: %s", f.cluster.Name(), f.sync.Status, f.sync.Reason)
		}
		switch {
		case errors.Is(f.err, context.DeadlineExceeded):
			line += fmt.Sprintf(" Timed out after %s; raise timeout.", limit)
		case f.err != nil:
			addError(diags, f.err)
			return
		}
		lines = append(lines, line)
	}
	diags.AddAttributeError(path.Root("wait_for"), fmt.Sprintf("%s is not %s", ref, wanted), strings.Join(lines, "\n"))
}
