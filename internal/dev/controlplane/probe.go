package main

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// probe proves that the cluster works by using it once: the operator syncs a secret, and a deletion takes that away
// again, which needs the garbage collector. Nothing of it remains.
func (c *cluster) probe(ctx context.Context) error {
	objects, err := parseManifests(probeManifests)
	if err != nil {
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
