# One value, which becomes the key `token` of the Kubernetes Secret "hugging-face".
resource "airm_project_secret" "hugging_face" {
  project          = "team-a"
  name             = "hugging-face"
  use_case         = "HuggingFace"
  store            = { name = "vault" }
  refresh_interval = "1h"

  data = {
    token = { key = "ai/hugging-face", property = "token" }
  }
}

# Two values in a template. External Secrets Operator renders it; the values never
# pass through Terraform.
resource "airm_project_secret" "registry" {
  project  = "team-a"
  name     = "registry"
  use_case = "ImagePullSecret"
  store    = { name = "vault" }

  data = {
    username = { key = "ai/registry", property = "username" }
    password = { key = "ai/registry", property = "password" }
  }

  target = {
    template = {
      type = "kubernetes.io/dockerconfigjson"
      data = {
        ".dockerconfigjson" = <<-EOT
          {"auths": {"registry.example.com": {"username": {{ .username | toJson }}, "password": {{ .password | toJson }}}}}
        EOT
      }
    }
  }
}

# An ExternalSecret as YAML. A failed sync is a warning here.
resource "airm_project_secret" "database" {
  project         = "team-a"
  name            = "database"
  use_case        = "Database"
  on_sync_failure = "warn"

  manifest = <<-EOT
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    spec:
      refreshInterval: 1h
      secretStoreRef:
        kind: ClusterSecretStore
        name: vault
      dataFrom:
        - extract:
            key: ai/database
  EOT
}
