// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package acctest

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// kinds are those that tests use. ESO's have the version that a cluster serves.
var kinds = map[string]struct {
	schema.GroupVersionResource
	global bool
}{
	"Namespace":                        {core.WithResource("namespaces"), true},
	"Secret":                           {core.WithResource("secrets"), false},
	"Event":                            {core.WithResource("events"), false},
	"ConfigMap":                        {core.WithResource("configmaps"), false},
	"ServiceAccount":                   {core.WithResource("serviceaccounts"), false},
	"Role":                             {rbac.WithResource("roles"), false},
	"RoleBinding":                      {rbac.WithResource("rolebindings"), false},
	"ExternalSecret":                   {externalSecrets.WithResource("externalsecrets"), false},
	"SecretStore":                      {externalSecrets.WithResource("secretstores"), false},
	"ClusterSecretStore":               {externalSecrets.WithResource("clustersecretstores"), true},
	"Password":                         {generators.WithResource("passwords"), false},
	"MutatingWebhookConfiguration":     {admission.WithResource("mutatingwebhookconfigurations"), true},
	"ValidatingWebhookConfiguration":   {admission.WithResource("validatingwebhookconfigurations"), true},
	"ValidatingAdmissionPolicy":        {admission.WithResource("validatingadmissionpolicies"), true},
	"ValidatingAdmissionPolicyBinding": {admission.WithResource("validatingadmissionpolicybindings"), true},
}

var (
	core            = schema.GroupVersion{Version: "v1"}
	rbac            = schema.GroupVersion{Group: "rbac.authorization.k8s.io", Version: "v1"}
	admission       = schema.GroupVersion{Group: "admissionregistration.k8s.io", Version: "v1"}
	generators      = schema.GroupVersion{Group: "generators." + airm.Group, Version: "v1alpha1"}
	externalSecrets = schema.GroupVersion{Group: airm.Group} // of the version that a cluster serves
)

// Resource returns what the API server calls a kind, in the version that this cluster serves.
func (c *Cluster) Resource(kind string) schema.GroupVersionResource {
	c.t.Helper()
	known, found := kinds[kind]
	if !found {
		c.t.Fatalf("add %s to the kinds of internal/acctest", kind)
	}
	if known.Version == "" {
		known.Version = c.Served
	}
	return known.GroupVersionResource
}

// Objects returns the client of a kind; the namespace of a kind that has none is ignored.
func (c *Cluster) Objects(kind, namespace string) dynamic.ResourceInterface {
	c.t.Helper()
	client := c.Client.Resource(c.Resource(kind))
	if kinds[kind].global {
		return client
	}
	return client.Namespace(namespace)
}

// Object returns an object from YAML without apiVersion, kind and name, as a user writes it.
func (c *Cluster) Object(kind, name, text string) *unstructured.Unstructured {
	c.t.Helper()
	object := &unstructured.Unstructured{}
	OK(c.t, yaml.Unmarshal([]byte(text), &object.Object))
	if object.Object == nil {
		object.Object = map[string]any{}
	}
	object.SetGroupVersionKind(c.Resource(kind).GroupVersion().WithKind(kind))
	object.SetName(name)
	return object
}

// Create makes an object, as a user does with kubectl. It goes with its namespace or, where it has none, at the end of the test.
func (c *Cluster) Create(kind, namespace, name, text string) *unstructured.Unstructured {
	c.t.Helper()
	object, options := c.Object(kind, name, text), metav1.CreateOptions{FieldManager: "kubectl"}
	created, err := c.Objects(kind, namespace).Create(context.Background(), object, options)
	OK(c.t, err)
	c.cleanUp(kind, name)
	return created
}

