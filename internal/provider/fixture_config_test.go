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

// resourceBlock writes arguments as a resource.
func resourceBlock(kind, name string, arguments any) string {
	return hclBlock(fmt.Sprintf("resource %q %q", kind, name), arguments)
}

// hclBlock writes arguments, a struct with the names in its tags, as a block: JSON values are expressions of HCL.
func hclBlock(header string, arguments any) string {
	values := map[string]json.RawMessage{}
	text, err := json.Marshal(arguments)
	if err == nil {
		err = json.Unmarshal(text, &values)
	}
	if err != nil {
		panic(err)
	}
	lines := []string{header + " {"}
	for _, argument := range slices.Sorted(maps.Keys(values)) {
		lines = append(lines, "  "+argument+" = "+string(values[argument]))
	}
	return strings.Join(lines, "\n") + "\n}\n"
}

type (
	// providerConfig is the provider block.
	providerConfig struct {
		connectionConfig
		HomeCluster       string                      `json:"home_cluster,omitzero"`
		PlatformNamespace string                      `json:"platform_namespace,omitzero"`
		Owner             string                      `json:"owner,omitzero"`
		Clusters          map[string]connectionConfig `json:"clusters,omitzero"`
	}
	connectionConfig struct {
		ConfigContext        string `json:"config_context,omitzero"`
		ConfigPath           string `json:"config_path,omitzero"`
		Host                 string `json:"host,omitzero"`
		ClusterCACertificate string `json:"cluster_ca_certificate,omitzero"`
		ClientCertificate    string `json:"client_certificate,omitzero"`
		ClientKey            string `json:"client_key,omitzero"`
	}

	storeReference struct {
		Name string `json:"name"`
		Kind string `json:"kind,omitzero"`
	}
	remoteRefConfig struct {
		Key      string `json:"key"`
		Property string `json:"property,omitzero"`
	}
	targetConfig struct {
		Name           string          `json:"name,omitzero"`
		CreationPolicy string          `json:"creation_policy,omitzero"`
		Template       *templateConfig `json:"template,omitzero"`
	}
	templateConfig struct {
		Data map[string]string `json:"data,omitzero"`
	}

	// terraformData is a terraform_data, which stands for what other providers make.
	terraformData struct {
		TriggersReplace string `json:"triggers_replace"`
		Input           any    `json:"input"`
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
		Timeouts        map[string]string `json:"timeouts,omitzero"`
	}

	// secretConfig is an airm_project_secret.
	secretConfig struct {
		commonConfig
		Project     string                     `json:"project"`
		Name        string                     `json:"name"`
		UseCase     string                     `json:"use_case,omitzero"`
		Annotations map[string]string          `json:"annotations,omitzero"`
		Store       storeReference             `json:"store"`
		Data        map[string]remoteRefConfig `json:"data"`
		Target      targetConfig               `json:"target,omitzero"`
	}

	// storeConfig is an airm_provider_store.
	storeConfig struct {
		commonConfig
		Project                string            `json:"project,omitzero"`
		Name                   string            `json:"name"`
		Fake                   *fakeProvider     `json:"fake,omitzero"`
		Vault                  *vaultProvider    `json:"vault,omitzero"`
		Kubernetes             *clusterProvider  `json:"kubernetes,omitzero"`
		Other                  string            `json:"other,omitzero"`
		CredentialsWO          map[string]string `json:"credentials_wo,omitzero"`
		CredentialsWOVersion   int               `json:"credentials_wo_version,omitzero"`
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
		Value   string `json:"value,omitzero"`
		Version string `json:"version,omitzero"`
	}
	vaultProvider struct {
		Server string `json:"server"`
		Auth   struct {
			TokenSecretRef secretKeyConfig `json:"token_secret_ref"`
		} `json:"auth"`
	}
	clusterProvider struct {
		RemoteNamespace string            `json:"remote_namespace"`
		Server          map[string]string `json:"server"`
		Auth            struct {
			Token struct {
				BearerToken secretKeyConfig `json:"bearer_token"`
			} `json:"token"`
		} `json:"auth"`
	}
	secretKeyConfig struct {
		Name string `json:"name,omitzero"`
		Key  string `json:"key"`
	}
	retryConfig struct {
		MaxRetries int    `json:"max_retries"`
		Interval   string `json:"interval"`
	}

	// sharedConfig is an airm_organization_secret.
	sharedConfig struct {
		Name            string                     `json:"name"`
		Store           storeReference             `json:"store"`
		Data            map[string]remoteRefConfig `json:"data"`
		Target          targetConfig               `json:"target,omitzero"`
		Labels          map[string]string          `json:"labels,omitzero"`
		RefreshInterval string                     `json:"refresh_interval,omitzero"`
		OnSyncFailure   string                     `json:"on_sync_failure,omitzero"`
		SyncTriggers    map[string]string          `json:"sync_triggers,omitzero"`
		ForceConflicts  bool                       `json:"force_conflicts,omitzero"`
		ForceDestroy    bool                       `json:"force_destroy,omitzero"`
		Timeouts        map[string]string          `json:"timeouts,omitzero"`
	}

	// assignmentConfig is an airm_secret_assignment.
	assignmentConfig struct {
		Secret        string            `json:"secret"`
		Project       string            `json:"project"`
		Labels        map[string]string `json:"labels,omitzero"`
		WaitForSync   *bool             `json:"wait_for_sync,omitzero"`
		OnSyncFailure string            `json:"on_sync_failure,omitzero"`
		SyncTriggers  map[string]string `json:"sync_triggers,omitzero"`
		Clusters      []string          `json:"clusters,omitzero"`
		Timeouts      map[string]string `json:"timeouts,omitzero"`
	}

	// setConfig is an airm_secret_assignments.
	setConfig struct {
		Secret        string            `json:"secret"`
		Projects      []string          `json:"projects"`
		Labels        map[string]string `json:"labels,omitzero"`
		OnSyncFailure string            `json:"on_sync_failure,omitzero"`
		SyncTriggers  map[string]string `json:"sync_triggers,omitzero"`
		Clusters      []string          `json:"clusters,omitzero"`
		Timeouts      map[string]string `json:"timeouts,omitzero"`
	}

	// orgConfig is the secret "shared" of an organization, and its assignments: single ones by the number of the project, or a set.
	orgConfig struct {
		org         *org
		Provider    providerConfig
		Shared      sharedConfig
		Assignments map[int]assignmentConfig
		Set         setConfig // left out where its projects are nil
	}
)

