// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Package bundle finds the file of a version of External Secrets Operator that defines its kinds (deploy/crds/bundle.yaml), and
// puts these kinds into a cluster.
package bundle

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Variable names the files of versions that are no Go modules: "0.15.1=FILE 2.9.0=FILE".
const Variable = "ESO_CRDS"

// Parse reads what Variable says: the files by their version.
func Parse(text string) (map[string]string, error) {
	files := map[string]string{}
	for _, word := range strings.Fields(text) {
		version, file, found := strings.Cut(word, "=")
		if !found {
			return nil, fmt.Errorf("%s: %q is not VERSION=FILE", Variable, word)
		}
		files[version] = file
	}
	return files, nil
}

// OfModule returns the file in the Go module of a version, which it downloads.
func OfModule(version string) (string, error) {
	command := exec.Command("go", "mod", "download", "-json", "github.com/external-secrets/external-secrets@v"+version)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("ESO %s cannot be downloaded: %w", version, err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(output, &module); err != nil {
		return "", err
	}
	return filepath.Join(module.Dir, "deploy", "crds", "bundle.yaml"), nil
}
