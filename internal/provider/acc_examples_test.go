// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The organization of examples/teams: three teams, two clusters, and a state for each side.
func TestAccTeamsExample(t *testing.T) {
	t.Parallel()
	both, home := newProject(t), newProject(t)
	inBoth := both.inEast(true)
	eastOnly := &testProject{Cluster: inBoth.Cluster, t: t, name: home.name + "-c"}
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
	for _, where := range []*testProject{both, inBoth, home, eastOnly} {
		if where.secretData("hugging-face")["token"] == "" || where.secretData("database")["password"] == "" {
			t.Errorf("%s lacks a Secret", where.name)
		}
	}
	contains(t, platform.fails("destroy", "-auto-approve", "-no-color"), "is still used")
	for _, w := range others {
		w.destroy()
	}
	platform.destroy()
	for _, where := range []*testProject{both, inBoth} {
		if where.get("ClusterSecretStore", "teams-"+both.name) != nil || where.get("ExternalSecret", "hugging-face") != nil {
			t.Error("destroy left something behind")
		}
	}
}

// The very example: the gate holds back what needs the secret, and the check fails, while the key is missing.
func TestAccGatingExample(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	store := func(key string) string {
		return `{"spec":{"provider":{"fake":{"data":[{"key":"` + key + `","value":"v"}]}}}}`
	}
	p.create("ClusterSecretStore", p.name, store("another"))
	p.eventually("the store is valid", func() bool { return p.ready("ClusterSecretStore", p.name) == "True" })
	text, err := os.ReadFile("../../examples/gating/main.tf")
	p.ok(err)
	w := p.newWorkspace()
	provider := providerConfig{PlatformNamespace: newProject(t).name}
	w.write("main.tf", strings.Replace(string(text), `provider "airm" {}`, provider.String(), 1))
	w.setenv("TF_VAR_project", p.name)
	w.setenv("TF_VAR_store", p.name)
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), "Warning: Assignment hugging-face-token/"+p.name+" is not synced",
		"is not Synced", "Secret does not exist")
	if state := w.run("state", "list"); strings.Contains(state, "terraform_data.pipeline") {
		t.Errorf("the pipeline has run although the gate is closed: %s", state)
	}
	contains(t, w.run("plan", "-no-color"), "The organization secret is SyncedError")

	p.patch("ClusterSecretStore", p.name, store("hugging-face"))
	w.apply()
	contains(t, w.run("state", "list"), "terraform_data.pipeline")
	output := w.run("plan", "-no-color")
	contains(t, output, "Plan: 0 to add, 0 to change, 0 to destroy") // the CLI plans to read the data of the check again
	if strings.Contains(output, "The organization secret is") {
		t.Errorf("the check still warns:\n%s", output)
	}
	w.destroy()
}

// The examples of resources and data sources apply beside the objects that they name; those of the stores have a test of their own.
func TestAccAppliedExamples(t *testing.T) {
	t.Parallel()
	p, other := newProject(t), newProject(t)
	store := p.name + "-vault"
	p.create("ClusterSecretStore", store, `{"spec":{"provider":{"fake":{"data":[
		{"key":"ai/hugging-face","value":"{\"token\":\"v\"}"},{"key":"ai/registry","value":"{\"username\":\"u\",\"password\":\"v\"}"},
		{"key":"ai/database","value":"{\"password\":\"v\"}"}]}}}}`)
	p.create("ExternalSecret", "object-storage", `{"spec":{"secretStoreRef":{"name":"`+store+`","kind":"ClusterSecretStore"},
		"data":[{"secretKey":"token","remoteRef":{"key":"ai/hugging-face","property":"token"}}]}}`)
	files, err := filepath.Glob("../../examples/[dr]*s/airm_*/*source.tf")
	p.ok(err)
	if len(files) < 14 {
		t.Fatalf("there are %d examples", len(files))
	}
	names := strings.NewReplacer(`name = "vault"`, `name = "`+store+`"`, "name: vault", "name: "+store,
		"team-a", p.name, "team-b", other.name, `"hugging-face"`, `"`+p.name+`"`)
	provider := providerConfig{PlatformNamespace: newProject(t).name}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			p.ok(err)
			w := p.newWorkspace()
			w.configure(provider.String() + "\n" + names.Replace(string(text)))
			if output := w.apply(); strings.Contains(output, "Check block assertion failed") || strings.Contains(output, "is not synced") {
				t.Error(output)
			}
			if filepath.Base(file) == "resource.tf" { // the objects of other tests come and go in the outputs of data sources
				w.plansNothing()
			}
			w.destroy()
		})
	}
}
