# One secret of the organization, shared with several projects. `make demo` applies this folder with
# different values of the variables, so that the secret goes through its statuses: Unassigned,
# Pending, PartiallySynced, Synced and back.

terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

provider "airm" {
  project_selector   = var.project_selector
  platform_namespace = var.platform_namespace
}

# Every project has a store of this name, so each gets its own value of the shared secret. A store
# with another controller class is not served by any External Secrets Operator.
resource "airm_provider_store" "values" {
  for_each = var.projects

  project       = each.key
  name          = "shared-values"
  controller    = contains(var.served, each.key) ? null : "none"
  wait_for_sync = contains(var.served, each.key)

  fake = { data = [{ key = "token", value = "of ${each.key}" }] }
}

resource "airm_organization_secret" "token" {
  name     = "shared-token"
  use_case = "Generic"
  store    = { name = "shared-values", kind = "SecretStore" }
  data     = { token = { key = "token" } }
}

resource "airm_secret_assignment" "token" {
  for_each = var.assigned

  secret        = airm_organization_secret.token.name
  project       = airm_provider_store.values[each.key].project
  wait_for_sync = contains(var.served, each.key)

  # External Secrets Operator does not sync after a change of a store: this requests a sync.
  sync_triggers = { served = contains(var.served, each.key) }
}

data "airm_organization_secret" "token" {
  name       = airm_organization_secret.token.name
  depends_on = [airm_secret_assignment.token]
}
