# Waits until the secret is synced, and fails with the reason if it cannot be.
data "airm_project_secret" "object_storage" {
  project  = "team-a"
  name     = "object-storage"
  wait_for = "Synced"
}

# The name of the Kubernetes Secret, for the workload that uses it.
output "secret_name" {
  value = data.airm_project_secret.object_storage.secret_name
}
