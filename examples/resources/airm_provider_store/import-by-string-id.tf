import {
  to = airm_provider_store.shared
  id = "shared"
}
