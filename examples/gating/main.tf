# Something that needs a secret waits until the secret is really there: gate it with a data source, or have a check tell.

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

# The assignment itself does not hold up the run: it only warns.
resource "airm_secret_assignment" "token" {
  secret          = airm_organization_secret.token.name
  project         = var.project
  on_sync_failure = "warn"
}

# The gate. It refers to the assignment, so it is read after that was applied. It waits while the status is Pending, and
# fails at once, with the reasons, on anything settled that is not Synced. What depends on it is not touched then.
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
# A postcondition on airm_secret_assignment would be the wrong place: once it does not hold, every later plan fails on it,
# also the one that would repair the secret, and the workspace has locked itself out.
check "organization_secret_is_synced" {
  data "airm_organization_secret" "token" {
    name = airm_organization_secret.token.name
  }

  assert {
    condition     = contains(["Synced", "PartiallySynced"], data.airm_organization_secret.token.status)
    error_message = "The organization secret is ${data.airm_organization_secret.token.status}: ${coalesce(data.airm_organization_secret.token.status_reason, "no reason given")}"
  }
}
