data "airm_provider_store" "vault" {
  name = "vault"
}

output "store_status" {
  value = data.airm_provider_store.vault.status
}
