# On its own: terraform apply -invoke action.airm_sync_secret.now
action "airm_sync_secret" "now" {
  config {
    organization_secret = "hugging-face"
  }
}

# Or whenever something else changes: here, a password in the backend.
resource "vault_kv_secret_v2" "database" {
  mount = "secret"
  name  = "team-a/database"

  data_json_wo         = jsonencode({ password = var.password })
  data_json_wo_version = var.password_version

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.airm_sync_secret.database]
    }
  }
}

action "airm_sync_secret" "database" {
  config {
    project_secret_id = "team-a/database"
  }
}
