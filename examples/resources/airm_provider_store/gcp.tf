# With Workload Identity Federation for GKE: the annotation
# iam.gke.io/gcp-service-account of the ServiceAccount names the service account of
# Google.
resource "airm_provider_store" "secret_manager" {
  name             = "google-secret-manager"
  allowed_projects = ["team-a"]

  gcp = {
    project_id = "example-secrets"
    auth = {
      workload_identity = {
        cluster_project_id  = "example-clusters"
        cluster_location    = "europe-west3"
        cluster_name        = "production"
        service_account_ref = { name = "secrets-reader", namespace = "external-secrets" }
      }
    }
  }
}
