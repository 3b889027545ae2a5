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

// project is a project made for this run.
type project struct {
	name     string
	clusters []string // that hold it
}

// names are those of what a run makes.
type names struct {
	run      string
	platform string
	store    string // in every project; ESO's fake backend keeps values by the store's name
	ownStore string // the one that a workspace manages
	projects []project
}

func newNames(run string) names {
	n := names{run: run, platform: "chaos-" + run + "-platform", store: "chaos-" + run, ownStore: "chaos-" + run + "-own"}
	for i, clusters := range [][]string{{home, east}, {home, east}, {home, east}, {home, east}, {home}, {east}} {
		n.projects = append(n.projects, project{name: fmt.Sprintf("chaos-%s-%d", run, i), clusters: clusters})
	}
	return n
}

// every returns every second project, from the first or from the second one on.
func (n names) every(second int) []project {
	var some []project
	for i := second; i < len(n.projects); i += 2 {
		some = append(some, n.projects[i])
	}
	return some
}

func (n names) find(name string) project {
	return n.projects[slices.IndexFunc(n.projects, func(p project) bool { return p.name == name })]
}

// content is what a secret holds. A number of 0 means that the configuration leaves the argument out.
type content struct {
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
	content
	placement
}

// set is an airm_secret_assignments.
type set struct {
	placement
	projects map[string]bool
}

// configuration is that of one workspace.
type configuration struct {
	names
	workspace string               // "one" or "two"
	optional  string               // the organization secret of this workspace that comes and goes
	mayAssign map[string][]project // by organization secret, with single assignments

	defined  map[string]*content              // organization secrets
	assigned map[string]map[string]*placement // single assignments by organization secret and project
	sets     map[string]*set                  // by organization secret
	secrets  map[string]*projectSecret        // by "project/name"
	own      int                              // version of the store and its secret, 0 for none
	hasOwn   bool                             // whether there may be a store
}

// owner is the provider's argument.
func (c *configuration) owner() string { return "chaos/" + c.workspace }

// The organization secrets.
const (
	shared = "shared" // of workspace one, assigned by both
	extra  = "extra"  // of workspace one
	second = "second" // of workspace two, with all its projects in one resource
)

// newConfigurations returns what both workspaces begin with.
func newConfigurations(n names) []*configuration {
	one := newConfiguration(n, "one", extra)
	one.mayAssign = map[string][]project{shared: n.every(0), extra: n.projects}
	one.defined[shared] = &content{key: 1, hours: 1}
	one.own, one.hasOwn = 1, true
	one.assigned[shared] = map[string]*placement{n.projects[0].name: {}, n.projects[4].name: {}}

	two := newConfiguration(n, "two", second)
	two.mayAssign = map[string][]project{shared: n.every(1)}
	two.defined[second] = &content{key: 2, hours: 2}
	two.assigned[shared] = map[string]*placement{n.projects[1].name: {}, n.projects[5].name: {}}
	two.sets[second] = &set{projects: map[string]bool{n.projects[0].name: true, n.projects[1].name: true}}
	for i, c := range []*configuration{one, two} {
		c.secrets[n.projects[i].name+"/"+c.workspace+"-a"] = &projectSecret{content: content{key: 3, hours: 3}}
	}
	return []*configuration{one, two}
}

func newConfiguration(n names, workspace, optional string) *configuration {
	return &configuration{
		names: n, workspace: workspace, optional: optional,
		defined: map[string]*content{}, assigned: map[string]map[string]*placement{},
		sets: map[string]*set{}, secrets: map[string]*projectSecret{},
	}
}

// placed returns the clusters in which a secret belongs into a project.
func (c *configuration) placed(project string, p placement) []string {
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
