// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package organization

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// contentsByProject are the keys that the copies of an organization secret refer to, in one cluster.
func contentsByProject(secret *SecretStatus) map[string]string {
	contents := map[string]string{}
	for _, its := range secret.Copies() {
		contents[its.Project] = contentOf(its.Object)
	}
	return contents
}

func TestAccLongNames(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	r := f.registry()
	slices.Sort(f.projects)
	first := strings.Repeat("a123456789", 25) + "abc" // 253, as long as a name may be
	second := first[:252] + "d"
	for _, name := range []string{first, second} {
		_, err := r.Define(t.Context(), newDefinition(name, "c0"))
		f.ok(err)
		for _, project := range f.projects {
			_, _, err := r.assign(t.Context(), newAssignment(name, project, "w0"))
			f.ok(err)
		}
	}
	_, err := r.Update(t.Context(), newDefinition(first, "c1"), Known{}, FanOut{})
	f.ok(err)
	for name, content := range map[string]string{first: "c1", second: "c0"} {
		secret, err := r.Status(t.Context(), name)
		f.ok(err)
		expected := map[string]string{f.projects[0]: content, f.projects[1]: content}
		if got := contentsByProject(secret); !secret.UpToDate || !maps.Equal(got, expected) {
			t.Errorf("%s has the copies %v, up to date %t", name, got, secret.UpToDate)
		}
	}
	secrets, err := r.StatusOfAll(t.Context())
	f.ok(err)
	var names []string
	for _, secret := range secrets {
		names = append(names, secret.Name)
	}
	if !slices.Equal(names, []string{first, second}) {
		t.Errorf("the organization secrets are %v", names)
	}
	f.ok(r.ForceDelete(t.Context(), first, Known{}))
	rows, err := r.Rows(t.Context(), "")
	f.ok(err)
	var left []string
	for _, row := range rows {
		left = append(left, row.Secret+" in "+row.Project)
	}
	slices.Sort(left)
	expected := []string{second + " in " + f.projects[0], second + " in " + f.projects[1]}
	if slices.Sort(expected); !slices.Equal(left, expected) {
		t.Errorf("the rows left are %v", left)
	}
	f.ok(r.ForceDelete(t.Context(), second, Known{}))
}
