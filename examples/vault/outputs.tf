output "status" {
  description = "How the store and the secret stand."
  value       = { store = airm_provider_store.vault.status, secret = airm_project_secret.database.status }
}
