data "airm_organization_secrets" "storage" {
  use_case = "S3"
}

output "storage_secrets" {
  value = {
    for secret in data.airm_organization_secrets.storage.secrets : secret.name => secret.status
  }
}
