// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// controlPlane is the binary under test. Build it with "go run ./internal/dev/build controlplane" and name it in the
// environment: it cannot be the test binary, which lacks the operator's kinds and would register all its backends.
func controlPlane(t *testing.T) string {
	t.Helper()
	binary := os.Getenv("CONTROLPLANE")
	if binary == "" {
		t.Skip("set CONTROLPLANE to the path of the binary")
	}
	return binary
}

// TestRunTwice starts two clusters twice in the same folder and looks at what remains.
func TestRunTwice(t *testing.T) {
	binary, dir := controlPlane(t), filepath.Join(t.TempDir(), "run")
	for range 2 {
		command := exec.Command(binary, "run", "-clusters", "default,east", "-projects", "team-a", "-dir", dir, "--",
			"sh", "-c", "cat */*.pid; kubectl get namespace team-a -o name && kubectl --context east get namespace team-a -o name; exit 7")
		command.Dir = dir
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		command.Stdout, command.Stderr = &stdout, &stderr
		_ = command.Run()
		if code := command.ProcessState.ExitCode(); code != 7 {
			t.Fatalf("exit code %d, want the command's, 7:\n%s", code, &stderr)
		}
		lines := strings.Fields(stdout.String())
		if len(lines) != 10 || lines[8] != "namespace/team-a" || lines[9] != "namespace/team-a" {
			t.Fatalf("want 8 process ids and the namespace of 2 clusters, got %q", lines)
		}
		for _, pid := range lines[:8] {
			if err := exec.Command("kill", "-0", pid).Run(); err == nil {
				t.Errorf("process %s still runs", pid)
			}
		}
		for _, pattern := range temporaryFiles {
			if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		}
	}
}

// TestOtherOperator starts a cluster with another version of the operator. The probe of the start has it sync a secret.
func TestOtherOperator(t *testing.T) {
	binary, operator := controlPlane(t), os.Getenv("OPERATOR")
	if operator == "" {
		t.Skip("set OPERATOR to the path of operator-v1beta1")
	}
	text, err := exec.Command(binary, "run", "-clusters", "old", "-operator", "old="+operator, "--", "kubectl", "api-versions").Output()
	versions := strings.Fields(string(text))
	if err != nil || !slices.Contains(versions, "external-secrets.io/v1beta1") || slices.Contains(versions, "external-secrets.io/v1") {
		t.Errorf("%v: served are %q", err, versions)
	}
}

// TestOperatorComesBack kills the operator, whose probe has synced a secret, and has the next one sync another.
func TestOperatorComesBack(t *testing.T) {
	binary := controlPlane(t)
	command := exec.Command(binary, "run", "-projects", "team-a", "--", "sh", "-e", "-c", `
		operator=$(dirname "$KUBECONFIG")/default/external-secrets.pid
		kill -ABRT "$(cat "$operator")"
		kubectl apply -f -
		kubectl -n team-a wait --for=condition=Ready --timeout=60s externalsecret/after`)
	command.Stdin = strings.NewReader(`
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: after}
spec: {provider: {fake: {data: [{key: k, value: v}]}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: after, namespace: team-a}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: after}
  data: [{secretKey: k, remoteRef: {key: k}}]
`)
	text, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(text), "is started again") || !strings.Contains(string(text), "SIGABRT") {
		t.Errorf("%v, and the reason of the end and the new start should be named:\n%s", err, text)
	}
}

func TestValidate(t *testing.T) {
	for _, args := range [][]string{
		{"-clusters", ""},
		{"-clusters", "Default"},
		{"-clusters", "east,east"},
		{"-clusters", "bin"},
		{"-projects", "team_a"},
		{"-eso-workers", "0"},
		{"-operator", "east=/bin/sh"},
		{"-operator", "default=no-such-binary"},
		{"--", "no-such-command"},
	} {
		if _, err := parseRunOptions(args); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
	if _, err := parseRunOptions([]string{"-projects", "", "--", "kubectl", "get", "pods"}); err != nil {
		t.Error(err)
	}
}

func TestValues(t *testing.T) {
	v := newValues()
	v.set("/app/db", "one", map[string]string{"team": "a"})
	v.set("/app/db", "two", map[string]string{"team": "b"})
	v.set("other", "", nil)
	e, found := v.get("/app/db")
	if value, number, _ := e.version("1"); !found || value != "one" || number != 1 || e.latest() != 2 {
		t.Errorf("found %t, version 1 is %q (%d) of %d", found, value, number, e.latest())
	}
	for _, wrong := range []string{"0", "3", "", "latest"} {
		if _, _, found := e.version(wrong); found {
			t.Errorf("there is a version %q", wrong)
		}
	}
	for _, filter := range []awsFilter{
		{"name", []string{"/app"}}, {"Path", []string{"/app/"}}, {"tag:team", []string{"b"}}, {"tag-value", []string{"b"}},
	} {
		if found := listSecrets(v, []awsFilter{filter}, describeSecret); len(found) != 1 || found[0]["Name"] != "/app/db" {
			t.Errorf("%v finds %v", filter, found)
		}
	}
	v.delete("/app/db")
	if keys := v.keys(""); len(keys) != 1 || keys[0] != "other" {
		t.Errorf("left are %q", keys)
	}
}
