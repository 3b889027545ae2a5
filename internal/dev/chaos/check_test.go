// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// What is missing, what is too much and what is another object than before are all reported.
func TestCompare(t *testing.T) {
	n := newNames("test")
	w := newWanted(n, newConfigurations(n))
	empty := func() *snapshot {
		return &snapshot{
			records: map[string]*unstructured.Unstructured{}, externals: byPlace{},
			secrets: byPlace{}, stores: byPlace{},
		}
	}
	lost := strings.Join(compare(w, empty(), nil), "\n")
	for where := range w.secrets {
		for _, what := range []string{"there is no ExternalSecret", "there is no Secret"} {
			if !strings.Contains(lost, where.String()+": LOST: "+what) {
				t.Errorf("nothing says of %s that %s", where, what)
			}
		}
	}
	for id := range w.rows {
		if !strings.Contains(lost, "row "+id+": LOST") {
			t.Errorf("nothing says that the row %s is lost", id)
		}
	}

	left, stray := empty(), place{home, n.projects[0].name, "stray"}
	left.secrets[stray], left.externals[stray] = &unstructured.Unstructured{}, &unstructured.Unstructured{}
	problems := compare(newWanted(n, nil), left, nil)
	said := strings.Join(problems, "\n")
	if len(problems) != 2 || strings.Count(said, stray.String()) != 2 ||
		!strings.Contains(said, "this ExternalSecret") || !strings.Contains(said, "this Secret") {
		t.Errorf("of two strays it says %q", problems)
	}

	now, before, kept := empty(), empty(), place{home, n.projects[0].name, sharedName}
	for s, uid := range map[*snapshot]string{now: "b", before: "a"} {
		s.externals[kept] = &unstructured.Unstructured{Object: object{"metadata": object{"uid": uid}}}
	}
	if problems := strings.Join(compare(w, now, before), "\n"); !strings.Contains(problems, "another one than before") {
		t.Errorf("nothing says that the object is another one:\n%s", problems)
	}
}
