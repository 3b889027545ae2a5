// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package docs

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// licences are those that may be in a binary under the MIT licence, by words that only they have.
var licences = map[string]string{
	"Apache-2.0": "Apache License",
	"MIT":        "Permission is hereby granted, free of charge, to any person obtaining a copy",
	"BSD":        "Redistribution and use in source and binary forms, with or without",
	"MPL-2.0":    "Mozilla Public License",
	"ISC":        "Permission to use, copy, modify, and",
}

// Whatever is linked into the provider has a licence that allows it.
func TestLicences(t *testing.T) {
	modules := linkedModules(t)
	if len(modules) < 20 {
		t.Fatalf("only %d modules were found, so the search is broken", len(modules))
	}
	for module, dir := range modules {
		if err := licenceIn(dir); err != nil {
			t.Errorf("%s: %v", module, err)
		}
	}
}

// linkedModules are the folders of the modules that the provider's packages come from, on any system.
func linkedModules(t *testing.T) map[string]string {
	t.Helper()
	modules := map[string]string{}
	for _, system := range []string{"linux", "windows", "darwin", "freebsd"} {
		command := exec.Command("go", "list", "-deps", "-json=Module", root)
		command.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		output, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
			var pkg struct {
				Module *struct {
					Path, Dir string
					Main      bool
				}
			}
			if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if pkg.Module != nil && !pkg.Module.Main {
				modules[pkg.Module.Path] = pkg.Module.Dir
			}
		}
	}
	return modules
}

func licenceIn(dir string) error {
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "License*", "COPYING*"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern)) // fails for a malformed pattern only
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			flat := strings.Join(strings.Fields(string(text)), " ")
			for _, words := range licences {
				if strings.Contains(flat, words) {
					return nil
				}
			}
		}
	}
	return errors.New("no licence that is known to be allowed: look at it, and add it to the list or drop the module")
}
