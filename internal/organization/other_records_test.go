// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"encoding/json"
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// lostPlatform deletes the platform namespace, with all records, and defines the secret anew. It returns the records and the UID of the
// namespace that there was.
func (f *fixture) lostPlatform() (backup []unstructured.Unstructured, uid string) {
	f.t.Helper()
	backup = f.list(f.platform, "configmaps", airm.LabelRecord)
	uid = string(f.get("", "namespaces", f.platform).GetUID())
	f.remove("", "namespaces", f.platform)
	f.eventually("the platform namespace is gone", func() bool { return f.get("", "namespaces", f.platform) == nil })
	_, err := f.registry().Define(f.t.Context(), newDefinition("s", "c0"))
	f.ok(err)
	return backup, uid
}

// restore brings records back, as from a backup.
func (f *fixture) restore(backup []unstructured.Unstructured) {
	f.t.Helper()
	for _, record := range backup {
		text, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": record.GetLabels()}, "data": record.Object["data"]})
		f.ok(err)
		f.apply(f.platform, "configmaps", string(text), record.GetName())
	}
}

// A copy of the records of another platform namespace is refused for what it is, with what brings it back without the loss of a Secret.
func TestAccCopiesOfALostPlatformNamespace(t *testing.T) {
	for name, bringBack := range map[string]func(f *fixture, backup []unstructured.Unstructured){
		"restored": func(f *fixture, backup []unstructured.Unstructured) {
			f.restore(backup)
			f.ok(f.registry().Reassign(f.t.Context(), newAssignment("s", f.projects[0], "w0"), Known{OwnerID: "w0"}).Err)
		},
		"handed over": func(f *fixture, _ []unstructured.Unstructured) {
			uid := string(f.get("", "namespaces", f.platform).GetUID())
			f.patch(f.projects[0], esoResource, "s", `{"metadata":{"annotations":{"`+airm.AnnotationOrganization+`":"`+uid+`"}}}`)
			f.ok(f.registry().Assign(f.t.Context(), newAssignment("s", f.projects[0], "w0")).Err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, _ := newOrganization(t, 1, 1)
			project := f.projects[0]
			backup, before := f.lostPlatform()
			uid := f.get(project, esoResource, "s").GetUID()
			now := string(f.get("", "namespaces", f.platform).GetUID())
			err := f.registry().Assign(t.Context(), newAssignment("s", project, "w0")).Err
			says(t, err, "ExternalSecret "+project+"/s belongs to other records", before, now, `cluster "home"`, "Do not delete it",
				"restore its records", "kubectl --namespace "+project+" annotate externalsecret s "+airm.AnnotationOrganization+"="+now+" --overwrite")
			if f.row(f.registry(), project) != nil {
				t.Error("a record is left")
			}
			bringBack(f, backup)
			if f.get(project, esoResource, "s").GetUID() != uid {
				t.Error("it is another object")
			}
			f.stands(f.registry(), true, "home Pending")
			f.ok(f.registry().ForceDelete(t.Context(), "s", Known{}))
			f.nothing(f.registry(), project)
		})
	}
}

// Deleting an organization secret leaves copies of other records as they are, and tells of them.
func TestAccDeleteTellsOfCopiesOfOtherRecords(t *testing.T) {
	f, _ := newOrganization(t, 2, 2)
	_, before := f.lostPlatform()
	for name, remove := range map[string]func(*Registry) error{
		"delete": func(r *Registry) error { return r.Delete(t.Context(), "s", Known{}) },
		"force":  func(r *Registry) error { return r.ForceDelete(t.Context(), "s", Known{}) },
	} {
		r := f.registry()
		f.ok(remove(r))
		if warnings := r.Warnings(); len(warnings) == 0 { // there are two if other tests assign the secret meanwhile
			t.Errorf("%s: there is no warning", name)
		} else {
			says(t, warnings[0], `Organization secret "s" has copies of other records`, before, f.projects[0]+` in cluster "home"`, f.projects[1])
		}
		if f.get(f.projects[0], esoResource, "s") == nil {
			t.Errorf("%s: the copy is gone", name)
		}
		_, err := f.registry().Define(t.Context(), newDefinition("s", "c0"))
		f.ok(err)
	}
}

// ofOthers makes a copy of that name in the second cluster, from the records of another platform namespace.
func (f *fixture) ofOthers(project string) {
	f.t.Helper()
	other := newAssignment("s", project, "w9")
	text, err := json.Marshal(map[string]any{
		"metadata": map[string]any{
			"labels": map[string]any{airm.LabelOrganizationSecret: airm.NameHash("s")},
			"annotations": map[string]any{
				airm.AnnotationOrganizationSecret: "s", airm.AnnotationOrganization: "another", airm.AnnotationHome: other.Ref().Home(),
			},
		},
		"spec": newDefinition("s", "theirs").Definition.Spec,
	})
	f.ok(err)
	f.east.apply(project, esoResource, string(text), "s")
}

// Where a copy of other records is in the way in one of the clusters, nothing was made, so a removal goes through and leaves it.
func TestAccCopyOfOthersInOneCluster(t *testing.T) {
	for name, remove := range map[string]func(r *Registry, project string) error{
		"unassign": func(r *Registry, project string) error { return r.Unassign(t.Context(), "s", project, Known{}) },
		"applied again": func(r *Registry, project string) error {
			again := r.Reassign(t.Context(), newAssignment("s", project, "w0"), Known{})
			says(t, errors.New(again.Failures().String()), "belongs to other records")
			return r.Unassign(t.Context(), "s", project, Known{})
		},
		"delete": func(r *Registry, _ string) error { return r.ForceDelete(t.Context(), "s", Known{}) },
	} {
		t.Run(name, func(t *testing.T) {
			f, r := twoClusters(t, 1)
			project := f.projects[0]
			f.ofOthers(project)
			assigned := r.Assign(t.Context(), newAssignment("s", project, "w0"))
			f.ok(assigned.Err)
			f.placedIn(assigned, "home")
			says(t, errors.New(assigned.Failures().String()), "cluster east", "belongs to other records")
			f.stands(f.registry(), false, "east Failed, home Pending")
			f.ok(remove(f.registry(), project))
			f.nothing(f.registry(), project)
			f.has(f.east, "theirs")
		})
	}
}

// A copy that a killed run has made is not forgotten because its annotation was edited to name other records.
func TestAccCopyHandedToOthersIsNotForgotten(t *testing.T) {
	f, _ := twoClusters(t, 1)
	ctx, project := t.Context(), f.projects[0]
	if err := f.registry().killAt("assign: complete row").Assign(ctx, newAssignment("s", project, "w0")).Err; err == nil {
		t.Fatal("it was not killed")
	}
	f.east.patch(project, esoResource, "s", `{"metadata":{"annotations":{"`+airm.AnnotationOrganization+`":"another"}}}`)
	assigned := afterLeases(f.registry()).Assign(ctx, newAssignment("s", project, "w0"))
	f.ok(assigned.Err)
	says(t, errors.New(assigned.Failures().String()), "cluster east", "belongs to other records")
	says(t, f.registry().Unassign(ctx, "s", project, Known{}), "belongs to other records")
	if f.row(f.registry(), project) == nil {
		t.Error("the record is gone although the object is there")
	}
}
