// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// warningEvent is an event of a project.
type warningEvent struct {
	name, reason, component, message string
	at                               time.Time
}

// event writes an event of an object, as every editor of a project can.
func (p *testProject) event(object *unstructured.Unstructured, w warningEvent) {
	p.t.Helper()
	made := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Event", "metadata": map[string]any{"name": w.name, "namespace": p.name},
		"involvedObject": map[string]any{
			"apiVersion": object.GetAPIVersion(), "kind": object.GetKind(),
			"namespace": p.name, "name": object.GetName(), "uid": string(object.GetUID()),
		},
		"type": "Warning", "reason": w.reason, "message": w.message,
		"source": map[string]any{"component": w.component}, "reportingComponent": w.component,
		"firstTimestamp": w.at.UTC().Format(time.RFC3339), "lastTimestamp": w.at.UTC().Format(time.RFC3339),
	}}
	_, err := p.dynamic().dynamic.Resource(events).Namespace(p.name).Create(soon(p.t), made, metav1.CreateOptions{})
	p.ok(err)
}

// failure waits until an object has failed and the event with the cause has arrived, and returns it and the reason.
func (p *testProject) failure(
	watch *Watch, object *unstructured.Unstructured, status func(map[string]any, time.Time) eso.Sync,
) (*unstructured.Unstructured, string) {
	p.t.Helper()
	var sync eso.Sync
	object, err := watch.Until(soon(p.t), object, func(object *unstructured.Unstructured) (bool, time.Duration) {
		if object == nil {
			return true, 0
		}
		sync = status(object.Object, p.Now())
		cause, _ := p.Cause(soon(p.t), object)
		return sync.NeedsEvent && cause != "", 100 * time.Millisecond
	})
	p.ok(err)
	return object, p.Reason(soon(p.t), object, sync)
}

// The cause of a failure is what ESO itself says of this very failure; forged events, those of others and
// those of a template, which may quote a value, are none.
func TestAccCause(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	ctx := soon(t)
	content := p.content("db", "nope")
	content["spec"].(map[string]any)["secretStoreRef"] = map[string]any{"name": "last", "kind": "SecretStore"}
	watch, err := p.Watch(ctx, p.ref("db"))
	p.ok(err)
	defer watch.Stop()
	created, err := p.Create(ctx, p.ref("db"), content)
	p.ok(err)
	failed, reason := p.failure(watch, created, func(object map[string]any, now time.Time) eso.Sync {
		return eso.ExternalSecretSync(object, time.Time{}, now)
	})
	const want = "error processing spec.data[0] (key: nope)"
	if !strings.Contains(reason, want) {
		t.Fatal(reason)
	}

	soonest := p.Now().Add(time.Second)
	p.event(failed, warningEvent{"template", "UpdateFailed", "external-secrets", "could not apply template: hunter2", soonest})
	p.event(failed, warningEvent{"kyverno", "PolicyViolation", "kyverno-scan", "error processing spec.data[0]: hunter2", soonest})
	p.event(failed, warningEvent{"other", "UpdateFailed", "another", "error processing spec.data[0]: hunter2", soonest})
	ahead := soonest.Add(300 * 24 * time.Hour)
	p.event(failed, warningEvent{"ahead", "UpdateFailed", "external-secrets", "error processing spec.data[0]: hunter2", ahead})
	if cause, err := p.Cause(ctx, failed); err != nil || !strings.Contains(cause, want) {
		t.Errorf("%q, %v", cause, err)
	}
}

// A store's cause is the one that its condition names.
func TestAccCauseOfStore(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	ctx := soon(t)
	ref := airm.Ref{Kind: airm.KindSecretStore, Project: p.name, Name: "wrong"}
	watch, err := p.Watch(ctx, ref)
	p.ok(err)
	defer watch.Stop()
	created := p.create("SecretStore", "wrong",
		"spec: {provider: {kubernetes: {server: {caBundle: "+base64.StdEncoding.EncodeToString(p.admin.CA())+
			"}, auth: {token: {bearerToken: {name: none, key: k}}}}}}")
	failed, reason := p.failure(watch, created, eso.StoreSync)
	if !strings.Contains(reason, `"none"`) {
		t.Fatal(reason)
	}
	for reason, component := range map[string]string{
		"StoreUnmaintained": "secret-store", "StoreDeprecated": "secret-store",
		"PolicyViolation": "kyverno-scan", "InvalidProviderConfig": "another",
	} {
		p.event(failed, warningEvent{strings.ToLower(reason), reason, component, "hunter2", p.Now()})
	}
	p.event(failed, warningEvent{"ahead", "InvalidProviderConfig", "secret-store", "hunter2", p.Now().Add(300 * 24 * time.Hour)})
	if cause, err := p.Cause(ctx, failed); err != nil || !strings.Contains(cause, `"none"`) {
		t.Errorf("%q, %v", cause, err)
	}
}
