terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

# Connects to one context of a kubeconfig. See "Authentication" for the other ways.
provider "airm" {
  config_path    = "~/.kube/config"
  config_context = "production"
}

# The source of the values: External Secrets Operator logs in to Vault as a
# ServiceAccount.
resource "airm_provider_store" "vault" {
  name             = "vault"
  allowed_projects = ["team-a"]

  vault = {
    server = "https://vault.example.com:8200"
    path   = "secret"
    auth = {
      kubernetes = {
        mount_path = "kubernetes"
        role       = "airm"
        service_account_ref = {
          name      = "vault-reader"
          namespace = "external-secrets"
          audiences = ["vault"]
        }
      }
    }
  }
}

# Fetches one value for one project. Apply ends when the project has the Kubernetes
# Secret "hugging-face".
resource "airm_project_secret" "hugging_face" {
  project          = "team-a"
  name             = "hugging-face"
  use_case         = "HuggingFace"
  store            = { name = airm_provider_store.vault.name }
  refresh_interval = "1h"

  data = {
    token = { key = "ai/hugging-face", property = "token" }
  }
}
