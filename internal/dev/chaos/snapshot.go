// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// byPlace are objects of one kind.
type byPlace map[place]*unstructured.Unstructured

// snapshot is all that there is in the projects and in the platform namespace.
type snapshot struct {
	organization string            // UID of the platform namespace
	identities   map[string]string // UIDs of kube-system by the names of the clusters
	records      map[string]*unstructured.Unstructured
	externals    byPlace
	secrets      byPlace
	stores       byPlace
}

func isNotFound(err error) bool { return apierrors.IsNotFound(err) }

func (c *chaos) look(ctx context.Context) (*snapshot, error) {
	s := &snapshot{identities: map[string]string{}, records: map[string]*unstructured.Unstructured{}}
	s.externals, s.secrets, s.stores = byPlace{}, byPlace{}, byPlace{}
	for _, cluster := range c.clusters {
		identity, err := cluster.in(namespaces, "").Get(ctx, "kube-system", metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		s.identities[cluster.name] = string(identity.GetUID())
		for kind, all := range map[schema.GroupVersionResource]byPlace{
			externalSecrets: s.externals, secrets: s.secrets, secretStores: s.stores,
		} {
			for _, p := range c.projects {
				add := func(o *unstructured.Unstructured) { all[place{cluster.name, p.name, o.GetName()}] = o }
				if err := cluster.list(ctx, kind, p.name, add); err != nil {
					return nil, err
				}
			}
		}
		// Records belong into the home cluster only.
		if err := cluster.list(ctx, configMaps, c.platform, func(o *unstructured.Unstructured) {
			if o.GetLabels()[labelRecord] != "" {
				s.records[cluster.name+": "+o.GetName()] = o
			}
		}); err != nil {
			return nil, err
		}
	}
	platform, err := c.clusters[0].in(namespaces, "").Get(ctx, c.platform, metav1.GetOptions{})
	if err == nil {
		s.organization = string(platform.GetUID())
	}
	return s, err
}

func (c *testCluster) list(
	ctx context.Context, kind schema.GroupVersionResource, namespace string, each func(*unstructured.Unstructured),
) error {
	list, err := c.in(kind, namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("%s of %s in %s: %w", kind.Resource, namespace, c.name, err)
	}
	for i := range list.Items {
		each(&list.Items[i])
	}
	return nil
}

// The names that the provider's documents and records have. They are written out, so that a change of them shows here.
const (
	prefix         = "terraform-provider-airm/"
	labelRecord    = prefix + "record"
	labelManagedBy = "app.kubernetes.io/managed-by"
	managedBy      = "terraform-provider-airm"
)

// nameHash is how a label holds a name.
func nameHash(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:10])
}

// ready returns status and reason of the condition Ready.
func ready(o *unstructured.Unstructured) (status, reason string) {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, one := range conditions {
		if condition, ok := one.(object); ok && condition["type"] == "Ready" {
			status, _ = condition["status"].(string)
			reason, _ = condition["reason"].(string)
		}
	}
	return status, reason
}

// dataOf returns the decoded content of a Kubernetes Secret.
func dataOf(secret *unstructured.Unstructured) map[string]string {
	encoded, _, _ := unstructured.NestedStringMap(secret.Object, "data")
	data := map[string]string{}
	for key, value := range encoded {
		decoded, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			decoded = []byte(value)
		}
		data[key] = string(decoded)
	}
	return data
}

// stringAt returns a text in an object, empty where there is none.
func stringAt(o *unstructured.Unstructured, fields ...string) string {
	found, _, _ := unstructured.NestedString(o.Object, fields...)
	return found
}

// recordID is what a record says that it stands for: "secret/project", or the name of an organization secret.
func recordID(record *unstructured.Unstructured) string {
	if stringAt(record, "metadata", "labels", labelRecord) == "assignment" {
		return stringAt(record, "data", "secret") + "/" + stringAt(record, "data", "project")
	}
	return stringAt(record, "data", "name")
}

// dumped returns a snapshot as JSON, for a file.
func (s *snapshot) dumped() ([]byte, error) {
	all := map[string]any{"organization": s.organization, "identities": s.identities, "records": s.records}
	for name, objects := range map[string]byPlace{
		"externalsecrets": s.externals, "secrets": s.secrets, "secretstores": s.stores,
	} {
		byName := map[string]any{}
		for where, o := range objects {
			byName[where.String()] = o
		}
		all[name] = byName
	}
	return json.MarshalIndent(all, "", "  ")
}
