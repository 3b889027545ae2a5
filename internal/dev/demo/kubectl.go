// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
)

// kubectl acts on the cluster of KUBECONFIG and returns what it prints.
func kubectl(args ...string) (string, error) {
	var stderr bytes.Buffer
	command := exec.Command("kubectl", args...)
	command.Stderr = &stderr
	text, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("kubectl %s: %w\n%s", args[0], err, &stderr)
	}
	return string(text), nil
}

// kubernetesSecret is a Kubernetes Secret.
type kubernetesSecret struct {
	Metadata struct{ Name string }
	Data     map[string]secretValue
}

// secretValue is never printed.
type secretValue []byte

func readSecret(namespace, name string) (*kubernetesSecret, error) {
	text, err := kubectl("get", "secret", name, "-n", namespace, "-o", "json")
	if err != nil {
		return nil, err
	}
	var s kubernetesSecret
	return &s, json.Unmarshal([]byte(text), &s)
}

func readSecrets(namespace string) ([]kubernetesSecret, error) {
	text, err := kubectl("get", "secrets", "-n", namespace, "-o", "json")
	if err != nil {
		return nil, err
	}
	var list struct{ Items []kubernetesSecret }
	return list.Items, json.Unmarshal([]byte(text), &list)
}

func (s *kubernetesSecret) keys() []string { return slices.Sorted(maps.Keys(s.Data)) }

// hash distinguishes values without revealing them.
func (v secretValue) hash() string {
	sum := sha256.Sum256(v)
	return hex.EncodeToString(sum[:6])
}

// isIn looks for the value as it is and as Kubernetes encodes it.
func (v secretValue) isIn(text string) bool {
	return strings.Contains(text, string(v)) || strings.Contains(text, base64.StdEncoding.EncodeToString(v))
}

func (v secretValue) String() string { return "(a value)" }
