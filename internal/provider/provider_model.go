// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// providerModel is the provider block.
type providerModel struct {
	connectionModel
	Clusters          types.Map    `tfsdk:"clusters"`
	HomeCluster       types.String `tfsdk:"home_cluster"`
	PlatformNamespace types.String `tfsdk:"platform_namespace"`
	ProjectSelector   types.String `tfsdk:"project_selector"`
	ForceConflicts    types.Bool   `tfsdk:"force_conflicts"`
	Owner             types.String `tfsdk:"owner"`
}

// providerSettings are what resources and data sources need of the provider block.
type providerSettings struct {
	clusters        *cluster.Clusters
	namespace       string // the platform namespace
	projectSelector labels.Selector
	forceConflicts  bool
	owner           string
	run             runMemory
	unknown         []string // arguments that will be known only after apply; what connects to one of several clusters is not among them
}

// clustersFor returns the clusters; it is an error that they cannot be known yet. One of several that is not known counts as
// unavailable.
func (s *providerSettings) clustersFor(diags *diag.Diagnostics) *cluster.Clusters {
	if refuseUnknown(s.unknown, diags) {
		return nil
	}
	return s.clusters
}

// allClusters is clustersFor for a data source that reports what is in which cluster: the configuration would take what is
// missing there for deleted, and an apply that knows the cluster would then act on that.
func (s *providerSettings) allClusters(diags *diag.Diagnostics) *cluster.Clusters {
	for _, c := range s.clusters.All() {
		if refuseUnknown(c.Unknown(), diags) {
			return nil
		}
	}
	return s.clustersFor(diags)
}

func refuseUnknown(arguments []string, diags *diag.Diagnostics) bool {
	if len(arguments) > 0 {
		diags.AddError("The provider's configuration is not known yet", fmt.Sprintf(
			"The argument %s of the provider block will be known only after apply, but this operation needs the cluster. Add a depends_on on the resource that creates the cluster, or apply that resource first.", strings.Join(arguments, ", ")))
	}
	return len(arguments) > 0
}

// settings are made without a request. Unknown are the paths of what is not known yet.
func (m *providerModel) settings(
	ctx context.Context, version string, getenv func(string) string, unknown []string,
) (*providerSettings, diag.Diagnostics) {
	var diags diag.Diagnostics
	s := &providerSettings{forceConflicts: m.ForceConflicts.ValueBool(), owner: m.Owner.ValueString(), unknown: topLevel(unknown)}
	if s.owner == "" {
		s.owner = getenv("TFC_WORKSPACE_SLUG")
	}
	if s.namespace = m.PlatformNamespace.ValueString(); s.namespace == "" {
		s.namespace = airm.DefaultPlatformNamespace
	}
	selector, err := m.selector()
	if err != nil {
		diags.Append(invalidArgument(path.Root("project_selector"), err).diagnostic())
	}
	s.projectSelector = selector
	options := cluster.Options{UserAgent: airm.ProductName + "/" + version, ProjectSelector: selector}
	if !m.Clusters.IsNull() {
		s.clusters = m.named(ctx, options, getenv, unknown, &diags)
		return s, diags
	}
	connection, connected := m.config(ctx)
	diags.Append(connected...)
	s.clusters = cluster.NewClusters("", cluster.New(defaultCluster, connection.WithEnvironment(getenv), options))
	return s, diags
}

// defaultCluster is what the cluster is called where the provider block itself says how to connect.
const defaultCluster = "default"

// named returns the clusters that have names of the user's choice.
func (m *providerModel) named(
	ctx context.Context, options cluster.Options, getenv func(string) string, unknown []string, diags *diag.Diagnostics,
) *cluster.Clusters {
	var all []*cluster.Cluster
	for name, connection := range m.connections(ctx, diags) {
		config, connected := connection.config(ctx)
		diags.Append(connected...)
		at := path.Root("clusters").AtMapKey(name).String()
		config.Unknown = slices.DeleteFunc(slices.Clone(unknown), func(p string) bool { return !isWithin(p, at) })
		all = append(all, cluster.New(name, config.WithKubeconfig(getenv), options))
	}
	return cluster.NewClusters(m.HomeCluster.ValueString(), all...)
}

