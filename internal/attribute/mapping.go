// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package attribute maps the framework's values to the specs of External Secrets Operator's objects and back, and paths in
// a spec to those of arguments. It knows no resource: a Mapping says where the arguments of one stand.
package attribute

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// Mapping says where the arguments of one kind stand in ESO's spec, and converts
// between the two. An argument stands under the camelCase of its own name
// unless paths says otherwise.
//
// Attribute paths are dotted; `*` stands for any element of a list or map:
// `data.*.key`.
type Mapping struct {
	// Types are the arguments that make up the spec. Others are ignored by
	// expand and null after flatten.
	Types map[string]attr.Type
	// Paths maps an attribute path to the dotted ESO path below the ESO object
	// of the attribute's parent: `data.*.key` to `remoteRef.key`. An attribute
	// whose ESO path contains the paths of its siblings takes what they leave.
	Paths map[string]string
	// Keyed maps the attribute path of a map that is a list in ESO to the field
	// of the list's elements that holds the map's key: `data` to `secretKey`.
	Keyed map[string]string
	// Defaults are sent where an attribute is null but its parent is not.
	Defaults map[string]any
}

// Place returns where an attribute stands below the ESO object of its parent.
func (s Mapping) Place(at string) []string {
	if esoPath, ok := s.Paths[at]; ok {
		return strings.Split(esoPath, ".")
	}
	return []string{Camel(at[strings.LastIndex(at, ".")+1:])}
}

// outermostFirst orders the attributes of an object such that one that contains
// the places of others comes before them.
func (s Mapping) outermostFirst(at string, names func(func(string) bool)) []string {
	return slices.SortedFunc(names, func(a, b string) int {
		return cmp.Or(
			cmp.Compare(len(s.Place(Join(at, a))), len(s.Place(Join(at, b)))),
			cmp.Compare(a, b))
	})
}

// Join returns the path of an attribute below another, which is empty for the root.
func Join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// initialisms are the ESO fields that are not the plain camelCase of our names.
var initialisms = map[string]string{
	"access_key_id_secret_ref": "accessKeyIDSecretRef",
	"cluster_project_id":       "clusterProjectID",
	"external_id":              "externalID",
	"key_vault_dns_suffix":     "keyVaultDNSSuffix",
	"project_id":               "projectID",
	"use_azure_sdk":            "useAzureSDK",
	"vault_aws_iam_server_id":  "vaultAwsIamServerID",
}

// Camel turns the name of an argument into that of the ESO field.
func Camel(snake string) string {
	if name, ok := initialisms[snake]; ok {
		return name
	}
	words := strings.Split(snake, "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// Types returns the types of a schema's attributes but for some.
func Types(attrs map[string]schema.Attribute, without ...string) map[string]attr.Type {
	all := make(map[string]attr.Type, len(attrs))
	for name, a := range attrs {
		if !slices.Contains(without, name) {
			all[name] = a.GetType()
		}
	}
	return all
}
