// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import "github.com/hashicorp/terraform-plugin-framework/resource/schema"

func azureBackend() schema.Attribute {
	return optionalObject("Reads secrets from Azure Key Vault. If the key begins with `key/` or `cert/`, it reads a key or a "+
		"certificate.", map[string]schema.Attribute{
		"vault_url": requiredString("Address of the vault, such as `https://example.vault.azure.net`."),
		"auth_type": optionalString("How ESO authenticates: `ServicePrincipal` (needs `tenant_id` and `auth_secret_ref`), `WorkloadIdentity` (takes `service_account_ref`) " +
			"or `ManagedIdentity`."),
		"tenant_id": optionalString("Tenant of Azure. Required for a service principal. With workload identity it may stand in the annotation of the ServiceAccount " +
			"instead, but not in both."),
		"environment_type": optionalString("Azure cloud that the vault is in."),
		"identity_id":      optionalString("Client id of the managed identity, if the machine or pod has several. Only for `ManagedIdentity`."),
		"service_account_ref": serviceAccountSelector("For `WorkloadIdentity`: the ServiceAccount to act as. Its annotations `azure.workload.identity/client-id` and " +
			"`azure.workload.identity/tenant-id` name the identity. Defaults to ESO's own."),
		"auth_secret_ref": optionalObject("For `ServicePrincipal`: `client_id`, and one of `client_secret` and `client_certificate`. For `WorkloadIdentity`: "+
			"`client_id` and `tenant_id`, if the ServiceAccount has no annotations for them.", map[string]schema.Attribute{
			"client_id":          secretSelector("Key of a Secret that holds the client ID."),
			"tenant_id":          secretSelector("Key of a Secret that holds the tenant ID; only for `WorkloadIdentity`."),
			"client_secret":      secretSelector("Key of a Secret that holds the client secret."),
			"client_certificate": secretSelector("Key of a Secret that holds the certificate with its private key (PEM or PKCS #12)."),
		}),
		"use_azure_sdk": optionalBool("Whether ESO uses its newer, still experimental client."),
		"custom_cloud_config": optionalObject("Endpoints of an Azure Stack. Required only for `AzureStackCloud`. It needs "+
			"`use_azure_sdk`.", map[string]schema.Attribute{
			"active_directory_endpoint": requiredString("Address of its Active Directory."),
			"key_vault_endpoint":        optionalString("Address of its Key Vault service."),
			"key_vault_dns_suffix":      optionalString("Suffix of the host names of its vaults."),
			"resource_manager_endpoint": optionalString("Address of its Resource Manager."),
		}),
	})
}
