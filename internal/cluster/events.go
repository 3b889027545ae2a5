package cluster

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/secrets"
)

var events = schema.GroupVersionResource{Version: "v1", Resource: "events"}

// Cause is the message of the newest Warning event of an object, capped; empty where there is
// none. ESO's conditions are generic, the cause of a failure stands only there.
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
	list, err := within(ctx, func(ctx context.Context) (*unstructured.UnstructuredList, error) {
		return conn.dynamic.Resource(events).Namespace(namespace).List(ctx, metav1.ListOptions{FieldSelector: selector})
	})
	if err != nil {
		return "", c.explain("list", "the events of "+fmt.Sprintf("%s %s", object.GetKind(), object.GetName()), err)
	}
	var newest time.Time
	var message string
	for _, event := range list.Items {
		if at := eventTime(event); message == "" || at.After(newest) {
			newest = at
			message, _, _ = unstructured.NestedString(event.Object, "message")
		}
	}
	return secrets.Cap(message), nil
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
