output "status" {
  description = "Status of the store and the secret."
  value       = { store = airm_provider_store.vault.status, secret = airm_project_secret.database.status }
}
