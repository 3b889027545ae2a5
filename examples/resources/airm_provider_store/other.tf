# Any other backend, as JSON with ESO's own field names.
resource "airm_provider_store" "gitlab" {
  name             = "gitlab"
  allowed_projects = ["team-a"]

  other = jsonencode({
    gitlab = {
      url       = "https://gitlab.example.com"
      projectID = "42"
      auth = {
        SecretRef = {
          accessToken = { name = "gitlab-token", key = "token", namespace = "external-secrets" }
        }
      }
    }
  })
}
