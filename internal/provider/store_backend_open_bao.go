// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import "github.com/hashicorp/terraform-plugin-framework/resource/schema"

func openBaoBackend() schema.Attribute {
	return optionalObject("Reads a KV secrets engine of OpenBao, with ESO's backend of that name. This backend cannot write, and does "+
		"not support `find`. `vault` also reads OpenBao, with every version of ESO.", mergeAttributes(caAttributes(), map[string]schema.Attribute{
		"server":    requiredString("Address of OpenBao, such as `https://openbao.example.com:8200`."),
		"path":      optionalString("Mount path of the KV engine, such as `secret`. Without it, the keys of secrets begin with the mount path."),
		"version":   optionalString("Version of the KV engine."),
		"namespace": optionalString("Namespace of OpenBao that holds the values. Not a namespace of Kubernetes. Defaults to the root namespace."),
		"auth": optionalObject("How ESO logs in to OpenBao: exactly one of the methods.", map[string]schema.Attribute{
			"namespace":        optionalString("Namespace of OpenBao to log in to, if it is not that of the values. Defaults to the `namespace` of `open_bao`."),
			"token_secret_ref": secretSelector("With a fixed token: the key of a Secret that holds it. ESO does not renew it."),
			"app_role": optionalObject("With an AppRole.", map[string]schema.Attribute{
				"path":       optionalString("Where the method is mounted in OpenBao."),
				"role_id":    optionalString("The role ID. Either this or `role_ref`."),
				"role_ref":   secretSelector("Key of a Secret that holds the role ID."),
				"secret_ref": requiredSecretSelector("Key of a Secret that holds the secret ID."),
			}),
			"user_pass": optionalObject("With user and password, by OpenBao's userpass method.", map[string]schema.Attribute{
				"path":       optionalString("Where the method is mounted in OpenBao."),
				"username":   requiredString("Name of the user."),
				"secret_ref": secretSelector("Key of a Secret that holds the password."),
			}),
		}),
	}))
}
