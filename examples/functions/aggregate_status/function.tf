terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

# "PartiallySynced"
output "status" {
  value = provider::airm::aggregate_status(["Synced", "Pending"], false)
}
