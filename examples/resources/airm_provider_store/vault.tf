# ESO logs in as the ServiceAccount "vault-reader", to which the role "airm" in
# Vault is bound. No credential is stored.
resource "airm_provider_store" "vault" {
  name             = "hashicorp-vault"
  allowed_projects = ["team-a", "team-b"]

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

# With an AppRole. credentials_wo is write-only: the secret ID is not stored in plan
# or state. Raise the version to change it.
variable "vault_secret_id" {
  type      = string
  ephemeral = true
  sensitive = true
}

resource "airm_provider_store" "vault_app_role" {
  name             = "vault-app-role"
  allowed_projects = ["team-a"]

  vault = {
    server = "https://vault.example.com:8200"
    path   = "secret"
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
