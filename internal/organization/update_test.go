// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"strings"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

func TestAccUpdateOverwritten(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	overwritten := func(step string) {
		t.Helper()
		_, err := f.registry().before(step, func() {
			_, err := r.Update(t.Context(), newDefinition("s", "of "+strings.ReplaceAll(step, ":", "")), Known{}, FanOut{})
			f.ok(err)
		}).Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
		says(t, err, `Organization secret "s" was changed at the same time`, "Plan again")
		if content := contentOf(f.get(f.projects[0], esoResource, "s")); content != "of "+strings.ReplaceAll(step, ":", "") {
			t.Errorf("an older definition was applied over the newest: %q", content)
		}
	}
	overwritten("update: write definition")
	overwritten("update: apply object")
	overwritten("update: read rows again")
	overwritten("update: read definition again")
}

func TestAccUpdateOfObjectMadeAnew(t *testing.T) {
	f, r := newOrganization(t, 1, 1)
	project := f.projects[0]
	_, err := f.registry().before("update: apply object", func() {
		f.ok(r.Unassign(t.Context(), "s", project, Known{}))
		_, _, err := r.assign(t.Context(), newAssignment("s", project, "w1"))
		f.ok(err)
	}).Update(t.Context(), newDefinition("s", "c1"), Known{}, FanOut{})
	f.ok(err)
	f.status(r, airm.Pending, true)
	vanishes := f.registry().before("update: apply object", func() { f.remove(project, esoResource, "s") })
	_, err = vanishes.Update(t.Context(), newDefinition("s", "c2"), Known{}, FanOut{})
	f.ok(err)
	if f.get(project, esoResource, "s") != nil {
		t.Error("the update made the object again")
	}
}
