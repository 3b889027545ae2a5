// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
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
	return "", t.trimmed.removeFrom(folder)
}
