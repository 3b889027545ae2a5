import {
  to = airm_provider_store.shared
  identity = {
    name = "shared"
  }
}
