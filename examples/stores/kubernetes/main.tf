terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

# Secrets of the namespace "shared" for the whole organization, all read as one ServiceAccount. It
# needs the permission to get Secrets there (and to list them for find).
resource "airm_provider_store" "shared" {
  name = "shared"

  kubernetes = {
    remote_namespace = "shared"
    server = {
      ca_provider = {
        type      = "ConfigMap"
        name      = "kube-root-ca.crt"
        key       = "ca.crt"
        namespace = "external-secrets"
      }
    }
    auth = {
      service_account = {
        name      = "shared-reader"
        namespace = "external-secrets"
      }
    }
  }
}

# Another cluster for one project, with a token that is not stored in state or plan.
variable "other_cluster_token" {
  type      = string
  ephemeral = true
  sensitive = true
}

resource "airm_provider_store" "other_cluster" {
  project = "team-a"
  name    = "other-cluster"

  kubernetes = {
    remote_namespace = "team-a"
    server = {
      url       = "https://other.example.com:6443"
      ca_bundle = base64encode(file("${path.module}/ca.pem"))
    }
    auth = {
      token = {
        bearer_token = { key = "token" }
      }
    }
  }
  credentials_wo         = { token = var.other_cluster_token }
  credentials_wo_version = 1
}
