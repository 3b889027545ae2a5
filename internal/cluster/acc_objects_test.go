// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"errors"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// A create is a create: it never touches what is there, and an update never makes a new object.
func TestAccWrites(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	ctx := soon(t)
	first := p.created("db")
	if _, err := p.Create(ctx, p.ref("db"), p.content("db", "other")); !IsAlreadyExists(err) {
		t.Errorf("a second create: %v", err)
	}
	applied, err := p.Apply(ctx, p.ref("db"), first, p.content("db", "changed"), ApplyOptions{})
	p.ok(err)
	if applied.GetUID() != first.GetUID() || applied.GetGeneration() <= first.GetGeneration() {
		t.Errorf("uid %s, generation %d", applied.GetUID(), applied.GetGeneration())
	}
	// What is no longer declared goes, although it came with the POST.
	without := p.content("db", "changed")
	delete(without["metadata"].(map[string]any), "annotations")
	applied, err = p.Apply(ctx, p.ref("db"), applied, without, ApplyOptions{})
	p.ok(err)
	if got := applied.GetAnnotations()[airm.AnnotationOwnerID]; got != "" {
		t.Errorf("the annotation is still there: %s", got)
	}

	p.ok(p.Delete(ctx, p.ref("db"), "another-uid"))
	if _, err := p.Get(ctx, p.ref("db")); err != nil {
		t.Errorf("a delete with another UID deleted it: %v", err)
	}
	p.ok(p.Delete(ctx, p.ref("db"), first.GetUID()))
	p.admin.WaitFor("ExternalSecret", p.name, "db", "is gone", acctest.IsGone)
	if _, err := p.Apply(ctx, p.ref("db"), applied, p.content("db", "again"), ApplyOptions{ForceConflicts: true}); err == nil {
		t.Error("an update of what is gone made it again")
	}
	p.ok(p.Delete(ctx, p.ref("db"), first.GetUID()))
}

func TestAccConflict(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	ctx := soon(t)
	created := p.created("db")
	patch := `{"apiVersion":"` + created.GetAPIVersion() + `","kind":"ExternalSecret","spec":{"refreshInterval":"5h0m0s"}}`
	objects, err := p.objects(ctx, airm.KindExternalSecret, p.name)
	p.ok(err)
	force := true
	live, err := objects.Patch(ctx, "db", types.ApplyPatchType, []byte(patch), metav1.PatchOptions{FieldManager: "helm", Force: &force})
	p.ok(err)

	desired := p.content("db", "k")
	desired["spec"].(map[string]any)["refreshInterval"] = "3h0m0s"
	_, err = p.Apply(ctx, p.ref("db"), live, desired, ApplyOptions{})
	var explained *Error
	if !errors.As(err, &explained) {
		t.Fatalf("no conflict: %v", err)
	}
	for _, text := range []string{"spec.refreshInterval", `"helm"`, "force_conflicts", "Nothing was written to the object there.", `"test"`} {
		if !strings.Contains(explained.Detail, text) {
			t.Errorf("%q is missing in %q", text, explained.Detail)
		}
	}
	if strings.Contains(explained.Detail, "lan again") {
		t.Errorf("a plan shows no other manager: %q", explained.Detail)
	}
	applied, err := p.Apply(ctx, p.ref("db"), live, desired, ApplyOptions{ForceConflicts: true})
	p.ok(err)
	if got, _, _ := unstructured.NestedString(applied.Object, "spec", "refreshInterval"); got != "3h0m0s" {
		t.Errorf("refreshInterval %s", got)
	}

	// The same value is no conflict, no matter who wrote it.
	desired["spec"].(map[string]any)["refreshInterval"] = "4h0m0s"
	live = p.patch(types.MergePatchType, "db", `{"spec":{"refreshInterval":"4h0m0s","data":[{"secretKey":"x","remoteRef":{"key":"other"}}]}}`, "kubectl-edit")
	desired["spec"].(map[string]any)["data"] = []any{map[string]any{"secretKey": "x", "remoteRef": map[string]any{"key": "other"}}}
	if _, err := p.Apply(ctx, p.ref("db"), live, desired, ApplyOptions{}); err != nil {
		t.Errorf("the same values conflict: %v", err)
	}
}

