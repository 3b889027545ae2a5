terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

# The connection arguments and environment variables of the kubernetes provider. Without any, KUBECONFIG counts.
provider "airm" {
  config_path    = "~/.kube/config"
  config_context = "production"
}
