// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

const storedValues = 8 // in the store of every project

// change changes a few things at random, and returns what.
func (c *workspaceConfig) change(r *rand.Rand) string {
	kinds := []func(*rand.Rand) string{
		c.changeContent, c.changeContent, c.changeContent, c.toggleAssignment, c.toggleAssignment, c.toggleSecret, c.toggleSecret,
		c.changePlacement, c.changePlacement, c.changeSet, c.changeSet, c.changeOwn, c.toggleOptional,
	}
	var done []string
	for range 1 + r.IntN(3) {
		for { // not everything can be changed at any time
			if text := kinds[r.IntN(len(kinds))](r); text != "" {
				done = append(done, text)
				break
			}
		}
	}
	return strings.Join(done, ", ")
}

// other returns a number from low to high that is not the one before.
func other(r *rand.Rand, before, low, high int) int {
	number := low + r.IntN(high-low)
	if number >= before {
		number++
	}
	return number
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func (c *workspaceConfig) changeContent(r *rand.Rand) string {
	contents := map[string]*secretContent{}
	for name, its := range c.defined {
		contents[name] = its
	}
	for id, secret := range c.secrets {
		contents[id] = &secret.secretContent
	}
	if len(contents) == 0 {
		return ""
	}
	id := pick(r, sorted(contents))
	return c.short(id) + " " + contents[id].change(r)
}

func (c *secretContent) change(r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		c.key = other(r, c.key, 0, storedValues-1)
		return fmt.Sprintf("key=%d", c.key)
	case 1:
		c.hours = other(r, c.hours, 1, 9)
		return fmt.Sprintf("interval=%dh", c.hours)
	case 2:
		c.label = other(r, c.label, 0, 9)
		return fmt.Sprintf("label=%d", c.label)
	default:
		c.template = other(r, c.template, 0, 9)
		return fmt.Sprintf("template=%d", c.template)
	}
}

// toggleAssignment assigns an organization secret to a project, or takes it back.
func (c *workspaceConfig) toggleAssignment(r *rand.Rand) string {
	secret := pick(r, sorted(c.mayAssign))
	its, may := c.assigned[secret], c.mayAssign[secret]
	project := may[r.IntN(len(may))].name
	switch {
	case its == nil:
		return ""
	case its[project] != nil:
		delete(its, project)
		return "-" + secret + "/" + c.short(project)
	}
	its[project] = &placement{label: r.IntN(3), clusters: c.narrowed(r, project)}
	return "+" + secret + "/" + c.short(project) + its[project].String()
}

// toggleSecret adds or removes a project secret.
func (c *workspaceConfig) toggleSecret(r *rand.Rand) string {
	project := c.projects[r.IntN(len(c.projects))].name
	id := project + "/" + c.workspace + "-" + pick(r, []string{"a", "b"})
	if c.secrets[id] != nil {
		delete(c.secrets, id)
		return "-" + c.short(id)
	}
	c.secrets[id] = &projectSecret{
		secretContent: secretContent{key: r.IntN(storedValues), hours: 1 + r.IntN(9), label: r.IntN(3), template: r.IntN(3)},
		placement:     placement{clusters: c.narrowed(r, project)},
	}
	return "+" + c.short(id) + c.secrets[id].String()
}

// changePlacement narrows a secret to a cluster, or widens it again, or changes the label of an assignment.
func (c *workspaceConfig) changePlacement(r *rand.Rand) string {
	placements, projects := map[string]*placement{}, map[string][]string{}
	for secret, its := range c.assigned {
		for project, p := range its {
			placements[secret+"/"+project], projects[secret+"/"+project] = p, []string{project}
		}
	}
	for id, secret := range c.secrets {
		project, _, _ := strings.Cut(id, "/")
		placements[id], projects[id] = &secret.placement, []string{project}
	}
	for secret, its := range c.sets {
		placements[secret], projects[secret] = &its.placement, sorted(its.projects)
	}
	if len(placements) == 0 {
		return ""
	}
	id := pick(r, sorted(placements))
	before := *placements[id]
	if _, isSecret := c.secrets[id]; !isSecret && r.IntN(2) == 0 {
		placements[id].label = other(r, before.label, 0, 9)
	} else {
		placements[id].clusters = c.narrowed(r, projects[id]...)
	}
	if placements[id].String() == before.String() {
		return ""
	}
	return c.short(id) + orElse(placements[id].String(), " everywhere")
}

// changeSet returns the secret to one project more or less. A project whose cluster the resource leaves out is not added.
func (c *workspaceConfig) changeSet(r *rand.Rand) string {
	if len(c.sets) == 0 {
		return ""
	}
	secret := pick(r, sorted(c.sets))
	its, project := c.sets[secret], c.projects[r.IntN(len(c.projects))].name
	if its.projects[project] {
		delete(its.projects, project)
		return secret + " without " + c.short(project)
	}
	if len(c.placed(project, its.placement)) == 0 {
		return ""
	}
	its.projects[project] = true
	return secret + " with " + c.short(project)
}

// changeOwn changes key and value of the store that the workspace manages, with the secret that reads it.
func (c *workspaceConfig) changeOwn(r *rand.Rand) string {
	if !c.hasOwn {
		return ""
	}
	c.own = other(r, c.own, 0, 9)
	return fmt.Sprintf("store=%d", c.own)
}

// toggleOptional removes an organization secret with all its assignments, or defines it again.
func (c *workspaceConfig) toggleOptional(r *rand.Rand) string {
	if c.defined[c.optional] != nil {
		delete(c.defined, c.optional)
		delete(c.assigned, c.optional)
		delete(c.sets, c.optional)
		return "-" + c.optional
	}
	c.defined[c.optional] = &secretContent{key: r.IntN(storedValues), hours: 1 + r.IntN(9), template: r.IntN(3)}
	if c.mayAssign[c.optional] == nil {
		c.sets[c.optional] = &set{projects: map[string]bool{}}
	} else {
		c.assigned[c.optional] = map[string]*placement{}
	}
	for _, p := range c.projects {
		if r.IntN(2) == 0 {
			continue
		}
		if c.mayAssign[c.optional] == nil {
			c.sets[c.optional].projects[p.name] = true
		} else {
			c.assigned[c.optional][p.name] = &placement{}
		}
	}
	return "+" + c.optional
}

// narrowed returns clusters such that each of the projects is in one of them.
func (c *workspaceConfig) narrowed(r *rand.Rand, projects ...string) []string {
	choices := [][]string{nil}
	for _, cluster := range []string{home, east} {
		if !slices.ContainsFunc(projects, func(p string) bool { return len(c.placed(p, placement{clusters: []string{cluster}})) == 0 }) {
			choices = append(choices, []string{cluster})
		}
	}
	return choices[r.IntN(len(choices))]
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// String is empty for what the configuration leaves out.
func (p *placement) String() string {
	text := ""
	if len(p.clusters) > 0 {
		text += "@" + strings.Join(p.clusters, ",")
	}
	if p.label > 0 {
		text += fmt.Sprintf(" label=%d", p.label)
	}
	return text
}

// short leaves out what the names of all projects begin with.
func (c *workspaceConfig) short(name string) string {
	return strings.ReplaceAll(name, "chaos-"+c.run+"-", "p")
}
