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

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

var events = schema.GroupVersionResource{Version: "v1", Resource: "events"}

// eventSkew is how far ahead of the API server's clock an event may be dated: ESO dates its events by the
// clock of its own machine.
const eventSkew = 10 * time.Second

// Cause returns why an object is not synced, by the newest event of ESO that says so; empty where there is
// none. ESO's conditions are generic, the cause of a failure stands only there. Rather no cause than a wrong
// one: an event that may be of another failure does not count.
func (c *Cluster) Cause(ctx context.Context, object *unstructured.Unstructured) (string, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return "", err
	}
	selector := fields.Set{"involvedObject.uid": string(object.GetUID()), "type": "Warning"}.AsSelector().String()
	namespace := object.GetNamespace()
	if namespace == "" {
		namespace = metav1.NamespaceDefault // where events of cluster-wide objects are kept
	}
	list, err := conn.dynamic.Resource(events).Namespace(namespace).List(ctx, metav1.ListOptions{FieldSelector: selector})
	if err != nil {
		return "", c.explain("list", "the events of "+fmt.Sprintf("%s %s", object.GetKind(), object.GetName()), err)
	}
	return newestCause(object, list.Items, c.Now()), nil
}

func newestCause(object *unstructured.Unstructured, all []unstructured.Unstructured, now time.Time) string {
	var newest time.Time
	var cause string
	for _, event := range all {
		at := eventTime(event)
		message, _, _ := unstructured.NestedString(event.Object, "message")
		if isCause(object, event, message) && at.After(newest) && !at.After(now.Add(eventSkew)) {
			newest, cause = at, message
		}
	}
	return jsonvalue.DisplayText(cause)
}

// recorders are the names by which ESO's controllers sign the events of a kind.
var recorders = map[string]string{
	airm.KindExternalSecret:     "external-secrets",
	airm.KindSecretStore:        "secret-store",
	airm.KindClusterSecretStore: "cluster-secret-store",
}

// isCause reports whether an event is of ESO and of the failure in the object's condition. Others
// warn of the same objects (Kyverno does), and so does ESO itself: of a store that is not maintained, with
// every success.
func isCause(object *unstructured.Unstructured, event unstructured.Unstructured, message string) bool {
	if !isRecordedBy(event, recorders[object.GetKind()]) {
		return false
	}
	reason, _, _ := unstructured.NestedString(event.Object, "reason")
	if object.GetKind() == airm.KindExternalSecret {
		return reason == "UpdateFailed" && isFetchFailure(message)
	}
	// ValidationFailed until 0.19, ValidationUnknown since 0.20, InvalidProviderConfig in all; the condition has the same reason.
	return slices.Contains([]string{"InvalidProviderConfig", "ValidationFailed", "ValidationUnknown"}, reason) && reason == readyReason(object)
}

// isRecordedBy takes both fields that name a recorder: old ones write the first alone, new ones the second.
func isRecordedBy(event unstructured.Unstructured, name string) bool {
	old, _, _ := unstructured.NestedString(event.Object, "source", "component")
	current, _, _ := unstructured.NestedString(event.Object, "reportingComponent")
	return name != "" && (old == name || old == "") && (current == name || current == "") && old+current != ""
}

// fetchFailures are how ESO's messages of a failed fetch begin (GetProviderSecretData, and the manager of
// its stores). The event of a template that failed begins otherwise, and may quote a value; it can be the
// newest one of a failed fetch, since the recorder drops events after a burst.
var fetchFailures = []string{
	"error processing spec.data[", "error processing spec.dataFrom[",
	"error retrieving secret at ", // until 0.10
	"could not get SecretStore ", "could not get ClusterSecretStore ", "could not get provider client",
	"using cluster store ", "can not reference unmanaged store",
}

func isFetchFailure(message string) bool {
	return slices.ContainsFunc(fetchFailures, func(beginning string) bool { return strings.HasPrefix(message, beginning) })
}

func readyReason(object *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, found := range conditions {
		if condition, ok := found.(map[string]any); ok && condition["type"] == "Ready" {
			reason, _ := condition["reason"].(string)
			return reason
		}
	}
	return ""
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
