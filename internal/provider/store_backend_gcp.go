// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import "github.com/hashicorp/terraform-plugin-framework/resource/schema"

func gcpBackend() schema.Attribute {
	return optionalObject("Reads Google Cloud Secret Manager.", map[string]schema.Attribute{
		"project_id": optionalString("Project of Google Cloud that holds the values. ESO needs it up to version 2.1; without it, later versions ask the metadata server of the machine."),
		"location":   optionalString("Location of regional secrets, such as `europe-west3`. Defaults to global secrets."),
		"secret_version_selection_policy": optionalString("What ESO reads if no version is set and the latest one is disabled or " +
			"destroyed: `LatestOrFail` fails, `LatestOrFetch` takes the newest enabled one."),
		"auth": optionalObject("Where ESO's identity comes from: at most one of its arguments. Defaults to the identity of ESO's own pod (application default "+
			"credentials).", map[string]schema.Attribute{
			"secret_ref":        gcpServiceAccountKey(),
			"workload_identity": gcpWorkloadIdentity(),
			"workload_identity_federation": optionalObject("By a workload identity pool, from any cluster or cloud. Exactly one of "+
				"`cred_config`, `service_account_ref` and `aws_security_credentials`. In a store of the organization, set their "+
				"`namespace`.", gcpFederation()),
		}),
	})
}

// gcpServiceAccountKey and gcpWorkloadIdentity are ways to an identity of Google Cloud, for Google Cloud itself and for Vault.
func gcpServiceAccountKey() schema.Attribute {
	return optionalObject("With a service account key.", map[string]schema.Attribute{
		"secret_access_key_secret_ref": secretSelector("Key of a Secret that holds the service account key (JSON). Required."),
	})
}

func gcpWorkloadIdentity() schema.Attribute {
	return optionalObject("As a ServiceAccount of a GKE cluster with workload identity. ESO asks the metadata server of its machine for missing arguments of the cluster.", map[string]schema.Attribute{
		"service_account_ref": requiredServiceAccountSelector("The ServiceAccount. If it has the annotation " +
			"`iam.gke.io/gcp-service-account`, it acts as that Google service account, otherwise as itself."),
		"cluster_location":   optionalString("Location of the GKE cluster."),
		"cluster_name":       optionalString("Name of the GKE cluster."),
		"cluster_project_id": optionalString("Project of the GKE cluster."),
	})
}

func gcpFederation() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"cred_config": optionalObject("A ConfigMap with an external account configuration (JSON), as `gcloud` creates it. The "+
			"configuration must not use the token of ESO's own pod.", map[string]schema.Attribute{
			"name": requiredString("Name of the ConfigMap."),
			"key":  requiredString("Key in the ConfigMap."),
			"namespace": optionalString("Namespace of the ConfigMap. Required in a store of the organization. In a store of a project, " +
				"it is the project's namespace."),
		}),
		"service_account_ref": serviceAccountSelector("A ServiceAccount of the cluster that the store is in, where the cluster is the provider of the pool."),
		"aws_security_credentials": optionalObject("Credentials of AWS, where AWS is the provider of the pool.", map[string]schema.Attribute{
			"region": requiredString("Region of AWS."),
			"aws_credentials_secret_ref": requiredObject("The Secret that holds the credentials, under the keys `aws_access_key_id`, `aws_secret_access_key` and, "+
				"for temporary ones, `aws_session_token`.", map[string]schema.Attribute{
				"name": requiredString("Name of the Secret."),
				"namespace": optionalString("Namespace of the Secret. Required in a store of the organization. In a store of a " +
					"project, it is the project's namespace."),
			}),
		}),
		"gcp_service_account_email": optionalString("The service account of Google to act as, such as `reader@example.iam.gserviceaccount.com`. Defaults to the identity of " +
			"the pool itself."),
		"audience": optionalString("Audience for Google's token service: the resource name of the pool's provider. Required with `service_account_ref` and " +
			"`aws_security_credentials`; it takes precedence over the one in `cred_config`."),
		"external_token_endpoint": optionalString("The URL in `cred_config` that tokens come from. ESO refuses a configuration with " +
			"another URL. Without this argument, ESO refuses a configuration with any URL."),
	}
}