// plainSecret is the smallest secret; the fake store of every project has the value.
func (p *testProject) plainSecret() secretConfig {
	return secretConfig{
		Project: p.name, Name: "db",
		Store: storeReference{Name: p.store, Kind: "SecretStore"},
		Data:  map[string]remoteRefConfig{"password": {Key: "password"}},
	}
}

// fakeStore is a store of the project with the values of ESO's fake backend. That keeps its values by the store's name alone, so
// that name is unique.
func (p *testProject) fakeStore(data ...storedValue) storeConfig {
	return storeConfig{Project: p.name, Name: p.name + "-vault", Fake: &fakeProvider{Data: data}}
}

// clusterStore is a store of all projects, with one value.
func (p *testProject) clusterStore(key, value string) storeConfig {
	return storeConfig{Name: p.name, Fake: &fakeProvider{Data: []storedValue{{Key: key, Value: value}}}}
}

// unattendedSecret is a secret that is never synced: no ESO looks after its store.
func (p *testProject) unattendedSecret() secretConfig {
	p.t.Helper()
	p.create("SecretStore", "idle", `spec: {controller: none, provider: {fake: {data: [{key: a, value: b}]}}}`)
	secret := p.plainSecret()
	secret.Store.Name = "idle"
	return secret
}

func (c providerConfig) String() string { return hclBlock(`provider "airm"`, c) }

func (c secretConfig) String() string { return resourceBlock("airm_project_secret", "test", c) }

func (c storeConfig) String() string { return resourceBlock("airm_provider_store", "test", c) }

// plainShared is the smallest organization secret, of a store that every project has.
func plainShared(store string) sharedConfig {
	return sharedConfig{
		Name:  "shared",
		Store: storeReference{Name: store, Kind: "SecretStore"},
		Data:  map[string]remoteRefConfig{"password": {Key: "password"}},
	}
}

// declared is the secret "shared", assigned to these projects.
func (o *org) declared(projects ...int) orgConfig {
	return orgConfig{org: o, Provider: o.provider(), Shared: plainShared("values")}.assigned(projects...)
}

// assigned is the same secret, assigned to these projects and no others.
func (c orgConfig) assigned(projects ...int) orgConfig {
	c.Assignments = map[int]assignmentConfig{}
	for _, i := range projects {
		c.Assignments[i] = assignmentConfig{Secret: sharedName, Project: c.org.projects[i].name}
	}
	return c
}

// asSet is the same secret, assigned to these projects by one set.
func (c orgConfig) asSet(projects ...int) orgConfig {
	c.Set.Secret, c.Set.Projects = sharedName, []string{}
	for _, i := range projects {
		c.Set.Projects = append(c.Set.Projects, c.org.projects[i].name)
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

// sharedName refers to the organization secret.
const sharedName = "${airm_organization_secret.test.name}"

func (c sharedConfig) String() string { return resourceBlock("airm_organization_secret", "test", c) }

func (c orgConfig) String() string {
	text := c.Provider.String() + c.Shared.String()
	for _, i := range slices.Sorted(maps.Keys(c.Assignments)) {
		text += resourceBlock("airm_secret_assignment", fmt.Sprintf("p%d", i), c.Assignments[i])
	}
	if c.Set.Projects != nil {
		text += resourceBlock("airm_secret_assignments", "test", c.Set)
	}
	return text
}

// forgets has an apply take a resource out of the state without destroying it.
func forgets(address string) string {
	return fmt.Sprintf("removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n", address)
}

// importBlock has an apply import a resource.
func importBlock(address, id string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id)
}
