// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// forge makes an ExternalSecret as an editor of the project can, with the annotations of a copy and without the label,
// which the admission policy guards: it reads everything as soon as a store is added.
func (f *fixture) forge(project string) *unstructured.Unstructured {
	f.t.Helper()
	organization := string(f.get("", "namespaces", f.platform).GetUID())
	return f.apply(project, esoResource, `
metadata:
  annotations:
    `+airm.AnnotationOrganizationSecret+`: s
    `+airm.AnnotationOrganization+`: `+organization+`
    `+airm.AnnotationHome+`: `+project+`/s
spec: {dataFrom: [{find: {name: {regexp: "."}}}]}
`, "s")
}

// owner is a reference to an object of the project, made for it: with that the garbage collector would take what refers to it.
func (f *fixture) owner(project string) string {
	f.t.Helper()
	uid := f.apply(project, "configmaps", "{}", "owner").GetUID()
	return `{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"` + string(uid) + `"}`
}

// intact makes sure that a forged object was not completed.
func (f *fixture) intact(forged *unstructured.Unstructured) {
	f.t.Helper()
	live := f.get(forged.GetNamespace(), esoResource, "s")
	if live == nil || live.GetUID() != forged.GetUID() {
		f.t.Fatal("it is gone, or another one")
	}
	if store, _, _ := unstructured.NestedMap(live.Object, "spec", "secretStoreRef"); len(store) > 0 {
		f.t.Errorf("it was completed: %v", store)
	}
}

func TestAccForgedCopyIsNotCompleted(t *testing.T) {
	f, r := newOrganization(t, 2, 1)
	forged := f.forge(f.projects[1])
	_, _, err := r.assign(t.Context(), newAssignment("s", f.projects[1], "w0"))
	says(t, err, "ExternalSecret "+f.projects[1]+"/s already exists", "does not belong to the organization secret")
	f.intact(forged)

	// A namespace that is made anew, with a forged object in it: the row still names the old one.
	f.remove(f.projects[0], esoResource, "s")
	forged = f.forge(f.projects[0])
	_, err = r.Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	f.intact(forged)
	_, _, err = r.reassign(t.Context(), newAssignment("s", f.projects[0], "w0"))
	says(t, err, "already exists")
	f.intact(forged)
	f.ok(r.Unassign(t.Context(), "s", f.projects[0], Known{}))
	f.intact(forged)
}

