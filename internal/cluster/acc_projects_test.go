// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
)

// label writes or removes the label of the project's namespace.
func (p *testProject) label(patch string) {
	p.t.Helper()
	p.admin.Patch("Namespace", "", p.name, `{"metadata":`+patch+`}`)
}

// elsewhere is the second cluster, which has no such namespace unless a test makes it there.
func elsewhere(t *testing.T, name string) *Cluster {
	t.Helper()
	acctest.Connect(t, "east") // or skip
	return New(name, Config{ConfigContext: "east"}.WithEnvironment(os.Getenv), testOptions())
}

const unlabelled = `{"labels":{"airm.silogen.ai/project-id":null}}`

// A namespace that is gone, one without its label, and one that could not be asked for are three things.
func TestAccWhereProjectIs(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := elsewhere(t, "east")
	for name, find := range map[string]func(*Clusters) (ProjectClusters, error){
		"holding":        func(cs *Clusters) (ProjectClusters, error) { return cs.LocateProject(soon(t), p.name, nil) },
		"listed holding": func(cs *Clusters) (ProjectClusters, error) { return cs.LocateProjectCached(soon(t), p.name, nil) },
		"holdings":       func(cs *Clusters) (ProjectClusters, error) { return cs.ProjectLocator(soon(t), nil)(soon(t), p.name) },
	} {
		p.label(`{"labels":{"airm.silogen.ai/project-id":"x"}}`)
		home := func() *Cluster { return New("home", p.config, testOptions()) } // no run remembers another's
		holding, err := find(NewClusters("home", home(), east))
		p.ok(err)
		if strings.Join(clusterNames(holding.Clusters), " ") != "home" || len(holding.Unavailable)+len(holding.Unselected) > 0 {
			t.Errorf("%s: %+v", name, holding)
		}
		p.label(unlabelled)
		holding, err = find(NewClusters("home", home(), east))
		if !errors.Is(err, ErrNotSelected) || !errors.Is(err, ErrNoProject) || len(holding.Unavailable) > 0 ||
			len(holding.Unselected) != 1 || !errors.Is(holding.Unselected["home"], ErrNotSelected) {
			t.Errorf("%s, without the label: %+v, %v", name, holding, err)
		}
		refused := p.through(func(w http.ResponseWriter, r *http.Request) bool {
			return strings.HasPrefix(r.URL.Path, "/api/v1/namespaces") && fail(w, http.StatusForbidden, metav1.StatusReasonForbidden)
		})
		holding, err = find(NewClusters("test", refused, east))
		if err == nil || errors.Is(err, ErrNoProject) || holding.Unavailable["test"] == nil || len(holding.Unselected) > 0 {
			t.Errorf("%s, without an answer: %+v, %v", name, holding, err)
		}
	}
	_, err := NewClusters("east", east).LocateProject(soon(t), p.name, nil)
	if !errors.Is(err, ErrNoProject) || errors.Is(err, ErrNotSelected) {
		t.Errorf("where there is none: %v", err)
	}
}

// Of clusters of which one holds a project, the one without the label is distinguished from the one without the namespace.
func TestAccUnselectedBesideHolding(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	other := elsewhere(t, "other")
	holding, err := NewClusters("test", p.Cluster, other).LocateProject(soon(t), p.name, nil)
	if err != nil || strings.Join(clusterNames(holding.Clusters), " ") != "test" || len(holding.Unselected) != 0 {
		t.Errorf("without the namespace: %+v, %v", holding, err)
	}
	acctest.Connect(t, "east").Create("Namespace", "", p.name, "")
	holding, err = NewClusters("test", p.Cluster, other).LocateProject(soon(t), p.name, nil)
	if err != nil || strings.Join(clusterNames(holding.Clusters), " ") != "test" || !errors.Is(holding.Unselected["other"], ErrNotSelected) {
		t.Errorf("without the label: %+v, %v", holding, err)
	}
}

// A namespace is gone when the API server says so, and only then.
func TestAccNamespaceGone(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	expect := func(what string, c *Cluster, want bool) {
		t.Helper()
		if gone, err := c.NamespaceGone(soon(t), p.name); err != nil || gone != want {
			t.Errorf("%s: %t, %v", what, gone, err)
		}
	}
	expect("it is there", p.Cluster, false)
	p.label(unlabelled)
	expect("without the label", p.Cluster, false)
	for name, answer := range map[string]func(http.ResponseWriter) bool{
		"forbidden":    answering(http.StatusForbidden, metav1.StatusReasonForbidden),
		"failure":      answering(http.StatusInternalServerError, metav1.StatusReasonInternalError),
		"no such path": answering(http.StatusNotFound, metav1.StatusReasonNotFound),
		"a proxy's 404": func(w http.ResponseWriter) bool {
			http.Error(w, "<html>nothing here</html>", http.StatusNotFound)
			return true
		},
		"hung up": hangUp,
	} {
		c := p.through(func(w http.ResponseWriter, r *http.Request) bool {
			return strings.HasPrefix(r.URL.Path, "/api/v1/namespaces/") && answer(w)
		})
		if gone, err := c.NamespaceGone(soon(t), p.name); err == nil || gone {
			t.Errorf("%s: %t, %v", name, gone, err)
		}
	}
	p.label(`{"finalizers":["example.com/test"]}`)
	p.admin.Remove("Namespace", "", p.name)
	expect("while it is being deleted", p.Cluster, false)
	p.label(`{"finalizers":[]}`)
	p.admin.WaitFor("Namespace", "", p.name, "is gone", acctest.IsGone)
	expect("once it is gone", p.Cluster, true)
}
