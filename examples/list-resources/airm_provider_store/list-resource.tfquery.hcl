# terraform query -generate-config-out=stores.tf
list "airm_provider_store" "vaults" {
  provider         = airm
  include_resource = true

  config {
    backend   = "vault"
    unmanaged = true
  }
}
