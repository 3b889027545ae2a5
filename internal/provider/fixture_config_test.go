// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Tests with several steps declare a configuration once, and each step copies it and changes an argument. What is zero is left
// out, and "${…}" refers to other resources.

// resourceBlock writes arguments, a struct with the names in its tags, as a resource: JSON values are expressions of HCL.
func resourceBlock(kind, name string, arguments any) string {
	values := map[string]json.RawMessage{}
	text, err := json.Marshal(arguments)
	if err == nil {
		err = json.Unmarshal(text, &values)
	}
	if err != nil {
		panic(err)
	}
	lines := []string{fmt.Sprintf("resource %q %q {", kind, name)}
	for _, argument := range slices.Sorted(maps.Keys(values)) {
		lines = append(lines, "  "+argument+" = "+string(values[argument]))
	}
	return strings.Join(lines, "\n") + "\n}\n"
}

type (
	storeReference struct {
		Name string `json:"name"`
		Kind string `json:"kind,omitzero"`
	}
	remoteRef struct {
		Key      string `json:"key"`
		Property string `json:"property,omitzero"`
	}

	// commonConfig is what all resources have that ESO synchronizes.
	commonConfig struct {
		RefreshInterval string            `json:"refresh_interval,omitzero"`
		Labels          map[string]string `json:"labels,omitzero"`
		OnSyncFailure   string            `json:"on_sync_failure,omitzero"`
		WaitForSync     *bool             `json:"wait_for_sync,omitzero"`
		SyncTriggers    map[string]string `json:"sync_triggers,omitzero"`
		ForceConflicts  bool              `json:"force_conflicts,omitzero"`
		Clusters        []string          `json:"clusters,omitzero"`
	}

	// secretConfig is an airm_project_secret.
	secretConfig struct {
		commonConfig
		Project     string               `json:"project"`
		Name        string               `json:"name"`
		UseCase     string               `json:"use_case,omitzero"`
		Annotations map[string]string    `json:"annotations,omitzero"`
		Store       storeReference       `json:"store"`
		Data        map[string]remoteRef `json:"data"`
	}

	// storeConfig is an airm_provider_store.
	storeConfig struct {
		commonConfig
		Project                string            `json:"project,omitzero"`
		Name                   string            `json:"name"`
		Fake                   *fakeProvider     `json:"fake,omitzero"`
		Other                  string            `json:"other,omitzero"`
		Retry                  *retryConfig      `json:"retry,omitzero"`
		AllowedProjects        []string          `json:"allowed_projects,omitzero"`
		AllowedProjectSelector map[string]string `json:"allowed_project_selector,omitzero"`
	}
	fakeProvider struct {
		Data             []storedValue `json:"data"`
		ValidationResult *int          `json:"validation_result,omitzero"`
	}
	storedValue struct {
		Key     string `json:"key"`
		Value   string `json:"value"`
		Version string `json:"version,omitzero"`
	}
	retryConfig struct {
		MaxRetries int    `json:"max_retries"`
		Interval   string `json:"interval"`
	}

	// sharedConfig is an airm_organization_secret.
	sharedConfig struct {
		Name            string               `json:"name"`
		Store           storeReference       `json:"store"`
		Data            map[string]remoteRef `json:"data"`
		RefreshInterval string               `json:"refresh_interval,omitzero"`
		ForceConflicts  bool                 `json:"force_conflicts,omitzero"`
		ForceDestroy    bool                 `json:"force_destroy,omitzero"`
	}

	// assignmentConfig is an airm_secret_assignment.
	assignmentConfig struct {
		Secret       string            `json:"secret"`
		Project      string            `json:"project"`
		WaitForSync  *bool             `json:"wait_for_sync,omitzero"`
		SyncTriggers map[string]string `json:"sync_triggers,omitzero"`
	}

	// orgConfig is the secret "shared" of an organization, and its assignments by the number of the project.
	orgConfig struct {
		org         *org
		Shared      sharedConfig
		Assignments map[int]assignmentConfig
	}
)

// plainSecret is the smallest secret; the fake store of every project has the value.
func (p *project) plainSecret() secretConfig {
	return secretConfig{
		Project: p.name, Name: "db",
		Store: storeReference{Name: p.store, Kind: "SecretStore"},
		Data:  map[string]remoteRef{"password": {Key: "password"}},
	}
}

// fakeStore is a store of the project with the values of ESO's fake backend. That keeps its values by the store's name alone, so
// that name is unique.
func (p *project) fakeStore(data ...storedValue) storeConfig {
	return storeConfig{Project: p.name, Name: p.name + "-vault", Fake: &fakeProvider{Data: data}}
}

func (c secretConfig) String() string { return resourceBlock("airm_project_secret", "test", c) }

func (c storeConfig) String() string { return resourceBlock("airm_provider_store", "test", c) }

// declared is the secret "shared", assigned to these projects.
func (o *org) declared(projects ...int) orgConfig {
	c := orgConfig{org: o, Shared: sharedConfig{
		Name:  "shared",
		Store: storeReference{Name: "values", Kind: "SecretStore"},
		Data:  map[string]remoteRef{"password": {Key: "password"}},
	}}
	return c.assigned(projects...)
}

// assigned is the same secret, assigned to these projects and no others.
func (c orgConfig) assigned(projects ...int) orgConfig {
	c.Assignments = map[int]assignmentConfig{}
	for _, i := range projects {
		c.Assignments[i] = assignmentConfig{Secret: "${airm_organization_secret.test.name}", Project: c.org.projects[i].name}
	}
	return c
}

// with is the same configuration with another assignment to a project.
func (c orgConfig) with(project int, change func(*assignmentConfig)) orgConfig {
	c.Assignments = maps.Clone(c.Assignments)
	assignment := c.Assignments[project]
	change(&assignment)
	c.Assignments[project] = assignment
	return c
}

func (c orgConfig) String() string {
	text := resourceBlock("airm_organization_secret", "test", c.Shared)
	for _, i := range slices.Sorted(maps.Keys(c.Assignments)) {
		text += resourceBlock("airm_secret_assignment", fmt.Sprintf("p%d", i), c.Assignments[i])
	}
	return c.org.hcl(text)
}
