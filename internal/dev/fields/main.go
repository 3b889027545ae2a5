// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command fields writes internal/eso/fields.tsv: every field of the spec of ESO's ExternalSecret, SecretStore and
// ClusterSecretStore, as the custom resource definitions of the supported versions have it.
//
//	ESO_CRDS="0.15.1=eso-0.15.1.yaml 2.9.0=eso-2.9.0.yaml" go generate ./internal/eso
//
// A version that is a Go module with its definitions in it is downloaded; of others ESO_CRDS names the files. The newest of
// them is the newest version that is supported.
package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/dev/bundle"
)

// modules are the versions of ESO whose Go modules have the definitions; 0.14.4 is the nearest of them to the oldest
// version that is supported, 0.15.1.
var modules = []string{"0.14.4", "0.16.2", "0.18.2", "0.19.2", "0.20.4"}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: fields TABLE")
		os.Exit(2)
	}
	if err := run(os.Getenv(bundle.Variable), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "fields:", err)
		os.Exit(1)
	}
}

func run(definitions, table string) error {
	files, err := parseFiles(definitions)
	if err != nil {
		return err
	}
	for _, version := range modules {
		file, err := bundle.OfModule(version)
		if err != nil {
			return err
		}
		files[version] = file
	}
	var releases []release
	for version, file := range files {
		fields, err := readBundle(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		releases = append(releases, release{version, fields})
	}
	slices.SortFunc(releases, func(a, b release) int { return compareVersions(a.version, b.version) })
	return os.WriteFile(table, []byte(write(releases)), 0o644)
}

// parseFiles reads "VERSION=FILE VERSION=FILE". The oldest supported version and a newer one than the modules have to be
// among them, or the table would lose what it knows of these.
func parseFiles(text string) (map[string]string, error) {
	files, err := bundle.Parse(text)
	if err != nil {
		return nil, err
	}
	newer := false
	for version := range files {
		newer = newer || compareVersions(version, modules[len(modules)-1]) > 0
	}
	if files[oldest] == "" || !newer {
		return nil, fmt.Errorf("ESO_CRDS has to name the definitions (deploy/crds/bundle.yaml) of %s and of the newest version: \"%s=FILE VERSION=FILE\"", oldest, oldest)
	}
	return files, nil
}