// What a team co-owns by applying it too, or by emptying managedFields, goes with the definition all the same.
func TestAccCopyIsOwnedAsAWhole(t *testing.T) {
	wide := func() airm.OrganizationSecret {
		d := newDefinition("s", "c0")
		d.Definition.Spec["dataFrom"] = []any{map[string]any{"extract": map[string]any{"key": "everything"}}}
		d.Definition.Spec["refreshInterval"] = "5h0m0s"
		return d
	}
	for name, prepare := range map[string]func(f *fixture, project string){
		"applied too": func(f *fixture, project string) {
			object := &unstructured.Unstructured{Object: map[string]any{}}
			object.SetGroupVersionKind(f.kind(esoResource))
			object.SetName("s")
			object.Object["spec"] = f.get(project, esoResource, "s").Object["spec"]
			notForced := metav1.ApplyOptions{FieldManager: "team"} // it is a no-op
			_, err := f.resource(project, esoResource).Apply(context.Background(), "s", object, notForced)
			f.ok(err)
		},
		"managedFields emptied": func(f *fixture, project string) {
			f.patch(project, esoResource, "s", `{"metadata":{"managedFields":[{}]}}`)
		},
		"edited": func(f *fixture, project string) {
			f.patch(project, esoResource, "s", `{"spec":{"dataFrom":[{"extract":{"key":"everything"}}],"refreshInterval":"1h0m1s"}}`)
		},
		"label and annotations taken off": func(f *fixture, project string) {
			f.patch(project, esoResource, "s", `{"metadata":{"labels":null,"annotations":null,"ownerReferences":[`+f.owner(project)+`]}}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, r := newOrganization(t, 1, 1)
			project := f.projects[0]
			_, err := r.Update(t.Context(), wide(), Known{}, FanOut{})
			f.ok(err)
			prepare(f, project)
			narrow := newDefinition("s", "c1")
			narrow.Definition.Spec["refreshInterval"] = "1h0m0s"
			_, err = r.Update(t.Context(), narrow, Known{}, FanOut{})
			f.ok(err)
			live := f.get(project, esoResource, "s")
			spec := live.Object["spec"].(map[string]any)
			if entries, _ := spec["dataFrom"].([]any); len(entries) > 0 || spec["refreshInterval"] != "1h0m0s" || contentOf(live) != "c1" {
				t.Errorf("the copy is %v", spec)
			}
			labels, annotations, owners := live.GetLabels(), live.GetAnnotations(), live.GetOwnerReferences()
			if labels[airm.LabelOrganizationSecret] == "" || annotations[airm.AnnotationOrganization] == "" || len(owners) > 0 {
				t.Errorf("it is unprotected: labels %v, annotations %v, owners %v", labels, annotations, owners)
			}
			f.status(r, airm.Pending, true)
		})
	}
}

// What another user does to a copy is drift, also where the definition says nothing about it.
func TestAccCopyDriftIsSeen(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	for name, patch := range map[string]string{
		"a field":      `{"spec":{"target":{"name":"other"}}}`,
		"the label":    `{"metadata":{"labels":{"` + airm.LabelOrganizationSecret + `":null}}}`,
		"annotations":  `{"metadata":{"annotations":{"` + airm.AnnotationOrganization + `":null}}}`,
		"an owner":     `{"metadata":{"ownerReferences":[` + f.owner(project) + `]}}`,
		"an item":      `{"spec":{"data":[{"secretKey":"value","remoteRef":{"key":"c0","version":"7"}}]}}`,
		"what it adds": `{"spec":{"dataFrom":[{"extract":{"key":"everything"}}]}}`,
	} {
		f.status(r, airm.Pending, true)
		f.patch(project, esoResource, "s", patch)
		if secret, err := r.Status(t.Context(), "s"); err != nil || secret.UpToDate {
			t.Errorf("%s: %v, it is up to date", name, err)
		}
		f.ok(r.Reassign(t.Context(), newAssignment("s", project, "w0"), Known{}).Err)
	}
	f.status(r, airm.Pending, true)
}

// Unassigning finds the copy by its UID, whatever was removed from it; an ambiguous copy is not forgotten.
func TestAccUnassignStripped(t *testing.T) {
	f, r := newOrganization(t, 2, 1)
	project := f.projects[0]
	f.patch(project, esoResource, "s", `{"metadata":{"annotations":{"`+airm.AnnotationOrganizationSecret+`":null}}}`)
	f.ok(r.Unassign(t.Context(), "s", project, Known{}))
	f.nothing(r, project)

	// A killed run did not record the UID, and then another user removes the label.
	project = f.projects[1]
	if _, _, err := f.registry().killAt("assign: complete row").assign(t.Context(), newAssignment("s", project, "w0")); err == nil {
		t.Fatal("it was not killed")
	}
	f.patch(project, esoResource, "s", `{"metadata":{"labels":null}}`)
	err := afterLeases(f.registry()).Unassign(t.Context(), "s", project, Known{})
	says(t, err, "ExternalSecret "+project+"/s is not recognized", "delete it by hand")
	if f.row(r, project) == nil {
		t.Error("the record is gone although the object is there")
	}
	f.remove(project, esoResource, "s")
	f.ok(afterLeases(f.registry()).Unassign(t.Context(), "s", project, Known{}))
	f.nothing(r, project)
}

// A copy that was made anew with the protected label, but without all of its annotations, is not forgotten.
func TestAccUnassignRestoredInPart(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	label := f.get(project, esoResource, "s").GetLabels()[airm.LabelOrganizationSecret]
	f.remove(project, esoResource, "s")
	f.apply(project, esoResource, "{metadata: {labels: {"+airm.LabelOrganizationSecret+": "+label+"}}, spec: {secretStoreRef: {name: idle}, data: [{secretKey: value, remoteRef: {key: c0}}]}}", "s")
	says(t, r.Unassign(t.Context(), "s", project, Known{}), "is not recognized")
	if f.row(r, project) == nil {
		t.Error("the record is gone")
	}
	f.remove(project, esoResource, "s")
	f.ok(r.Unassign(t.Context(), "s", project, Known{}))
}

// A definition is not deleted while there are copies without a record.
func TestAccDeleteFindsOrphans(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	f.remove(f.platform, "configmaps", airm.AssignmentRecordName("s", project))
	err := r.Delete(t.Context(), "s", Known{})
	says(t, err, `Organization secret "s" still has copies`, project+` in cluster "home"`, "force_destroy")
	if f.get(project, esoResource, "s") == nil {
		t.Fatal("the copy is gone")
	}
	f.ok(r.ForceDelete(t.Context(), "s", Known{}))
	f.nothing(r, project)
	if _, err := r.Definition(t.Context(), "s"); !cluster.IsNotFound(err) {
		t.Errorf("the definition is left: %v", err)
	}
}

// Another target, or a policy that takes a Secret over, is refused where the project has a Secret of that name.
func TestAccUpdateDoesNotWipe(t *testing.T) {
	f, r := newOrganization(t, 2, 2)
	f.apply(f.projects[0], "secrets", "stringData: {theirs: precious}", "credentials")
	renamed := newDefinition("s", "c1")
	renamed.Definition.Spec["target"] = map[string]any{"name": "credentials"}
	_, err := r.Update(t.Context(), renamed, Known{}, FanOut{})
	says(t, err, "1 of 2 copies", "project "+f.projects[0], "Secret "+f.projects[0]+"/credentials already exists", "replace its data")
	for i, expected := range []string{"c0", "c1"} {
		if content := contentOf(f.get(f.projects[i], esoResource, "s")); content != expected {
			t.Errorf("%s has %q, expected %q", f.projects[i], content, expected)
		}
	}
	says(t, r.Reassign(t.Context(), newAssignment("s", f.projects[0], "w0"), Known{}).Failures()[0].Err, "already exists")

	f.remove(f.projects[0], "secrets", "credentials")
	merging := newDefinition("s", "c1")
	merging.Definition.Spec["target"] = map[string]any{"name": "credentials", "creationPolicy": "Merge"}
	_, err = r.Update(t.Context(), merging, Known{}, FanOut{})
	f.ok(err)
	f.apply(f.projects[1], "secrets", "{metadata: {finalizers: [example.com/stays]}, stringData: {theirs: precious}}", "credentials")
	_, err = r.Update(t.Context(), renamed, Known{}, FanOut{})
	says(t, err, "1 of 2 copies", "Secret "+f.projects[1]+"/credentials already exists")
	f.ok(f.resource(f.projects[1], "secrets").Delete(t.Context(), "credentials", metav1.DeleteOptions{}))
	_, err = r.Update(t.Context(), renamed, Known{}, FanOut{})
	says(t, err, "Secret "+f.projects[1]+"/credentials is still being deleted", "example.com/stays")
	patch := []byte(`{"metadata":{"finalizers":null}}`)
	secrets := f.resource(f.projects[1], "secrets")
	_, err = secrets.Patch(t.Context(), "credentials", types.MergePatchType, patch, metav1.PatchOptions{})
	f.ok(err)
	f.eventually("the Secret is gone", func() bool { return f.get(f.projects[1], "secrets", "credentials") == nil })
	_, err = r.Update(t.Context(), renamed, Known{}, FanOut{})
	f.ok(err)
	f.status(r, airm.Pending, true)
}

// A Secret that no longer belongs to its ExternalSecret stays when that is deleted, with its value: that is reported.
func TestAccUnassignTellsOfSecretLeft(t *testing.T) {
	f, r, _ := synced(t, 1)
	project := f.projects[0]
	// ESO looks at the Secrets with this label only, and would take this one back at once.
	f.patch(project, "secrets", "s", `{"metadata":{"ownerReferences":null,"labels":{"reconcile.external-secrets.io/managed":null}}}`)
	f.ok(r.Unassign(t.Context(), "s", project, Known{}))
	if f.get(project, "secrets", "s") == nil {
		t.Fatal("the Secret went, so this shows nothing")
	}
	expected := LeftSecret{Cluster: "home", Secret: airm.Ref{Kind: eso.KindSecret, Project: project, Name: "s"}}
	if left := r.Left(t.Context()); len(left) != 1 || left[0] != expected {
		t.Errorf("left is %v", left)
	}
}
