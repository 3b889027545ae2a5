// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import "github.com/hashicorp/terraform-plugin-framework/resource/schema"

func vaultBackend() schema.Attribute {
	attributes := mergeAttributes(caAttributes(), map[string]schema.Attribute{
		"server": requiredString("Address of Vault, such as `https://vault.example.com:8200`."),
		"path": optionalString("Mount path of the KV engine, such as `secret`. Without it, the keys of secrets begin with the mount path; with `version` `v1`, ESO then " +
			"crashes on every `find`."),
		"version": optionalString("Version of the KV engine: `v1` or `v2`."),
		"namespace": optionalString("Namespace of Vault Enterprise (or of OpenBao) that holds the values. Not a namespace of Kubernetes. Defaults to the root " +
			"namespace."),
		"tls": optionalObject("Client certificate for a Vault that requires one on every connection. For Vault's authentication method "+
			"with certificates, see `auth.cert`.", map[string]schema.Attribute{
			"cert_secret_ref": secretSelector("Key of a Secret that holds the certificate (PEM). Its `key` defaults to `tls.crt`. In a " +
				"store of the organization, also set `namespace`."),
			"key_secret_ref": secretSelector("Key of a Secret that holds the private key (PEM). Its `key` defaults to `tls.key`. In a " +
				"store of the organization, also set `namespace`."),
		}),
		"read_your_writes": optionalBool("Whether requests carry the replication state that ESO has seen, so that they never read older data (Vault " +
			"Enterprise). Defaults to `false`."),
		"forward_inconsistent": optionalBool("Whether Vault forwards a request that it cannot answer consistently to the active node, " +
			"instead of letting the client retry it. Only together with `read_your_writes`. Defaults to `false`."),
		"headers": optionalStringMap("Headers that ESO adds to each request. They are stored in the Terraform state and in the store, " +
			"so do not put credentials here."),
		"check_and_set": optionalObject("Check-and-set for values that ESO pushes into Vault (with PushSecret, which this provider "+
			"does not create); KV `v2` only.", map[string]schema.Attribute{
			"required": optionalBool("Whether a write has to name the version that it replaces. Defaults to `false`."),
		}),
		"auth": optionalObject("How ESO logs in to Vault: exactly one of the methods. Without it, ESO does not log in; this only works "+
			"with a Vault proxy that logs in itself.",
			vaultAuth()),
	})
	return optionalObject("Reads a KV secrets engine of HashiCorp Vault or OpenBao.", attributes)
}

// vaultAuth are the login methods.
func vaultAuth() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"namespace":        optionalString("Namespace of Vault Enterprise to log in to, if it is not that of the values. Defaults to the `namespace` of `vault`."),
		"token_secret_ref": secretSelector("With a fixed token: the key of a Secret that holds it. ESO does not renew it."),
		"app_role":         vaultAppRole(),
		"kubernetes":       vaultKubernetes(),
		"ldap":             vaultPassword("With user and password, by Vault's LDAP method."),
		"user_pass":        vaultPassword("With user and password, by Vault's userpass method."),
		"jwt":              vaultJWT(),
		"cert":             vaultCert(),
		"gcp":              vaultGCP(),
		"iam":              vaultIAM(),
	}
}

// vaultMountPath is the argument of most login methods.
func vaultMountPath() schema.Attribute {
	return optionalString("Where the method is mounted in Vault.")
}

func vaultAppRole() schema.Attribute {
	return optionalObject("With an AppRole.", map[string]schema.Attribute{
		"path":       vaultMountPath(),
		"role_id":    optionalString("The role ID. Either this or `role_ref`."),
		"role_ref":   secretSelector("Key of a Secret that holds the role ID."),
		"secret_ref": requiredSecretSelector("Key of a Secret that holds the secret ID."),
	})
}

