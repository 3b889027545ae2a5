// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/cluster"
)

func TestAccDelete(t *testing.T) {
	f, r := newOrganization(t, 2, 2)
	err := r.Delete(t.Context(), "s", Known{})
	says(t, err, `Organization secret "s" is still assigned`,
		f.projects[0]+" (by acme/w0)", f.projects[1]+" (by acme/w0)", "Nothing was deleted", "force_destroy = true")
	f.status(r, airm.Pending, true)

	f.patch(f.projects[0], esoResource, "s", `{"metadata":{"finalizers":["example.com/stays"]}}`)
	err = r.ForceDelete(f.untilHeld(f.projects[0], func() bool { // and the other project is done
		_, err := f.registry().Row(t.Context(), "s", f.projects[1])
		return cluster.IsNotFound(err)
	}), "s", Known{})
	says(t, err, "could not be removed from every project",
		"project "+f.projects[0], "finalizer example.com/stays", "destroy it again; or, to keep it, apply it")
	f.nothing(r, f.projects[1])
	f.status(r, airm.DeleteFailed, false, "example.com/stays")
	_, _, err = r.assign(t.Context(), newAssignment("s", f.projects[1], "w0"))
	says(t, err, "is being deleted")

	f.patch(f.projects[0], esoResource, "s", `{"metadata":{"finalizers":null}}`)
	f.ok(r.ForceDelete(t.Context(), "s", Known{}))
	f.nothing(r, f.projects[0])
	if _, err := r.Status(t.Context(), "s"); !cluster.IsNotFound(err) {
		t.Errorf("the definition is left: %v", err)
	}
	f.ok(r.ForceDelete(t.Context(), "s", Known{}))
}
