// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package acctest

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

// Patience is for what a busy cluster does in its own time. A namespace takes a minute to go, and longer if other tests have kept
// External Secrets Operator busy: it retries ten failures a second, those of all objects together.
const Patience = 5 * time.Minute

// ticks are the times between two looks: what is quick is seen at once, and what is slow is not asked for all the time.
var ticks = wait.Backoff{Duration: 10 * time.Millisecond, Factor: 2, Steps: 10, Cap: 250 * time.Millisecond}

// OK fails the test if there is an error.
func OK(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Eventually polls until something is done, for what no watch reports. It fails the test, and says why it was not done at the
// last look, if that takes longer than Patience.
func Eventually(t testing.TB, what string, done func() (done bool, why string)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	if err := Poll(ctx, done); err != nil {
		t.Fatalf("this did not happen within %s: %s: %s", Patience, what, err)
	}
}

// Poll looks until something is done or the context ends. The error says why it was not done at the last look.
func Poll(ctx context.Context, done func() (done bool, why string)) error {
	var why string
	err := ticks.DelayFunc().Until(ctx, true, false, func(context.Context) (ok bool, _ error) {
		ok, why = done()
		return ok, nil
	})
	if err != nil && why != "" {
		return fmt.Errorf("%w: %s", err, why)
	}
	return err
}

// WaitFor watches an object until it is as a test wants it. It is nil while there is none.
func (c *Cluster) WaitFor(kind, namespace, name, what string, done func(*unstructured.Unstructured) bool) *unstructured.Unstructured {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	last, err := Watch(ctx, c.Objects(kind, namespace), name, done)
	if err != nil {
		c.t.Fatalf("this did not happen within %s: %s %s/%s %s: %s; it is\n%v", Patience, kind, namespace, name, what, err, last)
	}
	return last
}

// IsGone is for WaitFor.
func IsGone(object *unstructured.Unstructured) bool { return object == nil }

// IsReady is for WaitFor: the Ready condition of an object of ESO is True.
func IsReady(object *unstructured.Unstructured) bool { return Condition(object)["status"] == "True" }

// Watch watches an object until it is as wanted, or the context ends, and returns it as it was last seen.
func Watch(
	ctx context.Context, objects dynamic.ResourceInterface, name string, done func(*unstructured.Unstructured) bool,
) (*unstructured.Unstructured, error) {
	var last *unstructured.Unstructured
	look := func(object *unstructured.Unstructured) bool {
		last = object
		return done(object)
	}
	_, err := watchtools.UntilWithSync(ctx, listWatch(objects, name), &unstructured.Unstructured{},
		func(store cache.Store) (bool, error) {
			for _, item := range store.List() {
				return look(item.(*unstructured.Unstructured)), nil
			}
			return look(nil), nil
		},
		func(event watch.Event) (bool, error) {
			if event.Type == watch.Deleted {
				return look(nil), nil
			}
			return look(event.Object.(*unstructured.Unstructured)), nil
		})
	return last, err
}

func listWatch(objects dynamic.ResourceInterface, name string) *cache.ListWatch {
	only := func(options metav1.ListOptions) metav1.ListOptions {
		options.FieldSelector = fields.OneTermEqualSelector(metav1.ObjectNameField, name).String()
		return options
	}
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return objects.List(ctx, only(options))
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			return objects.Watch(ctx, only(options))
		},
	}
}
