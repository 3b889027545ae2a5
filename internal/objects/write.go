// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package objects

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// Write is an object as it is to be in one cluster. CheckTarget comes before it.
type Write struct {
	Cluster *cluster.Cluster
	Ref     airm.Ref
	// Live is what is written to; nil creates.
	Live *unstructured.Unstructured
	// Render returns the object that is wanted in the place of the live one, which is nil for a create.
	Render func(live map[string]any) map[string]any
	// Reclaim sets Live, and Options, where the object in the way of a create is the caller's. Otherwise it returns an error, or
	// leaves Live nil: an object that another client created is not touched.
	Reclaim func(ctx context.Context, w *Write) error
	Options cluster.ApplyOptions
}

// Written is an object as a write left it.
type Written struct {
	Object *unstructured.Unstructured
	// Unregistered: AIRM's webhook put its registration off, and it could not be made up for.
	Unregistered bool
}

// Do creates the object, or applies to the live one or to the one that it reclaims. A create that finds an object and
// reclaims none ends with an error that cluster.IsAlreadyExists knows, unless Reclaim has returned another.
func (w Write) Do(ctx context.Context) (Written, error) {
	if w.Live != nil {
		return w.apply(ctx)
	}
	written, err := w.create(ctx)
	if !cluster.IsAlreadyExists(err) || w.Reclaim == nil {
		return written, err
	}
	if refusal := w.Reclaim(ctx, &w); refusal != nil {
		return Written{}, refusal
	}
	if w.Live == nil {
		return Written{}, err
	}
	return w.apply(ctx)
}

// create makes the object, and has AIRM register it where its webhook has put that off.
func (w Write) create(ctx context.Context) (Written, error) {
	desired := w.Render(nil)
	created, err := w.Cluster.Create(ctx, w.Ref, desired)
	if err != nil || eso.IsRegistered(desired, created.Object) {
		return Written{Object: created}, err
	}
	if registered, err := w.Cluster.Register(ctx, w.Ref, created, w.Render(created.Object)); err == nil {
		return Written{Object: registered}, nil
	}
	return Written{Object: created, Unregistered: true}, nil
}

// apply brings the live object to what is wanted.
func (w Write) apply(ctx context.Context) (Written, error) {
	live, err := w.Cluster.Identify(ctx, w.Ref, w.Live, w.Render(w.Live.Object))
	if err != nil {
		return Written{}, err
	}
	applied, err := w.Cluster.Apply(ctx, w.Ref, live, w.Render(live.Object), w.Options)
	return Written{Object: applied}, err
}
