// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"errors"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// A record that another run made is neither written nor deleted by a state that knows one of the same name.
func TestAccAnotherRecord(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	ctx, project := t.Context(), f.projects[0]
	theirs := Known{UID: "ours is gone", OwnerID: "ours"}
	_, err := r.Update(ctx, newDefinition("s", "c1"), theirs, FanOut{})
	for what, err := range map[string]error{
		"update":   err,
		"delete":   r.ForceDelete(ctx, "s", theirs),
		"unassign": r.Unassign(ctx, "s", project, theirs),
		"reassign": r.Reassign(ctx, newAssignment("s", project, "w9"), theirs).Err,
	} {
		if !errors.Is(err, ErrAnotherRecord) {
			t.Errorf("%s: %v", what, err)
		}
	}
	f.status(r, airm.Pending, true)
	row := f.row(r, project)
	if contentOf(f.get(project, esoResource, "s")) != "c0" || row.OwnerID != "w0" {
		t.Error("something was written")
	}

	// By its UID, or by the owner that a backup brings back.
	f.ok(r.Reassign(ctx, newAssignment("s", project, "w0"), Known{UID: row.UID()}).Err)
	f.ok(r.Unassign(ctx, "s", project, Known{UID: "before the backup", OwnerID: "w0"}))
	f.nothing(r, project)
}

// A record that is not found in other records than the state knows is not gone.
func TestAccAnotherHome(t *testing.T) {
	f, r := newOrganization(t, 1, 0)
	ctx := t.Context()
	home, err := r.Home(ctx)
	f.ok(err)
	for name, test := range map[string]struct {
		known Home
		want  error
	}{
		"the same":            {home, nil},
		"nothing known":       {Home{}, nil},
		"another cluster":     {Home{ClusterUID: "x", NamespaceUID: "y", NamespaceName: f.platform}, ErrAnotherHome},
		"another namespace":   {Home{ClusterUID: home.ClusterUID, NamespaceUID: "y", NamespaceName: "z"}, ErrAnotherHome},
		"a cluster not named": {Home{NamespaceUID: "y", NamespaceName: f.platform}, ErrAnotherHome},
	} {
		known := Known{UID: "x", Home: test.known}
		if err := r.ForceDelete(ctx, "nothing", known); !errors.Is(err, test.want) {
			t.Errorf("%s: delete says %v", name, err)
		}
		if err := r.Unassign(ctx, "nothing", f.projects[0], known); !errors.Is(err, test.want) {
			t.Errorf("%s: unassign says %v", name, err)
		}
	}
}