func (m *providerModel) connections(ctx context.Context, diags *diag.Diagnostics) map[string]connectionModel {
	connections := map[string]connectionModel{}
	if !m.Clusters.IsUnknown() {
		diags.Append(m.Clusters.ElementsAs(ctx, &connections, true)...)
	}
	return connections
}

func (m *providerModel) selector() (labels.Selector, error) {
	text := m.ProjectSelector.ValueString()
	if m.ProjectSelector.IsNull() || m.ProjectSelector.IsUnknown() {
		text = airm.DefaultProjectSelector
	}
	selector, err := labels.Parse(text)
	if err != nil {
		return selector, err
	}
	if selector.Empty() {
		return selector, fmt.Errorf("it selects every namespace, so every namespace would be a project. Set a label")
	}
	return selector, eso.CheckProjectSelector(selector)
}

// problems are arguments that contradict each other.
func (m *providerModel) problems(ctx context.Context) []problem {
	problems := checkString(m.PlatformNamespace, "platform_namespace", airm.CheckProject)
	problems = append(problems, m.connectionModel.problems(path.Empty())...)
	problems = append(problems, m.clustersProblems(ctx)...)
	if _, err := m.selector(); err != nil {
		problems = append(problems, invalidArgument(path.Root("project_selector"), err))
	}
	return problems
}

func (m *providerModel) clustersProblems(ctx context.Context) []problem {
	clusters, home := path.Root("clusters"), path.Root("home_cluster")
	if m.Clusters.IsNull() {
		if m.HomeCluster.IsNull() || m.HomeCluster.ValueString() == defaultCluster {
			return nil
		}
		return []problem{{paths: []path.Path{home, clusters}, summary: "home_cluster names one of clusters", detail: "The argument clusters is not set. Leave home_cluster out if the provider has only one cluster."}}
	}
	var problems []problem
	for name, value := range m.arguments() {
		if !unset(value) {
			problems = append(problems, problem{
				paths:   []path.Path{path.Root(name), clusters},
				summary: fmt.Sprintf("%s and clusters exclude each other", name),
				detail:  "Connection arguments in the provider block are for a single cluster. With clusters, each entry has its own. Move the argument into an entry of clusters.",
			})
		}
	}
	connections := m.connections(ctx, &diag.Diagnostics{})
	for name, connection := range connections {
		at := clusters.AtMapKey(name)
		if m.Clusters.Elements()[name].IsNull() {
			problems = append(problems, problem{paths: []path.Path{at}, summary: "Null in clusters",
				detail: "An entry that is null does not leave the cluster out. Leave out the entry itself, for example by a for expression with an if."})
		}
		if err := airm.CheckCluster(name); err != nil {
			problems = append(problems, invalidArgument(at, err))
		}
		problems = append(problems, connection.problems(at)...)
	}
	if len(connections) == 0 && !m.Clusters.IsUnknown() {
		problems = append(problems, problem{paths: []path.Path{clusters}, summary: "clusters names no cluster", detail: "Set at least one, or leave clusters out and set the connection arguments in the provider block itself."})
	}
	if _, named := connections[m.HomeCluster.ValueString()]; !named && !m.HomeCluster.IsNull() {
		problems = append(problems, problem{paths: []path.Path{home, clusters}, summary: "home_cluster names none of the clusters",
			detail: fmt.Sprintf("The provider block has no cluster %q, only %s. Correct the name.", m.HomeCluster.ValueString(), strings.Join(slices.Sorted(maps.Keys(connections)), ", "))})
	}
	return problems
}

// topLevel returns the arguments that attribute paths belong to, each once. Those of one of several clusters are left out.
func topLevel(paths []string) []string {
	var names []string
	for _, p := range paths {
		if strings.HasPrefix(p, "clusters[") {
			continue
		}
		name := p[:len(p)-len(strings.TrimLeft(p, "abcdefghijklmnopqrstuvwxyz_"))]
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
