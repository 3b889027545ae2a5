terraform {
  required_providers {
    airm = {
      source = "amd-enterprise-ai/airm"
    }
  }
}

locals {
  database = provider::airm::parse_manifest(<<-YAML
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      namespace: team-a
      name: database
    spec:
      refreshInterval: 1h
      secretStoreRef: { kind: ClusterSecretStore, name: vault }
      data:
        - secretKey: password
          remoteRef: { key: ai/database, property: password }
  YAML
  )
}

# The same secret in every project, with one more key.
resource "airm_project_secret" "database" {
  for_each = toset(["team-a", "team-b"])

  project          = each.key
  name             = local.database.name
  store            = local.database.store
  refresh_interval = local.database.refresh_interval
  data             = merge(local.database.data, { user = { key = "ai/database", property = "username" } })
}
