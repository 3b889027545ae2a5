# Reads Secrets of the namespace "shared" in the same cluster, as the ServiceAccount "shared-reader".
resource "airm_provider_store" "shared" {
  name             = "shared"
  allowed_projects = ["team-a"]

  kubernetes = {
    remote_namespace = "shared"
    server = {
      ca_provider = { type = "ConfigMap", name = "kube-root-ca.crt", key = "ca.crt", namespace = "shared" }
    }
    auth = {
      service_account = { name = "shared-reader", namespace = "shared" }
    }
  }
}
