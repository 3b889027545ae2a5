// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"slices"
	"strings"
	"testing"
)

// allowed are the packages of External Secrets Operator that the provider may be made of: those that import nothing.
var allowed = []string{"github.com/external-secrets/external-secrets/apis/meta/v1"}

// ESO's spec types would bring hundreds of packages (decisions/0009).
func TestLinkedPackages(t *testing.T) {
	packages, err := linkedPackages("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range packages {
		ofESO := strings.HasPrefix(pkg, "github.com/external-secrets/")
		ofTests := strings.Contains(pkg, "/internal/dev/") || strings.HasSuffix(pkg, "/internal/acctest")
		if ofESO && !slices.Contains(allowed, pkg) || strings.HasPrefix(pkg, "sigs.k8s.io/controller-runtime") || ofTests {
			t.Errorf("%s is linked into the provider", pkg)
		}
	}
	if !slices.Contains(packages, allowed[0]) || len(packages) > maxPackages {
		t.Errorf("%d packages, at most %d, and %s has to be among them", len(packages), maxPackages, allowed[0])
	}
}
