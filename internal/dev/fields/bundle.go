// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// property is the part of an OpenAPI schema that the table keeps.
type property struct {
	Type                 string
	Format               string
	Description          string
	Properties           map[string]property
	AdditionalProperties *property
	Items                *property
	Required             []string
	Enum                 []any
	Default              any
	Pattern              string
	IntOrString          bool `json:"x-kubernetes-int-or-string"`
	Preserve             bool `json:"x-kubernetes-preserve-unknown-fields"`
}

// fact is what one version says of one field.
type fact struct {
	typ        string
	required   bool
	deprecated bool
	values     []string
	preset     string // JSON
	pattern    string
}

type definition struct {
	Spec struct {
		Names    struct{ Kind string }
		Versions []struct {
			Name   string
			Schema struct{ OpenAPIV3Schema property }
		}
	}
}

// readBundle returns the fields of a version by their path. ClusterSecretStore has those of SecretStore.
func readBundle(file string) (map[string]fact, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	kinds := map[string]map[string]fact{}
	for _, document := range strings.Split(string(text), "\n---\n") {
		var crd definition
		if err := yaml.Unmarshal([]byte(document), &crd); err != nil {
			return nil, err
		}
		if kind := crd.Spec.Names.Kind; slices.Contains([]string{"ExternalSecret", "SecretStore", "ClusterSecretStore"}, kind) {
			kinds[kind] = crd.fields()
		}
	}
	if len(kinds) != 3 {
		return nil, fmt.Errorf("it defines only %v", slices.Sorted(maps.Keys(kinds)))
	}
	if !reflect.DeepEqual(kinds["SecretStore"], kinds["ClusterSecretStore"]) {
		return nil, fmt.Errorf("SecretStore and ClusterSecretStore have different fields: the table has to keep both")
	}
	all := map[string]fact{}
	for _, kind := range []string{"ExternalSecret", "SecretStore"} {
		for at, f := range kinds[kind] {
			all[kind+at] = f
		}
	}
	return all, nil
}

// fields are those of the version that we use, v1 where there is one.
func (d definition) fields() map[string]fact {
	found := map[string]fact{}
	for _, name := range []string{"v1", "v1beta1"} {
		for _, version := range d.Spec.Versions {
			if version.Name == name && len(found) == 0 {
				collect(found, "", version.Schema.OpenAPIV3Schema.Properties["spec"])
			}
		}
	}
	return found
}

func collect(found map[string]fact, at string, p property) {
	for name, child := range p.Properties {
		found[at+"."+name] = child.fact(slices.Contains(p.Required, name))
		collect(found, at+"."+name, child)
	}
	if p.Items != nil {
		if p.Items.Enum != nil || p.Items.Pattern != "" {
			found[at+"[]"] = p.Items.fact(false)
		}
		collect(found, at+"[]", *p.Items)
	}
	if p.AdditionalProperties != nil {
		collect(found, at+"{}", *p.AdditionalProperties)
	}
}

func (p property) fact(required bool) fact {
	f := fact{
		typ: p.typeName(), required: required, pattern: p.Pattern,
		deprecated: strings.Contains(strings.ToLower(p.Description), "deprecated"),
	}
	for _, value := range p.Enum {
		f.values = append(f.values, fmt.Sprint(value))
	}
	if p.Default != nil {
		text, _ := json.Marshal(p.Default) // it was read from JSON
		f.preset = string(text)
	}
	return f
}

func (p property) typeName() string {
	switch {
	case p.Items != nil:
		return "[]" + p.Items.typeName()
	case p.AdditionalProperties != nil:
		return "map[string]" + p.AdditionalProperties.typeName()
	case p.IntOrString:
		return "integer|string"
	case p.Type == "" || p.Type == "object" && len(p.Properties) == 0 && p.Preserve:
		return "any"
	}
	return p.Type
}
