# A secret from Vault for one project. ESO logs in with an AppRole, whose secret ID is not stored in
# state or plan. `make demo` applies this to an emulated Vault; with one of your own:
#
#   terraform apply -var server=https://vault.example.com:8200 -var project=my-project \
#     -var role_id=... -var secret_id=...

terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

# Connects like kubectl: KUBECONFIG, or the arguments of the kubernetes provider.
provider "airm" {
  project_selector = var.project_selector
}

# secret_ref has no name, so it refers to credentials_wo.
resource "airm_provider_store" "vault" {
  project = var.project
  name    = "vault"

  vault = {
    server = var.server
    path   = "secret"
    auth = {
      app_role = {
        role_id    = var.role_id
        secret_ref = { key = "secret-id" }
      }
    }
  }

  credentials_wo         = { secret-id = var.secret_id }
  credentials_wo_version = 1 # raise it when the secret ID changes
}

# Every field of one secret in Vault. An hour is usual; with two seconds you can watch a change
# arrive.
resource "airm_project_secret" "database" {
  project          = var.project
  name             = "vault-database"
  use_case         = "Database"
  store            = { name = airm_provider_store.vault.name, kind = "SecretStore" }
  refresh_interval = "2s"

  data_from = [{ extract = { key = "team-a/database" } }]
}
