terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

# { project = "team-a", name = "db", clusters = null }
output "parts" {
  value = provider::airm::parse_id("team-a/db")
}

# ["east", "west"]
output "clusters" {
  value = provider::airm::parse_id("vault@east,west").clusters
}
