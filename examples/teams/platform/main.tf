# The workspace of the platform: a store for all projects in every cluster, an organization secret,
# and its assignments.

terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

provider "airm" {
  owner              = "platform"
  home_cluster       = "home" # the same in every workspace
  platform_namespace = var.platform_namespace

  clusters = {
    home = { config_context = var.contexts.home }
    east = { config_context = var.contexts.east }
  }
}

# It replaces your Vault in this example, and exists in both clusters.
resource "airm_provider_store" "organization" {
  name             = var.store
  allowed_projects = var.teams

  fake = {
    data = [
      { key = "hugging-face", value = "not a real token" },
      { key = "database", value = "not a real password" },
    ]
  }
}

resource "airm_organization_secret" "hugging_face" {
  name     = "hugging-face"
  use_case = "HuggingFace"
  store    = { name = airm_provider_store.organization.name }

  data = {
    token = { key = "hugging-face" }
  }
}

# Each team gets it, in every cluster that has its project.
resource "airm_secret_assignment" "hugging_face" {
  for_each = var.teams

  secret  = airm_organization_secret.hugging_face.name
  project = each.key
}

data "airm_organization_secret" "hugging_face" {
  name       = airm_organization_secret.hugging_face.name
  depends_on = [airm_secret_assignment.hugging_face]
}

output "status" {
  description = "Status of the secret in each project and cluster."
  value = {
    for a in data.airm_organization_secret.hugging_face.assignments : "${a.project}@${a.cluster}" => a.status
  }
}

variable "teams" {
  description = "The projects of the teams."
  type        = set(string)
  default     = ["team-a", "team-b", "team-c"]
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

variable "platform_namespace" {
  description = "Namespace of the organization's records. Null: airm-secrets."
  type        = string
  default     = null
}
