# A resource that needs a secret waits until the secret is synced: gate it with a data source. A
# check reports the status without blocking.

terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

provider "airm" {}

variable "project" {
  type        = string
  description = "A project that gets the secret."
}

variable "store" {
  type        = string
  description = "A ClusterSecretStore that holds the value hugging-face."
}

resource "airm_organization_secret" "token" {
  name     = "hugging-face-token"
  use_case = "HuggingFace"
  store    = { name = var.store }
  data     = { token = { key = "hugging-face" } }
}

# The assignment itself does not block the run: it only warns.
resource "airm_secret_assignment" "token" {
  secret          = airm_organization_secret.token.name
  project         = var.project
  on_sync_failure = "warn"
}

# The gate. It refers to the assignment, so it is read after the assignment is applied. It waits
# while the status is Pending, and fails at once, with the reasons, on any other status than Synced.
# Resources that depend on it are then not changed.
data "airm_project_secret" "gate" {
  project  = airm_secret_assignment.token.project
  name     = airm_secret_assignment.token.secret
  wait_for = "Synced"
  timeout  = "2m"

  depends_on = [airm_secret_assignment.token]
}

resource "terraform_data" "pipeline" {
  input = "start with the Secret ${data.airm_project_secret.gate.secret_name}"
}

# A check reports a status that is not Synced after every plan and apply, as a warning.
#
# Do not use a postcondition on airm_secret_assignment: when it fails, every later plan fails too,
# including the one that would repair the secret.
check "organization_secret_is_synced" {
  data "airm_organization_secret" "token" {
    name = airm_organization_secret.token.name
  }

  assert {
    condition     = contains(["Synced", "PartiallySynced"], data.airm_organization_secret.token.status)
    error_message = "The organization secret is ${data.airm_organization_secret.token.status}: ${coalesce(data.airm_organization_secret.token.status_reason, "no reason given")}"
  }
}
