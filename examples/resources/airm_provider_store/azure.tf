# With workload identity: the annotations azure.workload.identity/client-id and
# azure.workload.identity/tenant-id of the ServiceAccount name the managed identity.
resource "airm_provider_store" "key_vault" {
  name             = "azure-key-vault"
  allowed_projects = ["team-a"]

  azure = {
    vault_url           = "https://example.vault.azure.net"
    auth_type           = "WorkloadIdentity"
    service_account_ref = { name = "secrets-reader", namespace = "external-secrets" }
  }
}
