# terraform apply -invoke action.airm_validate_store.vault
action "airm_validate_store" "vault" {
  config {
    store_id = "vault"
    timeout  = "30s"
  }
}
