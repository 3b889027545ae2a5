# For all projects: Secrets of the namespace "shared", which each project reads as a ServiceAccount of its own.
resource "airm_provider_store" "shared" {
  name = "shared"

  kubernetes = {
    remote_namespace = "shared"
    server = {
      ca_provider = {
        type      = "ConfigMap"
        name      = "kube-root-ca.crt"
        key       = "ca.crt"
        namespace = "default"
      }
    }
    auth = {
      service_account = { name = "secret-reader" }
    }
  }
}

# For one project: fixed values, to try something out.
resource "airm_provider_store" "playground" {
  project = "team-a"
  name    = "playground"

  fake = {
    data = [{ key = "greeting", value = "hello" }]
  }
}

# Any other backend, in the words of External Secrets Operator. Here each of two projects brings its own Vault token.
resource "airm_provider_store" "vault" {
  name             = "vault-by-token"
  allowed_projects = ["team-a", "team-b"]

  other = jsonencode({
    vault = {
      server  = "https://vault.example.com"
      path    = "secret"
      version = "v2"
      auth    = { tokenSecretRef = { name = "vault-token", key = "token" } }
    }
  })
}
