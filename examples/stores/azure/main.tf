terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

# For the whole organization, on AKS with workload identity: the annotations
# azure.workload.identity/client-id and azure.workload.identity/tenant-id of the ServiceAccount name
# the identity.
resource "airm_provider_store" "workload_identity" {
  name = "azure-key-vault"

  azure = {
    vault_url = "https://example.vault.azure.net"
    auth_type = "WorkloadIdentity"
    service_account_ref = {
      name      = "secrets-reader"
      namespace = "external-secrets"
    }
  }
}

# For one project, with a service principal whose secret is not stored in state or plan.
variable "azure_client_secret" {
  type      = string
  ephemeral = true
  sensitive = true
}

resource "airm_provider_store" "service_principal" {
  project = "team-a"
  name    = "azure-key-vault"

  azure = {
    vault_url = "https://team-a.vault.azure.net"
    tenant_id = "11111111-2222-3333-4444-555555555555"
    auth_secret_ref = {
      client_id     = { key = "id" }
      client_secret = { key = "secret" }
    }
  }
  credentials_wo = {
    id     = "66666666-7777-8888-9999-000000000000"
    secret = var.azure_client_secret
  }
  credentials_wo_version = 1
}
