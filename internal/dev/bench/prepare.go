// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"
)

// backendNamespace is the namespace of backend.
const backendNamespace = "airm-bench"

// backend is a namespace whose Secrets stand in for a vault, and the store of it.
const backend = `
apiVersion: v1
kind: Namespace
metadata: {name: airm-bench}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader, namespace: airm-bench}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: airm-bench}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: airm-bench}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: reader, namespace: airm-bench}]
---
apiVersion: v1
kind: Secret
metadata: {name: app, namespace: airm-bench}
stringData: {password: open sesame, other: close sesame, username: ali}
---
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: bench}
spec:
  provider:
    kubernetes:
      remoteNamespace: airm-bench
      server: {url: $url, caBundle: $ca}
      auth: {serviceAccount: {name: reader, namespace: airm-bench}}
`

func (b *bareClient) prepare(ctx context.Context, config *rest.Config) error {
	text := strings.NewReplacer("$url", config.Host, "$ca", base64.StdEncoding.EncodeToString(config.CAData)).Replace(backend)
	for _, document := range strings.Split(text, "---\n") {
		made := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &made.Object); err != nil {
			return err
		}
		if err := b.make(ctx, made); err != nil {
			return err
		}
	}
	return nil
}

// projects makes the projects up to a number of them.
func (b *bareClient) projects(ctx context.Context, count int) error {
	return inParallel(count, 8, func(i int) error {
		labels := map[string]any{"airm.silogen.ai/project-id": fmt.Sprintf("id-%d", i)}
		return b.make(ctx, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Namespace",
			"metadata": map[string]any{"name": fmt.Sprintf("bench-%d", i), "labels": labels},
		}})
	})
}

// make creates an object unless it is there.
func (b *bareClient) make(ctx context.Context, object *unstructured.Unstructured) error {
	version, err := schema.ParseGroupVersion(object.GetAPIVersion())
	if err != nil {
		return err
	}
	resource := b.client.Resource(version.WithResource(strings.ToLower(object.GetKind()) + "s"))
	if object.GetNamespace() == "" {
		_, err = resource.Create(ctx, object, metav1.CreateOptions{})
	} else {
		_, err = resource.Namespace(object.GetNamespace()).Create(ctx, object, metav1.CreateOptions{})
	}
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}
