// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const tofuModule = "github.com/opentofu/opentofu"

// tofuSources are the files by which OpenTofu knows where states and keys can be kept, and what is taken out of them: what
// is outside this machine, which nothing here uses. It is two fifths of what has to be compiled.
var tofuSources = trimmed{
	"internal/backend/init/init.go": {
		"backendAzure", "backendConsul", "backendCos", "backendGCS", "backendKubernetes", "backendOSS", "backendPg", "backendS3",
	},
	"internal/encryption/default_registry.go": {"aws_kms", "azure_vault", "gcp_kms", "openbao"},
}

func prepareTofu(ctx context.Context, t *tool, source string) (ldflags string, err error) {
	folder, err := copyModule(ctx, source, tofuModule)
	if err != nil {
		return "", err
	}
	for name, removed := range t.trimmed {
		path := filepath.Join(folder, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(path, []byte(removeLines(string(text), removed)), 0o644); err != nil {
			return "", err
		}
	}
	return "", nil
}

// removeLines removes from formatted Go code the lines that have one of the words, with the blocks that they open.
func removeLines(text string, words []string) string {
	pattern := regexp.MustCompile(`\b(` + strings.Join(words, "|") + `)\b`)
	var kept []string
	end := "" // of the block that is being removed
	for line := range strings.Lines(text) {
		switch {
		case end != "":
			if strings.TrimSuffix(line, "\n") == end {
				end = ""
			}
		case !pattern.MatchString(line):
			kept = append(kept, line)
		case strings.HasSuffix(line, "{\n"):
			end = line[:len(line)-len(strings.TrimLeft(line, "\t"))] + "}"
		}
	}
	return strings.Join(kept, "")
}
