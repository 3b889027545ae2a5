# Three secrets for two projects, from a backend that replaces your Vault: a namespace whose Secrets
# External Secrets Operator reads. `make demo` applies this to projects that it creates. For
# projects of your own (on a platform with AIRM, create them in AIRM, never by a label):
#
#   kubectl apply -f backend.yaml
#   terraform apply -var 'projects=["my-project"]'

terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

# Connects like kubectl: KUBECONFIG, or the arguments of the kubernetes provider.
provider "airm" {
  project_selector = var.project_selector
}

resource "airm_provider_store" "backend" {
  name             = "airm-quickstart"
  allowed_projects = var.projects

  kubernetes = {
    remote_namespace = "airm-quickstart"
    server = {
      ca_provider = {
        type      = "ConfigMap"
        name      = "kube-root-ca.crt"
        key       = "ca.crt"
        namespace = "airm-quickstart"
      }
    }
    auth = {
      service_account = {
        name      = "reader"
        namespace = "airm-quickstart"
      }
    }
  }
}

# The same token for every project. A change in the backend arrives within five seconds. Use such an
# interval for a demo only: in clusters with AIRM's agent, each refresh sends messages to AIRM, so
# use minutes there.
resource "airm_project_secret" "hugging_face" {
  for_each = var.projects

  project          = each.key
  name             = "hugging-face"
  use_case         = "HuggingFace"
  store            = { name = airm_provider_store.backend.name }
  refresh_interval = "5s"

  data = {
    token = { key = "hugging-face", property = "token" }
  }
}

# Two values in one Secret of the type that kubelet uses to pull images. ESO renders the template in
# the cluster.
resource "airm_project_secret" "registry" {
  project          = sort(var.projects)[0]
  name             = "registry"
  use_case         = "ImagePullSecret"
  store            = { name = airm_provider_store.backend.name }
  refresh_interval = "1h"

  data = {
    username = { key = "registry", property = "username" }
    password = { key = "registry", property = "password" }
  }

  target = {
    template = {
      type = "kubernetes.io/dockerconfigjson"
      data = {
        ".dockerconfigjson" = <<-EOT
          {"auths": {"registry.example.com": {"username": {{ .username | toJson }}, "password": {{ .password | toJson }}}}}
        EOT
      }
    }
  }
}

# An existing ExternalSecret, as YAML.
resource "airm_project_secret" "database" {
  project  = sort(var.projects)[0]
  name     = "database"
  use_case = "Database"
  manifest = file("${path.module}/database.yaml")

  depends_on = [airm_provider_store.backend]
}
