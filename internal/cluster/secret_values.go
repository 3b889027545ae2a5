// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"encoding/base64"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

// SecretValues reads what is in a Kubernetes Secret, decoded. Only what is never kept may use it: the
// ephemeral resource.
func (c *Cluster) SecretValues(ctx context.Context, ref airm.Ref) (map[string][]byte, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	secret, err := conn.dynamic.Resource(kubernetesSecrets).Namespace(ref.Project).Get(ctx, ref.Name, metav1.GetOptions{})
	if err != nil {
		return nil, c.explain("read", ref.String(), withoutMessage(err))
	}
	encoded, _, err := unstructured.NestedStringMap(secret.Object, "data")
	values := make(map[string][]byte, len(encoded))
	for key, text := range encoded {
		if values[key], err = base64.StdEncoding.DecodeString(text); err != nil {
			break
		}
		logging.Hide(ctx, string(values[key]))
	}
	if err != nil {
		return nil, fmt.Errorf("the data of %s in cluster %q is not in the form that the Kubernetes API defines", ref, c.name)
	}
	return values, nil
}
