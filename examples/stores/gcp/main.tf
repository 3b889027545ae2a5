terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

# For the whole organization, on GKE with workload identity: the ServiceAccount acts as the service
# account of Google that its annotation iam.gke.io/gcp-service-account names.
resource "airm_provider_store" "workload_identity" {
  name = "google-secret-manager"

  gcp = {
    project_id = "example-secrets"
    auth = {
      workload_identity = {
        cluster_project_id = "example-clusters"
        cluster_location   = "europe-west3"
        cluster_name       = "production"
        service_account_ref = {
          name      = "secrets-reader"
          namespace = "external-secrets"
        }
      }
    }
  }
}

# For one project, with a service account key that is not stored in state or plan.
variable "google_key" {
  description = "The service account key, as JSON."
  type        = string
  ephemeral   = true
  sensitive   = true
}

resource "airm_provider_store" "key" {
  project = "team-a"
  name    = "google-secret-manager"

  gcp = {
    project_id                      = "example-team-a"
    secret_version_selection_policy = "LatestOrFetch"
    auth = {
      secret_ref = {
        secret_access_key_secret_ref = { key = "key.json" }
      }
    }
  }
  credentials_wo         = { "key.json" = var.google_key }
  credentials_wo_version = 1
}
