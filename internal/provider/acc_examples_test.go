// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"os"
	"testing"
)

// The organization of examples/teams: three teams, two clusters, and a state for each side.
func TestAccTeamsExample(t *testing.T) {
	t.Parallel()
	both, home := newProject(t), newProject(t)
	inBoth := both.inEast(true)
	eastOnly := &project{Cluster: inBoth.Cluster, t: t, name: home.name + "-c"}
	eastOnly.Project(eastOnly.name)
	teams := []string{both.name, home.name, eastOnly.name}

	newSide := func(folder string) *workspace {
		text, err := os.ReadFile("../../examples/teams/" + folder + "/main.tf")
		both.ok(err)
		w := both.newWorkspace()
		w.write("main.tf", string(text))
		w.setenv("TF_VAR_store", "teams-"+both.name)
		return w
	}
	platform := newSide("platform")
	platform.setenv("TF_VAR_teams", mustJSON(teams))
	platform.setenv("TF_VAR_platform_namespace", newProject(t).name)
	platform.apply()
	platform.plansNothing()
	contains(t, platform.run("output"), both.name+"@east", both.name+"@home", home.name+"@home", eastOnly.name+"@east")

	var others []*workspace
	for _, team := range teams {
		w := newSide("team")
		w.setenv("TF_VAR_project", team)
		w.apply()
		w.plansNothing()
		contains(t, w.run("output"), "Organization: Synced", "Project: Synced")
		others = append(others, w)
	}
	for _, where := range []*project{both, inBoth, home, eastOnly} {
		if where.secretData("hugging-face")["token"] == "" || where.secretData("database")["password"] == "" {
			t.Errorf("%s lacks a Secret", where.name)
		}
	}
	contains(t, platform.fails("destroy", "-auto-approve", "-no-color"), "is still used")
	for _, w := range others {
		w.destroy()
	}
	platform.destroy()
	for _, where := range []*project{both, inBoth} {
		if where.get("ClusterSecretStore", "teams-"+both.name) != nil || where.get("ExternalSecret", "hugging-face") != nil {
			t.Error("destroy left something behind")
		}
	}
}
