resource "airm_organization_secret" "hugging_face" {
  name  = "hugging-face"
  store = { name = "vault" }

  data = {
    token = { key = "ai/hugging-face", property = "token" }
  }
}

resource "airm_secret_assignments" "hugging_face" {
  secret   = airm_organization_secret.hugging_face.name
  projects = ["team-a", "team-b"]
}

# Waits until the secret is synced in every project.
data "airm_organization_secret" "hugging_face" {
  name     = airm_secret_assignments.hugging_face.secret
  wait_for = "Synced"
}

output "status_by_project" {
  value = {
    for assignment in data.airm_organization_secret.hugging_face.assignments : assignment.project => assignment.status
  }
}
