// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
)

var (
	//go:embed manifests/operator.yaml
	operatorManifests string

	//go:embed manifests/probe.yaml
	probeManifests string

	// The build puts the operator's bundle.yaml into this folder; in the repository it holds a note only.
	//
	//go:embed crds
	crdFiles embed.FS
)

// installedCRDs are the operator's kinds that are installed. Each further one would cost every start some time.
var installedCRDs = []string{
	"clustersecretstores.external-secrets.io",
	"externalsecrets.external-secrets.io",
	"secretstores.external-secrets.io",
	"clustergenerators.generators.external-secrets.io",
	"fakes.generators.external-secrets.io",
	"generatorstates.generators.external-secrets.io",
	"passwords.generators.external-secrets.io",
	"uuids.generators.external-secrets.io",
}

// operatorKinds is the bundle.yaml of the operator in this binary.
func operatorKinds() (string, error) {
	bundle, err := crdFiles.ReadFile("crds/bundle.yaml")
	if err != nil {
		return "", errors.New("this binary lacks the operator's kinds: build it with \"go run ./internal/dev/build controlplane\"")
	}
	return string(bundle), nil
}

// customResourceDefinitions are those of a bundle.yaml, without the conversion webhook: no webhook server runs here.
func customResourceDefinitions(bundle string) ([]*unstructured.Unstructured, error) {
	all, err := parseManifests(bundle)
	if err != nil {
		return nil, err
	}
	definitions := slices.DeleteFunc(all, func(object *unstructured.Unstructured) bool {
		return !slices.Contains(installedCRDs, object.GetName())
	})
	if len(definitions) != len(installedCRDs) {
		return nil, fmt.Errorf("the operator's bundle.yaml has %d of the %d kinds in installedCRDs", len(definitions), len(installedCRDs))
	}
	for _, definition := range definitions {
		unstructured.RemoveNestedField(definition.Object, "spec", "conversion")
	}
	return definitions, nil
}

func parseManifests(text string) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

// create creates the objects, in their order.
func (c *cluster) create(ctx context.Context, objects ...*unstructured.Unstructured) error {
	for _, object := range objects {
		if _, err := c.resource(object).Create(ctx, object, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

// resource is where objects of this one's kind and namespace live.
func (c *cluster) resource(object *unstructured.Unstructured) dynamic.ResourceInterface {
	// A guess, but right for every kind in our manifests, and it saves a discovery.
	resource, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
	if object.GetNamespace() == "" {
		return c.dynamic.Resource(resource)
	}
	return c.dynamic.Resource(resource).Namespace(object.GetNamespace())
}

// hasCondition returns an error unless the object's condition is True.
func (c *cluster) hasCondition(ctx context.Context, object *unstructured.Unstructured, condition string) error {
	live, err := c.resource(object).Get(ctx, object.GetName(), metav1.GetOptions{})
	if err != nil {
		return err
	}
	conditions, _, _ := unstructured.NestedSlice(live.Object, "status", "conditions")
	for _, item := range conditions {
		if fields, ok := item.(map[string]any); ok && fields["type"] == condition && fields["status"] == "True" {
			return nil
		}
	}
	return fmt.Errorf("%s %s is not %s yet: its conditions are %v", object.GetKind(), object.GetName(), condition, conditions)
}
