data "airm_project_secrets" "team_a" {
  project = "team-a"
}

output "not_synced" {
  description = "Why secrets of the project are not synced, by name."
  value = {
    for secret in data.airm_project_secrets.team_a.secrets : secret.name => secret.status_reason
    if secret.status != "Synced"
  }
}
