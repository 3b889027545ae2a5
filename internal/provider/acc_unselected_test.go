// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"fmt"
	"net/http"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (p *testProject) unlabel() {
	p.t.Helper()
	p.patch("Namespace", p.name, `{"metadata":{"labels":{"airm.silogen.ai/project-id":null}}}`)
}

func (p *testProject) label() {
	p.t.Helper()
	p.patch("Namespace", p.name, fmt.Sprintf(`{"metadata":{"labels":{"airm.silogen.ai/project-id":"id-of-%s"}}}`, p.name))
}

// Where a namespace lacks its label for a while, the object is left as it is, and only clusters removes it.
func TestAccNamespaceLosesItsLabel(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	secret := p.plainSecret()
	updated := secret
	updated.RefreshInterval = "2h"
	narrowed := updated
	narrowed.Clusters = []string{"home"}
	w := p.newWorkspace()
	w.configure(twoClusters + secret.String())
	w.apply()
	before := east.get("ExternalSecret", "db")
	east.unlabel()
	said := "ExternalSecret " + p.name + "/db is left as it is in cluster \"east\""
	contains(t, w.plansNothing(), said)
	w.configure(twoClusters + updated.String())
	contains(t, w.run("plan", "-no-color"), said)
	contains(t, w.apply(), said)
	contains(t, w.plansNothing(), said)
	now := east.get("ExternalSecret", "db")
	if now == nil || now.GetUID() != before.GetUID() || now.GetGeneration() != before.GetGeneration() ||
		now.GetDeletionTimestamp() != nil {
		t.Fatalf("it was touched: %v", now)
	}
	if p.spec()["refreshInterval"] != "2h0m0s" {
		t.Error("the other cluster was not updated")
	}

	east.label()
	w.apply()
	if now := east.spec()["refreshInterval"]; now != "2h0m0s" {
		t.Errorf("with its label back, the change did not arrive: %v", now)
	}
	east.unlabel()
	w.configure(twoClusters + narrowed.String())
	w.apply()
	east.expect("ExternalSecret db", false)()
	w.plansNothing()
	w.destroy()
}

// A destroy is the user's own word: it deletes the object also where the label is missing.
func TestAccDestroyWithoutLabel(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	w := p.newWorkspace()
	w.configure(twoClusters + p.secret(plain))
	w.apply()
	east.unlabel()
	w.destroy()
	east.expect("ExternalSecret db", false)()
	p.expect("ExternalSecret db", false)()
}

// Where the cluster itself says that the namespace is gone, the object is forgotten, also without a refresh.
func TestAccNamespaceIsGone(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	w := p.newWorkspace()
	w.configure(twoClusters + p.secret(plain))
	w.apply()
	east.removeNow("Namespace", p.name)
	w.configure(twoClusters + p.secret(plain+`refresh_interval = "2h"`))
	w.run("apply", "-refresh=false", "-auto-approve", "-no-color")
	uids, _ := w.attributes(secretAddress)["uids"].(map[string]any)
	if uids["home/"+p.name+"/db"] == nil || uids["east/"+p.name+"/db"] != nil {
		t.Errorf("uids are %v", uids)
	}
	w.plansNothing()
	w.destroy()
}

// forbidding is a way into a cluster on which the namespace of a project may not be read while it is closed.
func (p *testProject) forbidding(closed *bool) string {
	p.t.Helper()
	return p.Proxy(func(w http.ResponseWriter, r *http.Request) bool {
		hidden := *closed && r.URL.Path == "/api/v1/namespaces/"+p.name
		if hidden {
			forbid(w, `namespaces is forbidden: User "u" cannot get resource "namespaces"`)
		}
		return hidden
	})
}

// forbid answers as an API server does whose user lacks the right.
func forbid(w http.ResponseWriter, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = fmt.Fprint(w, mustJSON(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure",
		Code: http.StatusForbidden, Reason: metav1.StatusReasonForbidden, Message: message,
	}))
}

// Where the namespace cannot be read for a while, the object is neither deleted nor forgotten.
func TestAccNamespaceCannotBeRead(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	east := p.inEast(true)
	closed := false
	block := homeAndEast(east.forbidding(&closed)).String()
	w := p.newWorkspace()
	w.configure(block + p.secret(plain))
	w.apply()
	before := east.get("ExternalSecret", "db")
	uids := w.attributes(secretAddress)["uids"]
	closed = true
	w.configure(block + p.secret(plain+`refresh_interval = "2h"`))
	contains(t, w.fails("apply", "-auto-approve", "-no-color"), `Cluster "east" denied the request (403 Forbidden)`)
	if now := east.get("ExternalSecret", "db"); now == nil || now.GetUID() != before.GetUID() || now.GetDeletionTimestamp() != nil {
		t.Errorf("it was touched: %v", now)
	}
	if now := w.attributes(secretAddress)["uids"]; !sameContent(now, uids) {
		t.Errorf("uids were %v and are %v", uids, now)
	}
	closed = false
	w.apply()
	if now := east.spec()["refreshInterval"]; now != "2h0m0s" {
		t.Errorf("the change did not arrive: %v", now)
	}
	w.destroy()
	east.expect("ExternalSecret db", false)()
}
