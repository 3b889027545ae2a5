# The workspace of one team: the secrets of its project, in every cluster that has the project. Each
# team has one.

terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

provider "airm" {
  owner        = var.project
  home_cluster = "home"

  clusters = {
    home = { config_context = var.contexts.home }
    east = { config_context = var.contexts.east }
  }
}

# With the policies of ../../rbac, a platform admin must allow the team to use the store.
resource "airm_project_secret" "database" {
  project  = var.project
  name     = "database"
  use_case = "Database"
  store    = { name = var.store }

  data = {
    password = { key = "database" }
  }
}

# The list also has the organization secrets that are shared with the project.
data "airm_project_secrets" "all" {
  project = airm_project_secret.database.project
}

output "secrets" {
  value = { for secret in data.airm_project_secrets.all.secrets : "${secret.name}@${secret.cluster}" => "${secret.scope}: ${secret.status}" }
}

variable "project" {
  description = "The project of the team."
  type        = string
}

variable "store" {
  description = "Name of the ClusterSecretStore."
  type        = string
  default     = "organization"
}

variable "contexts" {
  description = "Contexts of the kubeconfig."
  type        = object({ home = string, east = string })
  default     = { home = "default", east = "east" }
}
