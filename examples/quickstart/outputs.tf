# All secrets of the projects, also those that other tools created.
data "airm_project_secrets" "all" {
  for_each = var.projects
  project  = each.key

  depends_on = [
    airm_project_secret.hugging_face,
    airm_project_secret.registry,
    airm_project_secret.database,
  ]
}

output "secrets" {
  description = "Status of each secret, by project."
  value = {
    for project, all in data.airm_project_secrets.all : project => [
      for secret in all.secrets : {
        name   = secret.name
        scope  = secret.scope
        type   = secret.type
        status = secret.status
      }
    ]
  }
}
