# Any other backend, as ESO's own definition of it in JSON.
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