// An edit of a field that the plan showed with another value came after it: the next plan shows the edit. Of a field that is only
// declared now no plan shows it, so the user has to decide.
func TestAccConflictWithAnEdit(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	for name, test := range map[string]struct {
		seen          map[string]any
		want, without string
	}{
		"declared before": {map[string]any{"spec": map[string]any{"refreshInterval": "1h0m0s"}}, "plan again", "force_conflicts"},
		"declared now":    {map[string]any{"spec": map[string]any{}}, "force_conflicts", "plan again"},
	} {
		object := strings.ReplaceAll(name, " ", "-")
		p.created(object)
		live := p.patch(types.MergePatchType, object, `{"spec":{"refreshInterval":"5h0m0s"}}`, "kubectl-edit")
		desired := p.content(object, "k")
		desired["spec"].(map[string]any)["refreshInterval"] = "3h0m0s"
		_, err := p.Apply(soon(t), p.ref(object), live, desired, ApplyOptions{Seen: test.seen})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), test.without) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An empty object stays one, although the CRD's defaults in it are counted as ours after a create, and
// server-side apply makes null of an object whose last field it removes.
func TestAccEmptyObjects(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	ctx := soon(t)
	content := p.content("db", "k")
	content["spec"].(map[string]any)["target"] = map[string]any{"template": map[string]any{}}
	live, err := p.Create(ctx, p.ref("db"), content)
	p.ok(err)
	for _, key := range []string{"other", "another"} {
		content["spec"].(map[string]any)["data"] = []any{map[string]any{"secretKey": "x", "remoteRef": map[string]any{"key": key}}}
		live, err = p.Apply(ctx, p.ref("db"), live, content, ApplyOptions{})
		p.ok(err)
	}
	if _, found, _ := unstructured.NestedMap(live.Object, "spec", "target", "template"); !found {
		t.Error("the template is gone")
	}
}

// managedFields of an apiVersion that is not served any more break server-side apply
// (kubernetes/kubernetes#111937), so they are rewritten.
func TestAccManagedFieldsOfAnUnservedVersion(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	if p.admin.Served == "v1beta1" {
		t.Skip("this cluster serves v1beta1: needs ESO 0.17, which does not")
	}
	ctx := soon(t)
	created := p.created("db")
	p.patch(types.JSONPatchType, "db", `[{"op":"add","path":"/metadata/managedFields/-","value":{"manager":"ancient","operation":"Update",
		"apiVersion":"external-secrets.io/v1beta1","time":"2024-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:secretStoreRef":{"f:name":{}}}}}}]`, "test") // a field that ESO's own first write does not take over
	newer := p.content("db", "k")
	newer["spec"].(map[string]any)["target"] = map[string]any{"template": map[string]any{"metadata": map[string]any{
		"finalizers": []any{"example.com/only-in-v1"}, // v1beta1 does not know the field
	}}}

	objects, err := p.objects(ctx, airm.KindExternalSecret, p.name)
	p.ok(err)
	for _, content := range []map[string]any{p.content("db", "k"), newer} { // the second one has fields to compare with
		plain := (&unstructured.Unstructured{Object: content}).DeepCopy()
		plain.SetAPIVersion(created.GetAPIVersion())
		_, err = objects.Apply(ctx, "db", plain, metav1.ApplyOptions{FieldManager: "plain"})
	}
	if err == nil || !strings.Contains(err.Error(), "field not declared in schema") {
		t.Errorf("a plain apply gives %v, so this test shows nothing", err)
	}
	live, err := p.Get(ctx, p.ref("db"))
	p.ok(err)
	applied, err := p.Apply(ctx, p.ref("db"), live, newer, ApplyOptions{})
	p.ok(err)
	for _, entry := range applied.GetManagedFields() {
		if entry.APIVersion != applied.GetAPIVersion() {
			t.Errorf("%s still has the apiVersion %s", entry.Manager, entry.APIVersion)
		}
	}
}

// Only what the API server says of this very object is "not found".
func TestAccNotFound(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	ctx := soon(t)
	if _, err := p.Get(ctx, p.ref("none")); !IsNotFound(err) {
		t.Errorf("an object that is not there: %v", err)
	}
	nowhere := airm.Ref{Kind: airm.KindExternalSecret, Project: "no-such-namespace", Name: "db"}
	if _, err := p.Get(ctx, nowhere); !IsNotFound(err) {
		t.Errorf("an object in no namespace: %v", err)
	}
	conn := p.dynamic()
	_, err := conn.dynamic.Resource(schema.GroupVersionResource{Group: airm.Group, Version: "v0", Resource: "externalsecrets"}).
		Namespace(p.name).Get(ctx, "db", metav1.GetOptions{})
	if !apierrors.IsNotFound(err) || IsNotFound(err) {
		t.Errorf("a version that is not served counts as a missing object: %v", err)
	}
	_, err = p.as("stranger", manage).Get(ctx, airm.Ref{Kind: airm.KindClusterSecretStore, Name: "x"})
	if !IsForbidden(err) || IsNotFound(err) || IsUnavailable(err) {
		t.Errorf("what may not be read: %v", err)
	}
	_, err = p.Project(ctx, "no-such-namespace")
	if err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("a missing project: %v", err)
	}
}