func vaultKubernetes() schema.Attribute {
	return optionalObject("As a ServiceAccount, by Vault's Kubernetes method. Without `service_account_ref` and `secret_ref` ESO logs in as itself.", map[string]schema.Attribute{
		"mount_path": vaultMountPath(),
		"role":       requiredString("The role of Vault that binds the ServiceAccount to policies."),
		"service_account_ref": serviceAccountSelector("The ServiceAccount to log in as, with a token that lasts ten minutes. Its " +
			"`audiences` must match the role in Vault."),
		"secret_ref": secretSelector("Key of a Secret that holds a token of a ServiceAccount. Its `key` defaults to `token`."),
	})
}

// vaultPassword is a login method with user and password.
func vaultPassword(description string) schema.Attribute {
	return optionalObject(description, map[string]schema.Attribute{
		"path":       vaultMountPath(),
		"username":   requiredString("Name of the user."),
		"secret_ref": secretSelector("Key of a Secret that holds the password."),
	})
}

func vaultJWT() schema.Attribute {
	return optionalObject("With a JWT, by Vault's JWT/OIDC method. Either `secret_ref` or `kubernetes_service_account_token`.", map[string]schema.Attribute{
		"path":       vaultMountPath(),
		"role":       optionalString("The role of Vault to log in to. Defaults to the method's default role."),
		"secret_ref": secretSelector("Key of a Secret that holds the JWT."),
		"kubernetes_service_account_token": optionalObject("A token of a ServiceAccount, which ESO requests for each "+
			"login.", map[string]schema.Attribute{
			"service_account_ref": requiredServiceAccountSelector("The ServiceAccount."),
			"audiences": optionalStringList("Further audiences of the token, deprecated by ESO in favour of `service_account_ref.audiences`. Defaults to " +
				"`vault`."),
			"expiration_seconds": optionalInt64("How long the token lasts, at least `600`; deprecated by ESO. Defaults to `600`."),
		}),
	})
}

func vaultCert() schema.Attribute {
	return optionalObject("With a client certificate, by Vault's TLS certificates method.", map[string]schema.Attribute{
		"path":        vaultMountPath(),
		"client_cert": secretSelector("Key of a Secret that holds the certificate (PEM)."),
		"secret_ref":  secretSelector("Key of a Secret that holds the private key (PEM)."),
		"vault_role":  optionalString("The role of Vault to log in to. Defaults to the first one that fits the certificate."),
	})
}

func vaultGCP() schema.Attribute {
	return optionalObject("With an identity of Google Cloud, by Vault's GCP method. At most one of `secret_ref`, `workload_identity` and "+
		"`service_account_ref`; without them, and with `service_account_ref`, ESO uses the identity of its own pod.", map[string]schema.Attribute{
		"path":       vaultMountPath(),
		"role":       requiredString("The role of Vault to log in to."),
		"project_id": optionalString("Project of Google Cloud of the service account. Defaults to the answer of the metadata server."),
		"location":   optionalString("Location of Google Cloud. Defaults to the answer of the metadata server."),
		"secret_ref": gcpServiceAccountKey(), "workload_identity": gcpWorkloadIdentity(),
		"service_account_ref": serviceAccountSelector("A ServiceAccount. ESO (seen up to 2.9) ignores it, and uses the identity of its own pod."),
	})
}

func vaultIAM() schema.Attribute {
	return optionalObject("With an identity of AWS, by Vault's AWS method. At most one of `secret_ref` and `jwt`; without them ESO "+
		"uses the identity of its own pod. ESO keeps these credentials in the environment of its whole process, so do not mix "+
		"stores with different AWS identities.", mergeAttributes(awsAuth(), map[string]schema.Attribute{
		"path":        vaultMountPath(),
		"region":      optionalString("AWS region of the STS endpoint."),
		"role":        optionalString("ARN of a role of AWS that is assumed first."),
		"vault_role":  requiredString("The role of Vault to log in to."),
		"external_id": optionalString("External ID for assuming `role`."),
		"vault_aws_iam_server_id": optionalString("Value of the header `X-Vault-AWS-IAM-Server-ID`, which Vault may require as a " +
			"protection against replayed logins. Without it, the header is not sent."),
	}))
}
