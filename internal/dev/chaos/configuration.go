// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"maps"
	"slices"
)

// The clusters, as the provider block names them, and their contexts in KUBECONFIG.
const (
	home = "home"
	east = "east"
)

var contexts = map[string]string{home: "default", east: "east"}

// testProject is a project made for this run.
type testProject struct {
	name     string
	clusters []string // that hold it
}

// names are those of what a run makes.
type names struct {
	run      string
	platform string
	store    string // in every project; ESO's fake backend keeps values by the store's name
	ownStore string // the one that a workspace manages
	projects []testProject
}

func newNames(run string) names {
	n := names{run: run, platform: "chaos-" + run + "-platform", store: "chaos-" + run, ownStore: "chaos-" + run + "-own"}
	for i, clusters := range [][]string{{home, east}, {home, east}, {home, east}, {home, east}, {home}, {east}} {
		n.projects = append(n.projects, testProject{name: fmt.Sprintf("chaos-%s-%d", run, i), clusters: clusters})
	}
	return n
}

// every returns every second project, from the first or from the second one on.
func (n names) every(second int) []testProject {
	var some []testProject
	for i := second; i < len(n.projects); i += 2 {
		some = append(some, n.projects[i])
	}
	return some
}

func (n names) find(name string) testProject {
	return n.projects[slices.IndexFunc(n.projects, func(p testProject) bool { return p.name == name })]
}

// secretContent is what a secret holds. A number of 0 means that the configuration leaves the argument out.
type secretContent struct {
	key      int // which of the store's values
	hours    int // the refresh interval
	label    int
	template int
}

// placement is where a secret belongs, and what its resource adds there.
type placement struct {
	label    int
	clusters []string // empty: all that hold the project
}

// projectSecret is an airm_project_secret.
type projectSecret struct {
	secretContent
	placement
}

// set is an airm_secret_assignments.
type set struct {
	placement
	projects map[string]bool
}

// workspaceConfig is that of one workspace.
type workspaceConfig struct {
	names
	workspace string                   // "one" or "two"
	optional  string                   // the organization secret of this workspace that comes and goes
	mayAssign map[string][]testProject // by organization secret, with single assignments

	defined  map[string]*secretContent        // organization secrets
	assigned map[string]map[string]*placement // single assignments by organization secret and project
	sets     map[string]*set                  // by organization secret
	secrets  map[string]*projectSecret        // by "project/name"
	own      int                              // version of the store and its secret, 0 for none
	hasOwn   bool                             // whether there may be a store
}

// owner is the provider's argument.
func (c *workspaceConfig) owner() string { return "chaos/" + c.workspace }

// The organization secrets.
const (
	sharedName = "shared" // of workspace one, assigned by both
	extraName  = "extra"  // of workspace one
	secondName = "second" // of workspace two, with all its projects in one resource
)

// newConfigurations returns what both workspaces begin with.
func newConfigurations(n names) []*workspaceConfig {
	one := newConfiguration(n, "one", extraName)
	one.mayAssign = map[string][]testProject{sharedName: n.every(0), extraName: n.projects}
	one.defined[sharedName] = &secretContent{key: 1, hours: 1}
	one.own, one.hasOwn = 1, true
	one.assigned[sharedName] = map[string]*placement{n.projects[0].name: {}, n.projects[4].name: {}}

	two := newConfiguration(n, "two", secondName)
	two.mayAssign = map[string][]testProject{sharedName: n.every(1)}
	two.defined[secondName] = &secretContent{key: 2, hours: 2}
	two.assigned[sharedName] = map[string]*placement{n.projects[1].name: {}, n.projects[5].name: {}}
	two.sets[secondName] = &set{projects: map[string]bool{n.projects[0].name: true, n.projects[1].name: true}}
	for i, c := range []*workspaceConfig{one, two} {
		c.secrets[n.projects[i].name+"/"+c.workspace+"-a"] = &projectSecret{secretContent: secretContent{key: 3, hours: 3}}
	}
	return []*workspaceConfig{one, two}
}

func newConfiguration(n names, workspace, optional string) *workspaceConfig {
	return &workspaceConfig{
		names: n, workspace: workspace, optional: optional,
		defined: map[string]*secretContent{}, assigned: map[string]map[string]*placement{},
		sets: map[string]*set{}, secrets: map[string]*projectSecret{},
	}
}

// placed returns the clusters in which a secret belongs into a project.
func (c *workspaceConfig) placed(project string, p placement) []string {
	var where []string
	for _, cluster := range c.find(project).clusters {
		if len(p.clusters) == 0 || slices.Contains(p.clusters, cluster) {
			where = append(where, cluster)
		}
	}
	return where
}

// sorted returns the keys of a map in an order that does not change from run to run, never nil.
func sorted[V any](m map[string]V) []string {
	keys := slices.AppendSeq([]string{}, maps.Keys(m))
	slices.Sort(keys)
	return keys
}
