// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import "github.com/hashicorp/terraform-plugin-framework/resource/schema"

func awsBackend() schema.Attribute {
	return optionalObject("Reads AWS Secrets Manager, the Parameter Store of AWS Systems Manager, or certificates of AWS Certificate Manager.", map[string]schema.Attribute{
		"service": requiredString("The service that holds the values."),
		"region":  requiredString("Region of AWS, such as `eu-central-1`."),
		"role": optionalString("ARN of a role that ESO assumes with the identity of `auth`, after all `additional_roles`. Without it, the identity of `auth` " +
			"is used as it is."),
		"additional_roles": optionalStringList("ARNs of roles that ESO assumes one after the other before `role`."),
		"external_id":      optionalString("External ID for assuming `role`."),
		"session_tags": optionalObjectList("Tags of the session in which `role` is assumed.", map[string]schema.Attribute{
			"key":   requiredString("Key of the tag."),
			"value": requiredString("Value of the tag."),
		}),
		"session_tags_policy": optionalString("Which tags the session of each login has. `Simple`: tags that name the store and where " +
			"it is used. `Custom`: also the tags of `custom_session_tags`."),
		"custom_session_tags": optionalStringMap("Additional tags of the session. They need `session_tags_policy = \"Custom\"`."),
		"transitive_tag_keys": optionalStringList("Keys of `session_tags` that are passed on when a further role is assumed."),
		"prefix": optionalString("Prefix, such as `prod/`, that ESO puts before the name of every secret that it reads. ESO 0.20 adds " +
			"it twice in a `find` by name without `path`."),
		"secrets_manager": optionalObject("For what ESO deletes in Secrets Manager (PushSecret, which this provider does not make).", map[string]schema.Attribute{
			"force_delete_without_recovery": optionalBool("Whether the secret is deleted at once and permanently. Do not set it " +
				"together with `recovery_window_in_days`. Defaults to `false`."),
			"recovery_window_in_days": optionalInt64("For how many days a deleted secret can be restored: `7` to `30`. Defaults " +
				"to AWS's 30 days."),
		}),
		"auth": optionalObject("Where ESO's identity comes from: at most one of `jwt` and `secret_ref`. Defaults to the identity of ESO's own pod (its IAM role, EKS Pod "+
			"Identity, environment).", awsAuth()),
	})
}

// awsAuth is how ESO gets an identity of AWS, for AWS itself and for Vault.
func awsAuth() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"jwt": optionalObject("With a token of a ServiceAccount that has an IAM role (IRSA).", map[string]schema.Attribute{
			"service_account_ref": serviceAccountSelector("The ServiceAccount. Its annotation `eks.amazonaws.com/role-arn` names the " +
				"role. Required, because ESO crashes on a `jwt` without it."),
		}),
		"secret_ref": optionalObject("With a static access key.", map[string]schema.Attribute{
			"access_key_id_secret_ref":     secretSelector("Key of a Secret that holds the access key ID. Required."),
			"secret_access_key_secret_ref": secretSelector("Key of a Secret that holds the secret access key. Required."),
			"session_token_secret_ref":     secretSelector("Key of a Secret that holds the session token of temporary credentials."),
		}),
	}
}
