// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"net/http"
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

// unreadable are the ways in which a cluster does not say whether it holds a project.
var unreadable = map[string]func(http.ResponseWriter){
	"forbidden": func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"namespaces is forbidden: User \"x\" cannot get resource \"namespaces\""}`))
	},
	"unavailable": func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
}

// blind is a run to which the second cluster does not say whether it holds a project.
func (f *fixture) blind(reject func(http.ResponseWriter)) *Registry {
	f.t.Helper()
	proxy := f.east.Proxy(func(w http.ResponseWriter, r *http.Request) bool {
		hidden := strings.HasPrefix(r.URL.Path, "/api/v1/namespaces") && !strings.HasSuffix(r.URL.Path, "kube-system")
		if hidden {
			reject(w)
		}
		return hidden
	})
	return f.seenAs(map[string]cluster.Config{"east": {Host: proxy}})
}

// A cluster that could not be asked whether it holds the project keeps its copy, whatever else an apply does.
func TestAccNoAnswerKeepsCopies(t *testing.T) {
	for name, reject := range unreadable {
		t.Run(name, func(t *testing.T) {
			f, r := twoClusters(t, 2)
			ctx, project := t.Context(), f.projects[0]
			f.ok(r.Assign(ctx, newAssignment("s", project, "w0")).Err)
			f.stands(r, true, "east Pending, home Pending")
			before := f.east.get(project, esoResource, "s").GetUID()
			again := f.blind(reject).Reassign(ctx, newAssignment("s", project, "w0"), Known{})
			f.ok(again.Err)
			if waiting := again.Waiting().String(); !strings.Contains(waiting, "cluster east") {
				t.Errorf("the cluster that did not answer is not reported: %q", waiting)
			}
			both := []airm.Assignment{newAssignment("s", project, "w0"), newAssignment("s", f.projects[1], "w0")}
			for _, assigned := range f.blind(reject).AssignAll(ctx, both, map[string]Known{project: {}}) {
				f.ok(assigned.Err)
			}
			if object := f.east.get(project, esoResource, "s"); object == nil || object.GetUID() != before || object.GetDeletionTimestamp() != nil {
				t.Fatal("the copy of the cluster that did not answer is gone")
			}
			f.recordedIn(f.row(r, project), "east", "home")
			f.ok(f.registry().Reassign(ctx, newAssignment("s", project, "w0"), Known{}).Err)
			f.stands(f.registry(), true, "east Pending, home Pending")
		})
	}
}

// A namespace that has lost its label keeps its copy, and so does the record; the configuration's word removes it.
func TestAccLostLabelKeepsCopies(t *testing.T) {
	f, r := twoClusters(t, 1)
	ctx, project := t.Context(), f.projects[0]
	f.ok(r.Assign(ctx, newAssignment("s", project, "w0")).Err)
	f.east.patch("", "namespaces", project, `{"metadata":{"labels":{"`+airm.LabelProjectID+`":null}}}`)
	f.stands(f.registry(), false, "east Pending, home Pending")
	again := f.registry().Reassign(ctx, newAssignment("s", project, "w0"), Known{})
	f.ok(again.Err)
	waiting := again.Waiting().String()
	if !strings.Contains(waiting, "cluster east") || !strings.Contains(waiting, "was not changed") ||
		!strings.Contains(waiting, "is not a project") {
		t.Errorf("it does not say why: %q", waiting)
	}
	f.has(f.east, "c0")
	f.recordedIn(f.row(r, project), "east", "home")
	f.east.patch("", "namespaces", project, `{"metadata":{"labels":{"`+airm.LabelProjectID+`":"id-of-`+project+`"}}}`)
	f.ok(f.registry().Reassign(ctx, newAssignment("s", project, "w0"), Known{}).Err)
	f.stands(f.registry(), true, "east Pending, home Pending")

	f.east.patch("", "namespaces", project, `{"metadata":{"labels":{"`+airm.LabelProjectID+`":null}}}`)
	narrow := newAssignment("s", project, "w0")
	narrow.Only = map[string]string{"home": ""}
	f.ok(f.registry().Reassign(ctx, narrow, Known{}).Err)
	f.has(f.east, "")
	f.stands(f.registry(), true, "home Pending")
}
