// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"net/http"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

const identityPath = "/api/v1/namespaces/" + metav1.NamespaceSystem

// unidentified is a run that may not read the identity of the second cluster.
func (f *fixture) unidentified() *Registry {
	f.t.Helper()
	proxy := f.east.Proxy(func(w http.ResponseWriter, r *http.Request) bool {
		hidden := r.URL.Path == identityPath
		if hidden {
			unreadable["forbidden"](w)
		}
		return hidden
	})
	return f.seenAs(map[string]cluster.Config{"east": {Host: proxy}})
}

// uid is that of a namespace in this cluster.
func (f *fixture) uid(namespace string) string {
	f.t.Helper()
	return string(f.get("", "namespaces", namespace).GetUID())
}

// narrowedTo is an assignment that is narrowed to clusters.
func narrowedTo(project string, clusters ...string) airm.Assignment {
	narrow := newAssignment("s", project, "w0")
	narrow.Only = map[string]string{}
	for _, name := range clusters {
		narrow.Only[name] = ""
	}
	return narrow
}

// recordedByIdentity makes sure that the record names the copies by the identities of these clusters, and by nothing else.
func (f *fixture) recordedByIdentity(row *Row, clusters ...*fixture) {
	f.t.Helper()
	for _, its := range clusters {
		if row.Copies[its.uid(metav1.NamespaceSystem)].UID == "" {
			f.t.Errorf("the copy in %s is not recorded by its identity", its.name)
		}
	}
	if len(row.Copies) != len(clusters) {
		f.t.Errorf("the record has %+v", row.Copies)
	}
}

// What a run has recorded by the UID of the project's namespace, because it may not read kube-system, is that cluster for a run that
// may, whatever that run does first, and whatever it calls the cluster.
func TestAccClustersRecordedByTheirProject(t *testing.T) {
	for name, next := range map[string]func(f *fixture, r *Registry, project string){
		"unassigned": func(f *fixture, r *Registry, project string) {
			f.ok(r.Unassign(f.t.Context(), "s", project, Known{}))
			f.has(f.east, "")
		},
		"deleted": func(f *fixture, r *Registry, _ string) {
			f.ok(r.ForceDelete(f.t.Context(), "s", Known{}))
			f.has(f.east, "")
		},
		"reassigned": func(f *fixture, r *Registry, project string) {
			f.ok(r.Reassign(f.t.Context(), narrowedTo(project, "home", "ost"), Known{}).Err)
			f.recordedByIdentity(f.row(r, project), f, f.east)
		},
		"left out": func(f *fixture, r *Registry, project string) {
			f.ok(r.Reassign(f.t.Context(), narrowedTo(project, "home"), Known{}).Err)
			f.recordedByIdentity(f.row(r, project), f)
			f.has(f.east, "")
		},
		"updated": func(f *fixture, r *Registry, project string) {
			f.east.apply(project, esoResource, "spec: {data: [{secretKey: value, remoteRef: {key: theirs}}]}", "s")
			_, err := r.Update(f.t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
			says(f.t, err, "cluster ost", "another-manager")
			f.recordedByIdentity(f.row(r, project), f, f.east)
		},
		"recorded twice": func(f *fixture, r *Registry, project string) { // by an earlier version
			f.ok(r.remover.record(f.t.Context(), f.row(r, project), nil, func(row *airm.Assignment) {
				row.Copies[f.east.uid(metav1.NamespaceSystem)] = airm.Copy{Cluster: "east"}
			}))
			f.stands(r, true, "home Pending, ost Pending")
			f.ok(r.Unassign(f.t.Context(), "s", project, Known{}))
			f.has(f.east, "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, r := twoClusters(t, 1)
			project := f.projects[0]
			f.ok(f.unidentified().Assign(t.Context(), narrowedTo(project, "east", "home")).Err)
			if f.row(r, project).Copies[f.east.uid(project)].UID == "" {
				t.Fatalf("east is not recorded by its project: %+v", f.row(r, project).Copies)
			}
			renamed := f.seenAs(map[string]cluster.Config{"ost": f.east.config()})
			f.stands(renamed, true, "home Pending, ost Pending")
			next(f, renamed, project)
		})
	}
}

// So it is where there is only one cluster.
func TestAccClusterRecordedByItsProject(t *testing.T) {
	f, r := newOrganization(t, 1, 0)
	ctx, project := t.Context(), f.projects[0]
	blind := f.refusing(func(request *http.Request) int {
		if request.URL.Path == identityPath {
			return http.StatusForbidden
		}
		return 0
	})
	f.ok(blind.Assign(ctx, newAssignment("s", project, "w0")).Err)
	f.status(r, airm.Pending, true)
	f.ok(r.Reassign(ctx, newAssignment("s", project, "w0"), Known{}).Err)
	f.recordedByIdentity(f.row(r, project), f)
	f.status(blind, airm.Pending, true)
	f.ok(blind.Unassign(ctx, "s", project, Known{}))
	f.nothing(r, project)
}
