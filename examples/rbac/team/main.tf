# The workspace of one project. It needs no permission outside the project's namespace.

terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

provider "airm" {
  config_context = var.context # a user with the role terraform-airm-team-lead in the project
  owner          = "team"
}

# The project's own store. The admission policy denies a secret that newly refers to a
# ClusterSecretStore.
resource "airm_provider_store" "own" {
  project = var.project
  name    = var.store

  fake = {
    data = [{ key = "database", value = "not a real password" }]
  }
}

resource "airm_project_secret" "database" {
  project  = var.project
  name     = "database"
  use_case = "Database"
  store    = { name = airm_provider_store.own.name, kind = airm_provider_store.own.kind }

  data = {
    password = { key = "database" }
  }
}

# The list also has the organization secrets that are shared with the project.
data "airm_project_secrets" "all" {
  project = airm_project_secret.database.project
}

output "secrets" {
  value = { for secret in data.airm_project_secrets.all.secrets : secret.name => "${secret.scope}: ${secret.status}" }
}

variable "context" {
  description = "Context of the kubeconfig."
  type        = string
  default     = null
}

variable "project" {
  description = "The project."
  type        = string
}

variable "store" {
  description = "Name of the SecretStore."
  type        = string
  default     = "own"
}
