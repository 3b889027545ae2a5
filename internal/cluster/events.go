// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

var events = schema.GroupVersionResource{Version: "v1", Resource: "events"}

// eventSkew is how far from the API server's clock an event may be dated: ESO dates its events by the clock
// of its own machine.
const eventSkew = 10 * time.Second

// Cause returns why an object is not synced, by the newest event of ESO that says so; empty where there is
// none. ESO's conditions are generic, the cause of a failure stands only there. Rather no cause than a wrong
// one: an event that may be of another failure does not count.
func (c *Cluster) Cause(ctx context.Context, object *unstructured.Unstructured) (string, error) {
	warnings, err := c.events(ctx, object, fields.Set{"type": "Warning"})
	if err != nil {
		return "", err
	}
	return newestCause(object, warnings, c.Now()), nil
}

// Answered reports whether an event shows that ESO has looked at an object since a time of the cluster's clock: where it finds nothing
// new, its conditions stay as they were.
func (c *Cluster) Answered(ctx context.Context, object *unstructured.Unstructured, since time.Time) (bool, error) {
	all, err := c.events(ctx, object, nil)
	return slices.ContainsFunc(all, func(event unstructured.Unstructured) bool {
		return eso.IsAnswer(object.Object, event.Object) && !eventTime(event).Before(since.Add(-eventSkew))
	}), err
}

// events lists the events of an object that have these fields.
func (c *Cluster) events(ctx context.Context, object *unstructured.Unstructured, also fields.Set) ([]unstructured.Unstructured, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	selector := fields.AndSelectors(fields.Set{"involvedObject.uid": string(object.GetUID())}.AsSelector(), also.AsSelector()).String()
	namespace := object.GetNamespace()
	if namespace == "" {
		namespace = metav1.NamespaceDefault // where events of cluster-wide objects are kept
	}
	list, err := conn.dynamic.Resource(events).Namespace(namespace).List(ctx, metav1.ListOptions{FieldSelector: selector})
	if err != nil {
		return nil, c.explain("list", "the events of "+fmt.Sprintf("%s %s", object.GetKind(), object.GetName()), err)
	}
	return list.Items, nil
}

func newestCause(object *unstructured.Unstructured, all []unstructured.Unstructured, now time.Time) string {
	var newest time.Time
	var cause string
	for _, event := range all {
		at := eventTime(event)
		if eso.IsCause(object.Object, event.Object) && at.After(newest) && !at.After(now.Add(eventSkew)) {
			newest, cause = at, jsonvalue.StringAt(event.Object, "message")
		}
	}
	return jsonvalue.DisplayText(cause)
}

// eventTime is when an event was last seen; old and new recorders write different fields.
func eventTime(event unstructured.Unstructured) time.Time {
	newest := event.GetCreationTimestamp().Time
	for _, path := range [][]string{{"lastTimestamp"}, {"eventTime"}, {"series", "lastObservedTime"}} {
		text, _, _ := unstructured.NestedString(event.Object, path...)
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil && at.After(newest) {
			newest = at
		}
	}
	return newest
}

// Reason is why an object is not synced: what its condition says and, where that is generic, the
// newest Warning event.
func (c *Cluster) Reason(ctx context.Context, object *unstructured.Unstructured, sync eso.Sync) string {
	if !sync.NeedsEvent {
		return sync.Reason
	}
	cause, err := c.Cause(ctx, object)
	switch {
	case IsForbidden(err):
		return sync.Reason + " The cause is in the events of the object, which this user may not list."
	case err != nil || cause == "":
		return sync.Reason
	default:
		return strings.TrimSuffix(sync.Reason, ".") + ": " + strings.TrimSuffix(cause, ".") + "."
	}
}
