// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

// probe proves that the cluster works by using it once: the operator syncs a secret, and a deletion removes that
// again, which needs the garbage collector. Nothing of it remains.
func (c *cluster) probe(ctx context.Context) error {
	objects, err := parseManifests(probeManifests)
	if err != nil {
		return err
	}
	if objects, err = c.served(objects); err != nil {
		return err
	}
	for _, object := range objects { // one by one: a secret whose store is not ready yet is tried again only later
		if err := c.create(ctx, object); err != nil {
			return err
		}
		if err := c.part(externalSecretsPart).waitFor(ctx, "a first secret", func(ctx context.Context) error {
			return c.hasCondition(ctx, object, "Ready")
		}); err != nil {
			return err
		}
	}
	foreground := metav1.DeletePropagationForeground
	for i := len(objects) - 1; i >= 0; i-- {
		object := objects[i]
		if err := c.resource(object).Delete(ctx, object.GetName(), metav1.DeleteOptions{PropagationPolicy: &foreground}); err != nil {
			return err
		}
		if err := c.part(controllersPart).waitFor(ctx, "a first deletion", func(ctx context.Context) error {
			_, err := c.resource(object).Get(ctx, object.GetName(), metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				return nil
			}
			return errors.Join(errors.New("it is still there"), err)
		}); err != nil {
			return err
		}
	}
	events := schema.GroupVersionResource{Version: "v1", Resource: "events"}
	return c.dynamic.Resource(events).Namespace(objects[0].GetNamespace()).
		DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
}

// served returns the operator's objects in the version that the cluster serves and prefers.
func (c *cluster) served(objects []*unstructured.Unstructured) ([]*unstructured.Unstructured, error) {
	client, err := discovery.NewDiscoveryClientForConfig(c.admin)
	if err != nil {
		return nil, err
	}
	groups, err := client.ServerGroups()
	if err != nil {
		return nil, err
	}
	for _, group := range groups.Groups {
		for _, object := range objects {
			if object.GroupVersionKind().Group == group.Name {
				object.SetAPIVersion(group.PreferredVersion.GroupVersion)
			}
		}
	}
	return objects, nil
}
