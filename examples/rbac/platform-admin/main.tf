# The workspace of a platform admin: a store for all projects, an organization secret, and its
# assignments.

terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

provider "airm" {
  config_context     = var.context # a user with the roles of ../platform-admin.yaml
  platform_namespace = var.platform_namespace
  owner              = "platform"
}

# It replaces your Vault in this example. ESO keeps the values of fake stores by the store's name.
resource "airm_provider_store" "organization" {
  name = var.store

  fake = {
    data = [{ key = "hugging-face", value = "not a real token" }]
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

resource "airm_secret_assignment" "hugging_face" {
  for_each = var.projects

  secret  = airm_organization_secret.hugging_face.name
  project = each.key
}

variable "context" {
  description = "Context of the kubeconfig."
  type        = string
  default     = null
}

variable "platform_namespace" {
  description = "Namespace of the organization's records, the same as in ../platform-admin.yaml."
  type        = string
  default     = "airm-secrets"
}

variable "store" {
  description = "Name of the ClusterSecretStore."
  type        = string
  default     = "organization"
}

variable "projects" {
  description = "Projects that have the secret."
  type        = set(string)
}
