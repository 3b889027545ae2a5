// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/utils/ptr"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// Kubernetes Secrets are written here; of those that exist only the metadata is asked for (SecretValues is elsewhere). What an API
// server or an admission webhook says about a write is not passed on, because it may quote a value: see withoutMessage.

var kubernetesSecrets = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}

// SecretMetadata reads a Kubernetes Secret without its data; the error satisfies IsNotFound where there is none.
func (c *Cluster) SecretMetadata(ctx context.Context, ref airm.Ref) (*unstructured.Unstructured, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	found, err := conn.metadata.Resource(kubernetesSecrets).Namespace(ref.Project).Get(ctx, ref.Name, metav1.GetOptions{})
	if err != nil {
		return nil, c.explain("look for", ref.String(), err)
	}
	return asObject(found), nil
}

func asObject(metadata *metav1.PartialObjectMetadata) *unstructured.Unstructured {
	content, _ := runtime.DefaultUnstructuredConverter.ToUnstructured(metadata) // it was decoded from JSON
	return &unstructured.Unstructured{Object: content}
}

// CreateSecret posts a Secret; one that exists is an error that satisfies IsAlreadyExists.
func (c *Cluster) CreateSecret(ctx context.Context, ref airm.Ref, secret map[string]any) error {
	return c.postSecret(writing(ctx, ref), ref, secret, metav1.CreateOptions{})
}

// DryRunSecret lets the API server check a new Secret without making it; one that exists is an error as that of CreateSecret.
func (c *Cluster) DryRunSecret(ctx context.Context, ref airm.Ref, secret map[string]any) error {
	return c.postSecret(ctx, ref, secret, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
}

func (c *Cluster) postSecret(ctx context.Context, ref airm.Ref, secret map[string]any, options metav1.CreateOptions) error {
	options.FieldManager, options.FieldValidation = airm.FieldManager, metav1.FieldValidationStrict
	data, _ := secret["data"].(map[string]any)
	hideValues(ctx, data)
	return c.writeSecret(ctx, "create", ref, func(ctx context.Context, client dynamic.ResourceInterface) error {
		_, err := client.Create(ctx, &unstructured.Unstructured{Object: secret}, options)
		return err
	})
}

// ReplaceSecret replaces data and owner of the very Secret that was found, and adds our annotations; what others put into
// its metadata stays.
func (c *Cluster) ReplaceSecret(ctx context.Context, ref airm.Ref, found *unstructured.Unstructured, secret map[string]any) error {
	return c.patchSecret(writing(ctx, ref), ref, found, secret, nil)
}

// DryRunReplaceSecret lets the API server check what ReplaceSecret would do.
func (c *Cluster) DryRunReplaceSecret(ctx context.Context, ref airm.Ref, found *unstructured.Unstructured, secret map[string]any) error {
	return c.patchSecret(ctx, ref, found, secret, []string{metav1.DryRunAll})
}

func (c *Cluster) patchSecret(
	ctx context.Context, ref airm.Ref, found *unstructured.Unstructured, secret map[string]any, dryRun []string,
) error {
	desired := unstructured.Unstructured{Object: secret}
	annotations := found.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	for key, value := range desired.GetAnnotations() {
		annotations[key] = value
	}
	patch, err := json.Marshal([]map[string]any{
		{"op": "replace", "path": "/metadata/uid", "value": found.GetUID()}, // a precondition: another one answers 409
		{"op": "add", "path": "/metadata/annotations", "value": annotations},
		{"op": "add", "path": "/metadata/ownerReferences", "value": desired.GetOwnerReferences()},
		{"op": "add", "path": "/data", "value": secret["data"]},
	})
	if err != nil {
		return err
	}
	data, _ := secret["data"].(map[string]any)
	hideValues(ctx, data)
	return c.writeSecret(ctx, "update", ref, func(ctx context.Context, client dynamic.ResourceInterface) error {
		_, err := client.Patch(ctx, ref.Name, types.JSONPatchType, patch, metav1.PatchOptions{FieldManager: airm.FieldManager, DryRun: dryRun})
		return err
	})
}

// DeleteSecret removes the very Secret that was found; that it is gone is fine.
func (c *Cluster) DeleteSecret(ctx context.Context, ref airm.Ref, found *unstructured.Unstructured) error {
	return c.writeSecret(writing(ctx, ref), "delete", ref, func(ctx context.Context, client dynamic.ResourceInterface) error {
		err := client.Delete(ctx, ref.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: ptr.To(found.GetUID())}})
		if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			return nil
		}
		return err
	})
}

func (c *Cluster) writeSecret(
	ctx context.Context, action string, ref airm.Ref, request func(context.Context, dynamic.ResourceInterface) error,
) error {
	conn, err := c.connect(ctx)
	if err != nil {
		return err
	}
	err = request(ctx, conn.dynamic.Resource(kubernetesSecrets).Namespace(ref.Project))
	return c.explain(action, ref.String(), withoutMessage(err))
}

// withoutMessage removes the message from an answer of the API server, except which permission is missing and which webhook could
// not be called.
func withoutMessage(err error) error {
	var answer apierrors.APIStatus
	if !errors.As(err, &answer) {
		return err
	}
	status := answer.Status()
	said := status.Message
	status.Message = string(status.Reason)
	if status.Reason == metav1.StatusReasonForbidden {
		status.Message = withoutValues(said)
	}
	if status.Reason == metav1.StatusReasonInvalid && !namesField(status) {
		status.Message = rejectedSecret
	}
	if match := webhookName.FindString(said); match != "" {
		status.Message = match
	}
	return &apierrors.StatusError{ErrStatus: status}
}

// missingRight is how a refusal of the authorizer begins. It knows nothing of the content; admission, which does, begins
// otherwise.
var missingRight = regexp.MustCompile(`^secrets(?: "[-.a-z0-9]*")? is forbidden: ` +
	`(User "(?:[^"\\]|\\.)*" cannot [a-z]+ resource "secrets") in API group ""( in the namespace "[-a-z0-9]*")?`)

const rejectedSecret = "admission control rejected the Secret (its message is left out, because it may quote a value; kubectl shows it)"

// blockOwner is said by the admission plugin OwnerReferencesPermissionEnforcement.
const blockOwner = "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on"

// withoutValues returns the part of the message of a 403 that cannot quote a value.
func withoutValues(message string) string {
	if strings.Contains(message, blockOwner) {
		return blockOwner + ": this cluster requires the verb update on secretstores/finalizers and clustersecretstores/finalizers for that"
	}
	if match := missingRight.FindStringSubmatch(message); match != nil {
		return match[1] + match[2]
	}
	return rejectedSecret
}

// SecretsNamed lists the Kubernetes Secrets of a name, by project, without their data.
func (c *Cluster) SecretsNamed(ctx context.Context, name string) (map[string]*unstructured.Unstructured, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]*unstructured.Unstructured{}
	list := func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		return conn.metadata.Resource(kubernetesSecrets).List(ctx, options)
	}
	add := func(item *metav1.PartialObjectMetadata) { found[item.Namespace] = asObject(item) }
	err = eachListed(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + name}, list, add)
	return found, c.explain("look for", "Secrets named "+name, err)
}
