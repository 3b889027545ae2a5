data "airm_provider_stores" "all" {}

output "broken" {
  value = { for store in data.airm_provider_stores.all.stores : "${store.cluster}: ${store.id}" => store.status_reason if store.status == "SyncedError" }
}
