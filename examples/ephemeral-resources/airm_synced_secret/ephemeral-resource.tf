resource "airm_project_secret" "database" {
  project = "team-a"
  name    = "database"
  store   = { name = "vault" }
  data    = { password = { key = "team-a/database", property = "password" } }
}

ephemeral "airm_synced_secret" "database" {
  project_secret_id = airm_project_secret.database.id
}

# Other providers can use the value, and no state has it.
provider "postgresql" {
  host     = "db.example.com"
  username = "admin"
  password = ephemeral.airm_synced_secret.database.data["password"]
}
