terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

# For the whole organization, with Vault's Kubernetes method: ESO logs in as the ServiceAccount
# "vault-reader", to which the role "airm" in Vault is bound. No credential is stored.
resource "airm_provider_store" "vault" {
  name             = "vault"
  allowed_projects = ["team-a", "team-b"]

  vault = {
    server    = "https://vault.example.com:8200"
    path      = "secret"
    ca_bundle = base64encode(file("${path.module}/ca.pem"))
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

# For one project, with an AppRole. The secret ID is a variable and is not stored in state or plan:
# raise the version when it changes. secret_ref has no name, so it refers to credentials_wo.
variable "vault_secret_id" {
  type      = string
  ephemeral = true
  sensitive = true
}

resource "airm_provider_store" "approle" {
  project = "team-a"
  name    = "vault-approle"

  vault = {
    server = "https://vault.example.com:8200"
    path   = "team-a"
    auth = {
      app_role = {
        role_id    = "5a1c3d7e-0000-0000-0000-000000000000"
        secret_ref = { key = "secret-id" }
      }
    }
  }
  credentials_wo         = { secret-id = var.vault_secret_id }
  credentials_wo_version = 1
}

# For one project, with a token in an existing Secret.
resource "airm_provider_store" "token" {
  project = "team-a"
  name    = "vault-token"

  vault = {
    server  = "https://vault.example.com:8200"
    path    = "kv"
    version = "v1"
    auth = {
      token_secret_ref = { name = "vault-token", key = "token" }
    }
  }
}
