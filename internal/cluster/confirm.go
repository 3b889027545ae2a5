// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// Confirm removes the mark of an unfinished create from this very object, and returns the server's.
func (c *Cluster) Confirm(ctx context.Context, ref airm.Ref, live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return c.merge(ctx, ref, live, map[string]any{"metadata": map[string]any{"annotations": map[string]any{airm.AnnotationUnconfirmed: nil}}})
}

// Register makes AIRM register this very object, which its webhook did not do on the create, and returns the server's. Desired is the
// object as Track has prepared it.
func (c *Cluster) Register(
	ctx context.Context, ref airm.Ref, live *unstructured.Unstructured, desired map[string]any,
) (*unstructured.Unstructured, error) {
	return c.merge(ctx, ref, live, eso.Registration(desired))
}

// Identify writes the ID of the desired object to this very object, if that has none for AIRM, and returns the server's. It
// comes before any other write, with which AIRM's webhook would make an ID, and register it.
func (c *Cluster) Identify(
	ctx context.Context, ref airm.Ref, live *unstructured.Unstructured, desired map[string]any,
) (*unstructured.Unstructured, error) {
	id := (&unstructured.Unstructured{Object: desired}).GetLabels()[airm.LabelProjectSecretID]
	if id == "" || live.GetLabels()[airm.LabelProjectSecretID] != "" {
		return live, nil
	}
	return c.merge(ctx, ref, live, map[string]any{"metadata": map[string]any{"labels": map[string]any{airm.LabelProjectSecretID: id}}})
}

// merge patches this very object.
func (c *Cluster) merge(
	ctx context.Context, ref airm.Ref, live *unstructured.Unstructured, part map[string]any,
) (*unstructured.Unstructured, error) {
	objects, err := c.objects(ctx, ref.Kind, ref.Project)
	if err != nil {
		return nil, err
	}
	part["metadata"].(map[string]any)["uid"] = live.GetUID()
	patch, err := json.Marshal(part)
	if err != nil {
		return nil, err
	}
	c.reads.wrote(ref)
	ctx = writing(ctx, ref)
	merged, err := objects.Patch(ctx, ref.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: airm.FieldManager})
	return merged, c.explain("update", ref.String(), err)
}

// TrackingID returns the id by which AIRM's agent knows the object at ref; empty where neither the cluster nor the project
// can be identified.
func (c *Cluster) TrackingID(ctx context.Context, ref airm.Ref) string {
	if id, err := c.ID(ctx); id != "" || err != nil {
		return eso.TrackingID(id, ref)
	}
	found, err := c.Project(ctx, ref.Project)
	if err != nil {
		return ""
	}
	return eso.TrackingID(found.UID, ref)
}
