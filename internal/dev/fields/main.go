// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command fields writes internal/eso/fields.tsv: every field of the spec of ESO's ExternalSecret, SecretStore and
// ClusterSecretStore, as the custom resource definitions of the supported versions have it.
//
//	ESO_CRDS="0.15.1=eso-0.15.1.yaml 0.17.0=eso-0.17.0.yaml ... 2.9.0=eso-2.9.0.yaml" go generate ./internal/eso
//
// It reads the last release of every minor version: a field, a value or a default may be there in a few of them only. A
// version that is a Go module with its definitions in it is downloaded; of others ESO_CRDS names the files. All versions that
// the table was made from have to be among them. The newest is the newest version that is supported.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

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
	before, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	files, err := parseFiles(definitions, versionsOf(string(before)))
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

// parseFiles reads "VERSION=FILE VERSION=FILE". All versions that are known have to be among them, but for the modules, or the
// table would lose what it knows of these.
func parseFiles(text string, known []string) (map[string]string, error) {
	files, err := bundle.Parse(text)
	if err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(slices.Clone(known), func(version string) bool {
		return files[version] != "" || slices.Contains(modules, version)
	})
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s does not name the definitions (deploy/crds/bundle.yaml) of ESO %s, which the table was made from: add VERSION=FILE for each, or run .ci/eso-fields", bundle.Variable, strings.Join(missing, ", "))
	}
	return files, nil
}
