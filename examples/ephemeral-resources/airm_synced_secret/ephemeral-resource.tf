resource "airm_project_secret" "database" {
  project = "team-a"
  name    = "database"
  store   = { name = "vault" }
  data    = { password = { key = "ai/database", property = "password" } }
}

ephemeral "airm_synced_secret" "database" {
  project_secret_id = airm_project_secret.database.id
}

# A provider block or a write-only argument can use the value. It is not stored in
# the state.
resource "airm_provider_store" "reports" {
  project = "team-a"
  name    = "reports"

  vault = {
    server = "https://vault.example.com"
    path   = "secret"
    auth   = { user_pass = { path = "userpass", username = "reports", secret_ref = { key = "password" } } }
  }

  credentials_wo         = { password = ephemeral.airm_synced_secret.database.data["password"] }
  credentials_wo_version = 1
}
