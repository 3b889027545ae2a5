// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// platformNamespace keeps the organization's records of the demo in a cluster of the user's own.
const platformNamespace = "airm-demo-platform"

// stage is what the variables of examples/organization are set to, and the status that follows.
type stage struct {
	what             string
	assigned, served int // how many of the projects
	want             string
}

var stages = []stage{
	{"defined, not assigned yet", 0, 0, "Unassigned"},
	{"assigned to all, no store works", 3, 0, "Pending"},
	{"the first project's store works", 3, 1, "PartiallySynced"},
	{"all stores work", 3, 3, "Synced"},
	{"taken back from all", 0, 3, "Unassigned"},
}

// sharing are the three projects that share the organization secret.
func (d *demo) sharing() []string {
	third := strings.TrimSuffix(d.projects[0], "a") + "c"
	return append(append([]string{}, d.projects...), third)
}

// organization takes the organization secret through its statuses, by applying the example with other variables.
func (d *demo) organization(ctx context.Context) error {
	tf, err := d.copyExample(organizationDir)
	if err != nil {
		return err
	}
	if d.ownCluster {
		tf.set("platform_namespace", platformNamespace)
	}
	projects := d.sharing()
	tf.set("projects", hclList(projects))

	view, err := d.startAIRM(ctx, projects)
	if err != nil {
		return err
	}

	printCommand("%s apply, with other variables each time", tf.name())
	rows := [][]string{slices.Concat([]string{"THE SECRET IS", "STATUS"}, projects, view.heading())}
	for _, s := range stages {
		row, err := s.show(tf, projects)
		if err != nil {
			return err
		}
		listed, err := view.cells(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
		rows = append(rows, append(row, listed...))
	}
	table(rows)
	if text, err := tf.output("destroy", "-auto-approve"); err != nil {
		return fmt.Errorf("destroy failed: %w\n%s", err, text)
	}
	return nil
}

// show applies a stage and returns a row of the table.
func (s stage) show(tf *terraform, projects []string) ([]string, error) {
	tf.set("assigned", hclList(projects[:s.assigned]))
	tf.set("served", hclList(projects[:s.served]))
	if text, err := tf.output("apply", "-auto-approve"); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", s.what, err, text)
	}
	text, err := tf.output("output", "-json")
	if err != nil {
		return nil, err
	}
	var outputs struct {
		Status      struct{ Value string }
		Assignments struct{ Value map[string]string }
	}
	if err := json.Unmarshal([]byte(text), &outputs); err != nil {
		return nil, err
	}
	if outputs.Status.Value != s.want {
		return nil, fmt.Errorf("%s: the status is %s, not %s", s.what, outputs.Status.Value, s.want)
	}
	row := []string{s.what, outputs.Status.Value}
	for _, project := range projects {
		status := outputs.Assignments.Value[project]
		if status == "" {
			status = "---"
		}
		row = append(row, status)
	}
	return row, nil
}

// hclList writes names as a list of the configuration language.
func hclList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