// Apply makes or changes an object by server-side apply, as the manager "another-manager". It goes as that of Create does.
func (c *Cluster) Apply(kind, namespace, name, text string) *unstructured.Unstructured {
	c.t.Helper()
	options := metav1.ApplyOptions{FieldManager: "another-manager", Force: true}
	applied, err := c.Objects(kind, namespace).Apply(context.Background(), name, c.Object(kind, name, text), options)
	OK(c.t, err)
	c.cleanUp(kind, name)
	return applied
}

func (c *Cluster) cleanUp(kind, name string) {
	if kinds[kind].global {
		c.t.Cleanup(func() { c.Remove(kind, "", name) })
	}
}

// Project makes a namespace that the provider takes for a project of AIRM.
func (c *Cluster) Project(name string) {
	c.t.Helper()
	c.Create("Namespace", "", name, "metadata: {labels: {"+airm.LabelProjectID+": id-of-"+name+"}}")
}

// Get reads an object, nil where there is none.
func (c *Cluster) Get(kind, namespace, name string) *unstructured.Unstructured {
	c.t.Helper()
	object, err := c.Objects(kind, namespace).Get(context.Background(), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	OK(c.t, err)
	return object
}

// List reads the objects of a kind with these labels.
func (c *Cluster) List(kind, namespace, selector string) []unstructured.Unstructured {
	c.t.Helper()
	list, err := c.Objects(kind, namespace).List(context.Background(), metav1.ListOptions{LabelSelector: selector})
	OK(c.t, err)
	return list.Items
}

// Patch changes an object by a JSON merge patch, as the manager "kubectl-edit".
func (c *Cluster) Patch(kind, namespace, name, patch string) *unstructured.Unstructured {
	c.t.Helper()
	options := metav1.PatchOptions{FieldManager: "kubectl-edit"}
	patched, err := c.Objects(kind, namespace).Patch(context.Background(), name, types.MergePatchType, []byte(patch), options)
	OK(c.t, err)
	return patched
}

// Remove deletes an object; that there is none is fine.
func (c *Cluster) Remove(kind, namespace, name string) {
	c.t.Helper()
	err := c.Objects(kind, namespace).Delete(context.Background(), name, metav1.DeleteOptions{})
	if !apierrors.IsNotFound(err) {
		OK(c.t, err)
	}
}

// RemoveNow deletes an object and waits until it is gone.
func (c *Cluster) RemoveNow(kind, namespace, name string) {
	c.t.Helper()
	c.Remove(kind, namespace, name)
	c.WaitFor(kind, namespace, name, "is gone", IsGone)
}

// RemoveNamespaceAtOnce deletes a namespace without waiting for what is in it: its controller may take longer than a run may.
func (c *Cluster) RemoveNamespaceAtOnce(name string) {
	c.t.Helper()
	c.Remove("Namespace", "", name)
	Eventually(c.t, "namespace "+name+" is gone", func() (bool, string) {
		namespace := c.Get("Namespace", "", name)
		if namespace == nil {
			return true, ""
		}
		OK(c.t, unstructured.SetNestedSlice(namespace.Object, []any{}, "spec", "finalizers"))
		_, err := c.Objects("Namespace", "").Update(context.Background(), namespace, metav1.UpdateOptions{}, "finalize")
		return false, fmt.Sprint(err)
	})
}

// Token returns a token of a service account.
func (c *Cluster) Token(namespace, name string) string {
	c.t.Helper()
	request := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "metadata": map[string]any{"name": name}, "spec": map[string]any{},
	}}
	answer, err := c.Objects("ServiceAccount", namespace).Create(context.Background(), request, metav1.CreateOptions{}, "token")
	OK(c.t, err)
	token, _, _ := unstructured.NestedString(answer.Object, "status", "token")
	return token
}

// Condition returns the Ready condition of an object of ESO, nil where it has none.
func Condition(object *unstructured.Unstructured) map[string]any {
	if object == nil {
		return nil
	}
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, item := range conditions {
		if condition, _ := item.(map[string]any); condition["type"] == "Ready" {
			return condition
		}
	}
	return nil
}
