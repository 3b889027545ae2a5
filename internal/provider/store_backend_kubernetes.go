// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import "github.com/hashicorp/terraform-plugin-framework/resource/schema"

func kubernetesBackend() schema.Attribute {
	return optionalObject("Reads Secrets of a namespace in this or another Kubernetes cluster. Either `auth_ref`, or `server` and `auth`.", map[string]schema.Attribute{
		"server": optionalObject("The API server to read from. Defaults to the one in the kubeconfig of `auth_ref`.", mergeAttributes(caAttributes(), map[string]schema.Attribute{
			"url": optionalString("Address of the API server. Defaults to ESO's `kubernetes.default`, the cluster that the store is in."),
		})),
		"remote_namespace": optionalString("Namespace whose Secrets are read."),
		"auth_ref": secretSelector("Key of a Secret that holds a kubeconfig, with server, certificates and credentials; `server` and " +
			"`auth` then have no effect."),
		"auth": optionalObject("How ESO authenticates. Exactly one of its arguments.", map[string]schema.Attribute{
			"cert": optionalObject("With a client certificate.", map[string]schema.Attribute{
				"client_cert": secretSelector("Key of a Secret that holds the certificate (PEM)."),
				"client_key":  secretSelector("Key of a Secret that holds the private key (PEM)."),
			}),
			"token": optionalObject("With a fixed token.", map[string]schema.Attribute{
				"bearer_token": secretSelector("Key of a Secret that holds the token."),
			}),
			"service_account": serviceAccountSelector("As a ServiceAccount of the cluster that the store is in, with a token that lasts an hour. It needs " +
				"the right to `get` Secrets in `remote_namespace`, and to `list` them for `find`."),
		}),
	})
}
