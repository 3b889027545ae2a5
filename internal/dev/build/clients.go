// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const clientModule = "k8s.io/client-go"

// usedClients are the APIs of Kubernetes, by group, in the versions that the control plane uses by a typed client or
// informer. Hundreds of packages name the interface of all clients, and each of them is compiled with all that it names.
var usedClients = trimmed{
	"admissionregistration": {"v1", "v1beta1"},
	"apiserverinternal":     {"v1alpha1"},
	"apps":                  {"v1"},
	"authentication":        {"v1"},
	"authorization":         {"v1"},
	"autoscaling":           {"v1", "v2"},
	"batch":                 {"v1"},
	"certificates":          {"v1", "v1alpha1", "v1beta1"},
	"coordination":          {"v1", "v1beta1"},
	"core":                  {"v1"},
	"discovery":             {"v1", "v1beta1"},
	"events":                {"v1"},
	"flowcontrol":           {"v1"},
	"networking":            {"v1", "v1beta1"},
	"node":                  {"v1"},
	"policy":                {"v1", "v1beta1"},
	"rbac":                  {"v1"},
	"resource":              {"v1"},
	"scheduling":            {"v1"},
	"storage":               {"v1"},
}

// trimClients lets the module in the folder source use a copy of client-go with these clients and informers only.
func (used trimmed) trimClients(ctx context.Context, source string) error {
	folder, err := copyModule(ctx, source, clientModule)
	if err != nil {
		return err
	}
	clients, err := filepath.Glob(filepath.Join(folder, "kubernetes", "typed", "*", "*"))
	if err != nil {
		return err
	}
	removed := trimmed{}
	for _, dir := range clients {
		group, version := filepath.Base(filepath.Dir(dir)), filepath.Base(dir)
		if !slices.Contains(used[group], version) {
			used.removeClient(removed, group, version)
		}
	}
	for file := range removed {
		if _, err := os.Stat(filepath.Join(folder, file)); os.IsNotExist(err) {
			delete(removed, file) // the informers of a group that has none
		}
	}
	return removed.removeFrom(folder)
}

// removeClient adds the words of the lines where client-go names this version of a group.
func (used trimmed) removeClient(removed trimmed, group, version string) {
	remove := func(file, word string) { removed[file] = append(removed[file], word) }
	remove("kubernetes/clientset.go", group+version)
	if len(used[group]) == 0 {
		remove("informers/factory.go", group)
	} else {
		remove("informers/"+group+"/interface.go", version)
	}
	remove("informers/generic.go", capitalized(group)+`\(\)\.`+capitalized(version))
}

func capitalized(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
