// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// object is one of JSON.
type object = map[string]any

// render returns the configuration as main.tf.json.
func (c *workspaceConfig) render(kubeconfig string) ([]byte, error) {
	resources := map[string]object{}
	add := func(kind, name string, arguments object) {
		if resources[kind] == nil {
			resources[kind] = object{}
		}
		arguments["timeouts"] = object{"create": "60s", "update": "60s", "delete": "60s"}
		resources[kind][name] = arguments
	}
	for name, its := range c.defined {
		arguments := its.render(c.store, keyName(its.key))
		arguments["name"] = name
		add("airm_organization_secret", name, arguments)
	}
	for secret, its := range c.assigned {
		for project, p := range its {
			add("airm_secret_assignment", secret+"_"+c.short(project), p.render(object{"secret": c.reference(secret), "project": project}))
		}
	}
	for secret, its := range c.sets {
		add("airm_secret_assignments", secret, its.render(object{"secret": c.reference(secret), "projects": sorted(its.projects)}))
	}
	for id, its := range c.secrets {
		project, name, _ := strings.Cut(id, "/")
		arguments := its.placement.render(its.secretContent.render(c.store, keyName(its.key)))
		arguments["project"], arguments["name"] = project, name
		add("airm_project_secret", c.short(project)+"_"+name, arguments)
	}
	c.renderOwn(add)
	return json.MarshalIndent(object{"provider": object{"airm": c.provider(kubeconfig)}, "resource": resources}, "", "  ")
}

func (c *workspaceConfig) provider(kubeconfig string) object {
	clusters := object{}
	for name, context := range contexts {
		clusters[name] = object{"config_path": kubeconfig, "config_context": context}
	}
	return object{"clusters": clusters, "home_cluster": home, "platform_namespace": c.platform, "owner": c.owner()}
}

// reference leads to the resource of an organization secret, where it is in the same workspace.
func (c *workspaceConfig) reference(secret string) string {
	if c.defined[secret] == nil {
		return secret
	}
	return fmt.Sprintf("${airm_organization_secret.%s.name}", secret)
}

func (c *workspaceConfig) renderOwn(add func(kind, name string, arguments object)) {
	if c.own == 0 {
		return
	}
	project := c.projects[0].name
	add("airm_provider_store", "own", object{
		"project": project, "name": c.ownStore,
		"fake": object{"data": []any{object{"key": ownKey(c.own), "value": valueOf(c.run, ownKey(c.own))}}},
	})
	arguments := ownContent.render("${airm_provider_store.own.name}", ownKey(c.own))
	arguments["project"], arguments["name"] = project, ownSecret
	add("airm_project_secret", "own", arguments)
}

// ownSecret is the secret that reads the store of the workspace, and ownContent what it holds besides its key.
const ownSecret = "own"

var ownContent = secretContent{hours: 1}

func ownKey(version int) string { return fmt.Sprintf("own-%d", version) }

func keyName(key int) string { return fmt.Sprintf("key-%d", key) }

// valueOf returns what a store has under a key.
func valueOf(run, key string) string { return "value of " + key + " in " + run }

func versionLabel(number int) string { return fmt.Sprintf("v%d", number) }

func (c *secretContent) render(store, key string) object {
	arguments := object{
		"store":            object{"name": store, "kind": "SecretStore"},
		"refresh_interval": fmt.Sprintf("%dh", c.hours),
		"data":             object{"password": object{"key": key}},
	}
	if c.label > 0 {
		arguments["labels"] = object{"content": versionLabel(c.label)}
	}
	if c.template > 0 {
		arguments["target"] = object{"template": object{
			"data":   object{"text": templateText(c.template, "{{ .password }}")},
			"labels": object{"template": versionLabel(c.template)},
		}}
	}
	return arguments
}

func templateText(number int, value string) string { return fmt.Sprintf("%d: %s", number, value) }

func (p *placement) render(arguments object) object {
	if p.label > 0 {
		arguments["labels"] = object{"placement": versionLabel(p.label)}
	}
	if len(p.clusters) > 0 {
		arguments["clusters"] = p.clusters
	}
	return arguments
}
