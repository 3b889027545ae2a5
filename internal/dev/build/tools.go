// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// tool is a program that can be built.
type tool struct {
	name    string
	about   string // what it is for
	takes   string // how long the first build takes on a small machine
	module  string // the folder beside this one that pins it
	pkg     string
	ldflags string
	tags    []string // of the build, which leave parts out
	trimmed trimmed  // these are part of the key
	removed trimmed
	clients trimmed
	// prepare changes the copy of the module that is compiled. It returns further linker flags.
	prepare func(ctx context.Context, t *tool, source string) (ldflags string, err error)
}

var tools = []tool{
	{
		name:    "controlplane",
		about:   "etcd, kube-apiserver and External Secrets Operator in one binary: the local control plane of tests and demos",
		takes:   "2 to 10 minutes",
		module:  "controlplane",
		pkg:     ".",
		trimmed: operatorSources,
		removed: vaultWithoutIAM,
		clients: usedClients,
		prepare: prepareControlplane,
	},
	{
		name:    "operator-v1beta1",
		about:   "an External Secrets Operator that serves v1beta1 and not v1, for one of several clusters",
		takes:   "4 to 10 minutes",
		module:  "operator-v1beta1",
		pkg:     ".",
		trimmed: betaOperatorSources,
		prepare: prepareBetaOperator,
	},
	{
		name:    "tofu",
		about:   "OpenTofu, which the acceptance tests and demos run",
		takes:   "3 to 6 minutes",
		module:  "opentofu",
		pkg:     tofuModule + "/cmd/tofu",
		ldflags: "-X " + tofuModule + "/version.dev=no", // a release: no "-dev" in its version
		trimmed: tofuSources,
		prepare: prepareTofu,
	},
	{
		name:    "syft",
		about:   "what lists the modules in the archives of a release",
		takes:   "3 to 6 minutes",
		module:  "syft",
		pkg:     "github.com/anchore/syft/cmd/syft",
		ldflags: "-X main.version=1.57.0", // as in go.mod: it is named in what it writes
	},
}

func toolNames() []string {
	var names []string
	for _, t := range tools {
		names = append(names, t.name)
	}
	return names
}

// findTool returns the tool of this name, as it is built with the tags.
func findTool(name string, tags ...string) (*tool, error) {
	for _, t := range tools {
		if t.name != name {
			continue
		}
		t.tags = tags
		if slices.Contains(tags, demoTag) {
			t.trimmed = demoSources
		}
		return &t, nil
	}
	return nil, fmt.Errorf("there is no tool %q, only %s", name, strings.Join(toolNames(), ", "))
}
