# Reads Secrets of the namespace "team-shared" in the same cluster, as the
# ServiceAccount "shared-reader".
resource "airm_provider_store" "shared" {
  name             = "shared"
  allowed_projects = ["team-a"]

  kubernetes = {
    remote_namespace = "team-shared"
    server = {
      ca_provider = { type = "ConfigMap", name = "kube-root-ca.crt", key = "ca.crt", namespace = "team-shared" }
    }
    auth = {
      service_account = { name = "shared-reader", namespace = "team-shared" }
    }
  }
}
