// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package served asks a cluster what it serves of External Secrets Operator, so that a test assumes no version of it.
package served

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

const group = "external-secrets.io"

var definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// versions and schemas hold what was found out, by the address of the API server, and its kind.
var versions, schemas sync.Map

// Version returns the version of external-secrets.io in which a cluster is spoken to: v1, or v1beta1 where there is no v1.
// It asks once.
func Version(config *rest.Config) (string, error) {
	if known, found := versions.Load(config.Host); found {
		return known.(string), nil
	}
	kind, err := readDefinition(config, "ExternalSecret")
	if err != nil {
		return "", err
	}
	for _, version := range []string{"v1", "v1beta1"} {
		if of := versionOf(kind, version); of["served"] == true {
			versions.Store(config.Host, version)
			return version, nil
		}
	}
	return "", fmt.Errorf("%s serves neither v1 nor v1beta1 of %s", config.Host, group)
}

// Has reports whether a cluster's kind, such as SecretStore, has a field, such as spec.data.remoteRef.key, or a value of one:
// spec.target.creationPolicy=Merge. Lists and maps have no step of their own. It asks once for each kind.
func Has(config *rest.Config, kind, field string) (bool, error) {
	known := config.Host + " " + kind
	if root, found := schemas.Load(known); found {
		return has(root.(map[string]any), field), nil
	}
	version, err := Version(config)
	if err != nil {
		return false, err
	}
	of, err := readDefinition(config, kind)
	if err != nil {
		return false, err
	}
	root, _, err := unstructured.NestedMap(versionOf(of, version), "schema", "openAPIV3Schema")
	if err != nil {
		return false, err
	}
	schemas.Store(known, root)
	return has(root, field), nil
}

func readDefinition(config *rest.Config, kind string) (*unstructured.Unstructured, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return client.Resource(definitions).Get(context.Background(), strings.ToLower(kind)+"s."+group, metav1.GetOptions{})
}

// versionOf returns what a definition says of one version, nil where it has none of that name.
func versionOf(definition *unstructured.Unstructured, version string) map[string]any {
	all, _, _ := unstructured.NestedSlice(definition.Object, "spec", "versions")
	for _, item := range all {
		if of, _ := item.(map[string]any); of["name"] == version {
			return of
		}
	}
	return nil
}

func has(root map[string]any, field string) bool {
	path, value, valued := strings.Cut(field, "=")
	for step := range strings.SplitSeq(path, ".") {
		properties, _ := root["properties"].(map[string]any)
		below, found := properties[step].(map[string]any)
		if !found {
			return false
		}
		root = inner(below)
	}
	values, _ := root["enum"].([]any)
	return !valued || slices.Contains(values, any(value))
}

// inner returns the schema of a list's items or of a map's values.
func inner(outer map[string]any) map[string]any {
	for _, of := range []string{"items", "additionalProperties"} {
		if below, found := outer[of].(map[string]any); found {
			return inner(below)
		}
	}
	return outer
}
