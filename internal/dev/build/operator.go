// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	operatorModule = "github.com/external-secrets/external-secrets"

	// demoTag is the tag of a build with only what the demo needs.
	demoTag = "demo"

	// apiserverTestFile is a file of tests that does not end in _test.go, and alone brings the fake clientset.
	apiserverTestFile = "pkg/admission/plugin/policy/generic/policy_test_context.go"
)

// trimmed says for lists in the sources of a module which of their entries are kept, or removed.
type trimmed map[string][]string

// Of External Secrets Operator these are the packages by which its reconcilers know the backends and generators, and
// those of them that are kept. The reconcilers import these lists directly, and compiling the forty others would take
// longer than everything else together.
var (
	operatorSources = trimmed{
		"pkg/provider/register":  {"aws", "azure/keyvault", "fake", "gcp/secretmanager", "kubernetes", "vault"},
		"pkg/generator/register": {"fake", "password", "uuid"},
	}
	demoSources = trimmed{
		"pkg/provider/register":  {"fake", "kubernetes", "vault"},
		"pkg/generator/register": {"fake", "password", "uuid"},
	}
	// The version that serves v1beta1 is there for its kinds; backends that need an SDK are left to the other one.
	betaOperatorSources = trimmed{
		"pkg/provider/register":  {"fake", "kubernetes"},
		"pkg/generator/register": {"fake", "password", "uuid"},
	}
)

// vaultWithoutIAM leaves out of the backend vault its way to log in by AWS, which no emulated backend answers: it alone
// brings the older SDK of AWS.
var vaultWithoutIAM = trimmed{
	"pkg/provider/vault/auth.go":       {"vaultiamauth"},
	"pkg/provider/vault/auth_iam.go":   nil,
	"pkg/provider/vault/util/vault.go": {"credentials"},
}

// prepareControlplane also makes the API server and kubectl report their version.
func prepareControlplane(ctx context.Context, t *tool, source string) (ldflags string, err error) {
	operator, err := t.trimmed.trimOperator(ctx, source)
	if err != nil {
		return "", err
	}
	if err := t.removed.removeFrom(operator); err != nil {
		return "", err
	}
	if err := t.clients.trimClients(ctx, source); err != nil {
		return "", err
	}
	apiserver, err := copyModule(ctx, source, "k8s.io/apiserver")
	if err != nil {
		return "", err
	}
	if err := os.Remove(filepath.Join(apiserver, apiserverTestFile)); err != nil {
		return "", err
	}
	return kubernetesVersionFlag(ctx, source)
}

func prepareBetaOperator(ctx context.Context, t *tool, source string) (ldflags string, err error) {
	_, err = t.trimmed.trimOperator(ctx, source)
	return "", err
}

// trimOperator lets the module in the folder source use a copy of the operator's module that registers fewer backends,
// and puts the operator's CustomResourceDefinitions into it. It returns the folder of the copy.
func (kept trimmed) trimOperator(ctx context.Context, source string) (string, error) {
	operator, err := copyModule(ctx, source, operatorModule)
	if err != nil {
		return "", err
	}
	for dir, names := range kept {
		if err := os.WriteFile(filepath.Join(operator, dir, "register.go"), registerSource(dir, names), 0o644); err != nil {
			return "", err
		}
	}
	crds, err := os.ReadFile(filepath.Join(operator, "deploy", "crds", "bundle.yaml"))
	if err != nil {
		return "", err
	}
	return operator, os.WriteFile(filepath.Join(source, "crds", "bundle.yaml"), crds, 0o644)
}

// registerSource is the source of a package that imports the siblings of its folder dir.
func registerSource(dir string, names []string) []byte {
	var text strings.Builder
	text.WriteString("package register\n\nimport (\n")
	for _, name := range names {
		fmt.Fprintf(&text, "\t_ %q\n", operatorModule+"/"+filepath.ToSlash(filepath.Dir(dir))+"/"+name)
	}
	text.WriteString(")\n")
	return []byte(text.String())
}

// kubernetesVersionFlag makes the API server and kubectl report their version: their own build sets it so too.
func kubernetesVersionFlag(ctx context.Context, source string) (string, error) {
	version, err := output(goCommand(ctx, source, "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes"))
	return "-X k8s.io/component-base/version.gitVersion=" + version, err
}
